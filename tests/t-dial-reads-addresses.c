/* SPDX-License-Identifier: MIT */
/* Proves: addresses are read from text and written as text, the same way back;
 * what is none is refused, and nothing is written where it does not fit. */

#include "tap.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/un.h>

#include <green.h>

union any {
	struct sockaddr addr;
	struct sockaddr_un un;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* Both ways. */
static void
same(const char *text, uint64_t flags, const char *want)
{
	union any a;
	char got[GREEN_NET_NAME_MAX] = "?";
	int len = green_net_addr(text, flags, &a.addr, sizeof(a), 0);

	ok(len > 0, "%s: read: %d", text, len);
	is(green_net_name(&a.addr, (size_t)len, got, sizeof(got)), 0,
	   "%s: written", text);
	ok(!strcmp(got, want), "%s is %s", text, got);
}

static void
refused(const char *text, uint64_t flags, int want)
{
	union any a;

	is(green_net_addr(text, flags, &a.addr, sizeof(a), GREEN_NEVER), want,
	   "\"%s\" is none", text ? text : "NULL");
}

static void
reads(void)
{
	char longest[5 + 107 + 1] = "unix:", host[300];

	same("192.0.2.1:80", 0, "192.0.2.1:80");
	same("[192.0.2.1]:65535", GREEN_NET_IPV4, "192.0.2.1:65535");
	same("[2001:db8::1]:80", 0, "[2001:db8::1]:80");
	same("[2001:DB8:0::1]:080", GREEN_NET_IPV6, "[2001:db8::1]:80");
	same("[::]:0", GREEN_NET_DATAGRAM, "[::]:0");
	same(":7", GREEN_NET_IPV4, "127.0.0.1:7");
	same(":7", GREEN_NET_IPV6, "[::1]:7");
	same("unix:/run/x", 0, "unix:/run/x");
	same("unix:x", GREEN_NET_DATAGRAM, "unix:x");
	same("unix:@x:y", 0, "unix:@x:y");
	memset(longest + 5, 'p', 107);
	same(longest, 0, longest);

	refused(NULL, 0, -EINVAL);
	refused("", 0, -EINVAL);
	refused("192.0.2.1", 0, -EINVAL);
	refused("192.0.2.1:", 0, -EINVAL);
	refused("192.0.2.1:65536", 0, -EINVAL);
	refused("192.0.2.1:4294967376", 0, -EINVAL);
	refused("::1:80", 0, -EINVAL);
	refused("[::1]80", 0, -EINVAL);
	refused("[::1", 0, -EINVAL);
	refused("[]:80", 0, -EINVAL);
	refused("unix:", 0, -EINVAL);
	refused(":80", 1 << 20, -EINVAL);
	refused(":80", GREEN_NET_SHARED, -EINVAL);
	refused(":80", GREEN_NET_IPV4 | GREEN_NET_IPV6, -EINVAL);
	refused("[::1]:80", GREEN_NET_IPV4, GREEN_EAI_NONAME);
	memset(host, 'h', sizeof(host));
	memcpy(host + sizeof(host) - 4, ":80", 4);
	refused(host, 0, -ENAMETOOLONG);
	memcpy(host, "unix:/", 6);
	refused(host, 0, -ENAMETOOLONG);
}

static void
bad_input(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "ab" };
	struct sockaddr other = { .sa_family = AF_APPLETALK };
	char buf[12] = "unchanged";
	int fds[2];

	is(green_net_addr(":7", 0, NULL, 99, 0), -EINVAL, "no address");
	is(green_net_addr(":7", GREEN_NET_IPV4, (void *)&in, sizeof(in) - 1, 0),
	   -ENOSPC, "no room");
	is(green_net_addr(":7", 0, (void *)&in, sizeof(in), -1), -EINVAL,
	   "negative");
	is(green_net_name((void *)&in, sizeof(in), NULL, 9), -EINVAL, "NULL");
	is(green_net_name(NULL, sizeof(in), buf, 9), -EINVAL, "NULL");
	is(green_net_name((void *)&in, 1, buf, 9), -EINVAL, "cut off");
	is(green_net_name((void *)&in, 8, buf, 9), -EINVAL, "cut off later");
	is(green_net_name((void *)&un, sizeof(un) + 1, buf, 9), -EINVAL,
	   "too long");
	is(green_net_name(&other, sizeof(other), buf, 9), -EAFNOSUPPORT,
	   "another family");
	is(green_net_name((void *)&in, sizeof(in), buf, 9), -ENOSPC,
	   "no room for it");
	ok(!strcmp(buf, "unchanged"), "and nothing was written");
	is(green_net_name((void *)&in, sizeof(in), buf, 10), 0, "just enough");
	ok(!strcmp(buf, "0.0.0.0:0"), "is %s", buf);
	is(green_net_name((void *)&un, sizeof(un), buf, sizeof(buf)), 0,
	   "zeros behind a path");
	ok(!strcmp(buf, "unix:ab"), "are not shown");
	is(green_net_local(-1, buf, sizeof(buf)), -EBADF, "no descriptor");
	is(green_net_peer(0, buf, sizeof(buf)), -ENOTSOCK, "no socket");
	green_socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	is(green_net_peer(fds[0], buf, sizeof(buf)), 0, "without a name");
	ok(!strcmp(buf, "unix:"), "is %s", buf);
	green_close(fds[0]);
	green_close(fds[1]);
}

int
main(void)
{
	if (dup2(open("/dev/null", O_RDONLY), 0) != 0)
		ok(0, "/dev/null");
	reads();
	bad_input();
	return tap_done();
}
