/* SPDX-License-Identifier: MIT */
/* Proves: whoever dials an address meets the one that listens there, over TCP,
 * UDP and UNIX sockets, with the options that the manual promises; what cannot
 * be had is an error and leaves no descriptor behind; the file of a UNIX socket
 * is replaced only if no socket is behind it. */

#include "tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <green.h>

static char folder[] = "/tmp/t-dial-XXXXXX";

static int
open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static int
option(int fd, int level, int name)
{
	int value = -1;
	socklen_t size = sizeof(value);

	getsockopt(fd, level, name, &value, &size);
	return value;
}

/* The same address with another end. */
static const char *
beside(const char *name)
{
	static char text[GREEN_NET_NAME_MAX];

	snprintf(text, sizeof(text), "unix:%s/%s", folder, name);
	return text;
}

/* ---- streams ------------------------------------------------------------- */

static bool
says(int from, int to)
{
	char c = 0;

	return green_send(from, "x", 1, 0, GREEN_NEVER) == 1 &&
	       green_recv(to, &c, 1, 0, GREEN_NEVER) == 1 && c == 'x';
}

/* Two ends of a connection to an address, or of none if it cannot be had. */
static int
stream(const char *address, const struct green_dial_attr *attr, int ends[2])
{
	char own[GREEN_NET_NAME_MAX] = "", peer[GREEN_NET_NAME_MAX] = "?";
	int fd = green_listen(address, NULL, GREEN_NEVER);

	if (fd < 0)
		return fd;
	is(green_net_local(fd, own, sizeof(own)), 0, "%s: listens", own);
	ends[0] = green_dial(own, attr, GREEN_NEVER);
	ok(ends[0] >= 0, "%s: dials %s: %d", address, own, ends[0]);
	ends[1] = green_accept(fd, NULL, NULL, GREEN_NEVER);
	is(green_net_peer(ends[0], peer, sizeof(peer)), 0, "%s: has a peer",
	   peer);
	ok(says(ends[0], ends[1]) && says(ends[1], ends[0]), "%s: they speak",
	   address);
	green_close(fd);
	return 0;
}

static void
hang_up(int ends[2])
{
	is(green_close(ends[0]), 0, "hang up");
	is(green_close(ends[1]), 0, "on both ends");
}

static void
tcp(void)
{
	struct green_dial_attr slow = { .size = sizeof(slow),
					.flags = GREEN_NET_DELAY };
	struct green_dial_attr from = { .size = sizeof(from),
					.local = "127.0.0.3:0" };
	char name[GREEN_NET_NAME_MAX];
	int ends[2];

	is(stream("127.0.0.1:0", NULL, ends), 0, "TCP");
	is(option(ends[0], IPPROTO_TCP, TCP_NODELAY), 1, "no delay");
	is(option(ends[1], IPPROTO_TCP, TCP_NODELAY), 1, "on either end");
	hang_up(ends);
	is(stream("127.0.0.1:0", &slow, ends), 0, "TCP with delay");
	is(option(ends[0], IPPROTO_TCP, TCP_NODELAY), 0, "as asked for");
	hang_up(ends);
	is(stream("127.0.0.2:0", &from, ends), 0, "from an address");
	green_net_peer(ends[1], name, sizeof(name));
	ok(!strncmp(name, "127.0.0.3:", 10), "which is %s", name);
	hang_up(ends);
	if (stream("[::1]:0", NULL, ends) == 0)
		hang_up(ends);
	else
		skip("TCP over IPv6", "not here");
}

/* Without a host: whichever family one comes from. */
static void
any_host(void)
{
	int fd = green_listen(":0", NULL, GREEN_NEVER), v6, v4;
	char name[GREEN_NET_NAME_MAX], text[GREEN_NET_NAME_MAX + 16];
	const char *port;

	green_net_local(fd, name, sizeof(name));
	ok(fd >= 0, "all addresses: %s", name);
	port = strrchr(name, ':');
	snprintf(text, sizeof(text), "127.0.0.1%s", port);
	v4 = green_dial(text, NULL, GREEN_NEVER);
	ok(v4 >= 0, "dials %s: %d", text, v4);
	green_close(v4);
	v4 = green_dial(port, NULL, GREEN_NEVER);
	ok(v4 >= 0, "dials %s: %d", port, v4);
	green_close(v4);
	snprintf(text, sizeof(text), "[::1]%s", port);
	v6 = *name == '[' ? green_dial(text, NULL, GREEN_NEVER) : -1;
	if (v6 >= 0 || *name == '[')
		ok(v6 >= 0, "dials %s: %d", text, v6);
	else
		skip("dials IPv6", "not here");
	if (v6 >= 0)
		green_close(v6);
	is(green_listen(port, NULL, 0), -EADDRINUSE, "it is taken");
	green_close(fd);
	fd = green_listen(port, NULL, GREEN_NEVER);
	ok(fd >= 0, "and had again, with connections left over: %d", fd);
	green_close(fd);
}

/* Sockets of both families can have the same port, and so can two that share
 * it. */
static void
ports(void)
{
	struct green_listen_attr shared = { .size = sizeof(shared),
					    .flags = GREEN_NET_SHARED,
					    .backlog = 3 };
	char name[GREEN_NET_NAME_MAX], text[GREEN_NET_NAME_MAX + 16];
	int one = green_listen("0.0.0.0:0", &shared, GREEN_NEVER), two;

	green_net_local(one, name, sizeof(name));
	two = green_listen(name, &shared, GREEN_NEVER);
	ok(one >= 0 && two >= 0, "shared: %s", name);
	green_close(two);
	snprintf(text, sizeof(text), "[::]%s", strrchr(name, ':'));
	two = green_listen(text, NULL, GREEN_NEVER);
	if (two == -EAFNOSUPPORT || two == -EADDRNOTAVAIL)
		skip("beside IPv4", "no IPv6 here");
	else
		ok(two >= 0, "%s beside %s: %d", text, name, two);
	if (two >= 0)
		green_close(two);
	green_close(one);
}

/* ---- datagrams ----------------------------------------------------------- */

static void
datagrams(const char *address)
{
	struct green_listen_attr at = { .size = sizeof(at),
					.flags = GREEN_NET_DATAGRAM };
	struct green_dial_attr to = { .size = sizeof(to),
				      .flags = GREEN_NET_DATAGRAM };
	/* A sender without a name leaves it as it is. */
	struct sockaddr_storage addr = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(addr);
	char name[GREEN_NET_NAME_MAX], c = 0;
	int server = green_listen(address, &at, GREEN_NEVER), client;

	is(green_net_local(server, name, sizeof(name)), 0, "%s", name);
	client = green_dial(name, &to, GREEN_NEVER);
	is(option(client, SOL_SOCKET, SO_TYPE), SOCK_DGRAM, "datagrams");
	is(green_send(client, "a", 1, 0, GREEN_NEVER), 1, "one is sent");
	is(green_recvfrom(server, &c, 1, 0, (void *)&addr, &len, GREEN_NEVER),
	   1, "and comes");
	if (addr.ss_family == AF_INET) {
		is(green_sendto(server, "b", 1, 0, (void *)&addr, len,
				GREEN_NEVER),
		   1, "another goes back");
		is(green_recv(client, &c, 1, 0, GREEN_NEVER), 1, "and comes");
		is(c, 'b', "as it is");
	}
	is(green_listen(name, &at, 0), -EADDRINUSE, "nobody else has it");
	green_close(client);
	/* Not connected: each goes where it is sent. */
	client = green_listen(addr.ss_family == AF_INET ? "127.0.0.1:0"
							: beside("client"),
			      &at, GREEN_NEVER);
	len = (socklen_t)green_net_addr(name, at.flags, (void *)&addr,
					sizeof(addr), 0);
	is(green_sendto(client, "c", 1, 0, (void *)&addr, len, GREEN_NEVER), 1,
	   "one is sent");
	is(green_recv(server, &c, 1, 0, GREEN_NEVER), 1, "and comes");
	green_close(client);
	green_close(server);
}

/* ---- UNIX sockets -------------------------------------------------------- */

/* A file whose socket is gone. */
static void
leave_stale(int type)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type, 0);

	snprintf(un.sun_path, sizeof(un.sun_path), "%s/s", folder);
	is(bind(fd, (void *)&un, sizeof(un)), 0, "a file is left");
	close(fd);
}

static void
stale(void)
{
	struct green_listen_attr at = { .size = sizeof(at),
					.flags = GREEN_NET_DATAGRAM };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct stat st;
	int fd, other;

	leave_stale(SOCK_STREAM);
	fd = green_listen(beside("s"), NULL, 0);
	ok(fd >= 0, "replaced: %d", fd);
	is(green_listen(beside("s"), NULL, 0), -EADDRINUSE, "not if it lives");
	is(green_listen(beside("s"), &at, 0), -EADDRINUSE, "for others, too");
	other = green_dial(beside("s"), NULL, GREEN_NEVER);
	ok(other >= 0, "it was not troubled: %d", other);
	green_close(other);
	green_close(fd);
	fd = green_listen(beside("s"), &at, 0);
	ok(fd >= 0, "replaced by datagrams: %d", fd);
	is(green_listen(beside("s"), NULL, 0), -EADDRINUSE, "not if it lives");
	is(green_listen(beside("s"), &at, 0), -EADDRINUSE, "for its like, too");
	green_close(fd);
	is(unlink(beside("s") + 5), 0, "the file is there");
	/* Bound, and about to listen. */
	snprintf(un.sun_path, sizeof(un.sun_path), "%s/s", folder);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	is(bind(fd, (void *)&un, sizeof(un)), 0, "bound");
	is(green_listen(beside("s"), NULL, 0), -EADDRINUSE, "is alive");
	is(listen(fd, 1), 0, "listens");
	close(fd);
	unlink(un.sun_path);
	close(open(un.sun_path, O_CREAT | O_WRONLY, 0600));
	is(green_listen(beside("s"), NULL, 0), -EADDRINUSE, "no socket's");
	ok(!stat(un.sun_path, &st) && S_ISREG(st.st_mode), "file is touched");
	unlink(un.sun_path);
}

/* The backlog is full: the kernel refuses, and we wait. */
static void *
accepts(void *arg)
{
	for (int i = 0; i < 4; i++)
		green_close(green_accept(*(int *)arg, NULL, NULL, GREEN_NEVER));
	return NULL;
}

static void
full_backlog(void)
{
	struct green_listen_attr one = { .size = sizeof(one), .backlog = 1 };
	int fd = green_listen(beside("full"), &one, 0), fds[5], n = 0;
	green_t id;

	do
		fds[n] = green_dial(beside("full"), NULL, 0);
	while (fds[n] >= 0 && ++n < 4);
	is(fds[n], -EAGAIN, "full with %d", n);
	is(green_dial(beside("full"), NULL, green_after(GREEN_MILLISECOND)),
	   -ETIMEDOUT, "until a deadline");
	green_spawn(&id, NULL, accepts, &fd);
	for (; n < 4; n++)
		fds[n] = green_dial(beside("full"), NULL, GREEN_NEVER);
	ok(fds[2] >= 0 && fds[3] >= 0, "until there is room");
	green_join(id, NULL, GREEN_NEVER);
	while (n--)
		green_close(fds[n]);
	green_close(fd);
}

static void
unix_sockets(void)
{
	char name[64];
	int ends[2];

	is(stream(beside("u"), NULL, ends), 0, "UNIX");
	hang_up(ends);
	is(stream(beside("u"), NULL, ends), 0, "UNIX again");
	hang_up(ends);
	snprintf(name, sizeof(name), "unix:@t-dial-%d", (int)getpid());
	is(stream(name, NULL, ends), 0, "UNIX without a file");
	hang_up(ends);
	stale();
	full_backlog();
	datagrams(beside("d"));
}

/* ---- errors -------------------------------------------------------------- */

static void *
dials_cancelled(void *address)
{
	green_cancel(green_self());
	return (void *)(intptr_t)green_dial(address, NULL, GREEN_NEVER);
}

static void *
listens_cancelled(void *address)
{
	green_cancel(green_self());
	return (void *)(intptr_t)green_listen(address, NULL, GREEN_NEVER);
}

static void
cancelled(green_fn fn, const char *address)
{
	char text[GREEN_NET_NAME_MAX];
	void *value;
	green_t id;

	snprintf(text, sizeof(text), "%s", address);
	green_spawn(&id, NULL, fn, text);
	green_join(id, &value, GREEN_NEVER);
	is((intptr_t)value, -ECANCELED, "cancelled: %s", address);
}

static void
bad_input(void)
{
	struct green_listen_attr l = { .size = sizeof(l) };
	struct green_dial_attr d = { .size = sizeof(d) };
	char name[GREEN_NET_NAME_MAX];
	int fd = green_listen("127.0.0.1:0", NULL, 0);

	is(green_listen(NULL, NULL, 0), -EINVAL, "listen: NULL");
	is(green_listen(":0", NULL, -1), -EINVAL, "listen: negative");
	l.flags = 1 << 20;
	is(green_listen(":0", &l, 0), -EINVAL, "listen: flags");
	l.size = 8;
	is(green_listen(":0", &l, 0), -EINVAL, "listen: size");
	is(green_dial(NULL, NULL, 0), -EINVAL, "dial: NULL");
	is(green_dial(":1", NULL, -1), -EINVAL, "dial: negative");
	d.flags = GREEN_NET_SHARED;
	is(green_dial(":1", &d, 0), -EINVAL, "dial: flags");
	d.flags = 0;
	d.stagger = -1;
	is(green_dial(":1", &d, 0), -EINVAL, "dial: stagger");
	d.stagger = 0;
	d.local = "nothing";
	is(green_dial(":1", &d, 0), -EINVAL, "dial: from nowhere");
	d.local = "[::1]:0";
	is(green_dial("127.0.0.1:1", &d, 0), -EAFNOSUPPORT, "dial: families");
	d.size = 8;
	is(green_dial(":1", &d, 0), -EINVAL, "dial: size");
	green_net_local(fd, name, sizeof(name));
	green_close(fd);
	is(green_dial(name, NULL, GREEN_NEVER), -ECONNREFUSED, "nobody there");
	is(green_dial("unix:/nowhere/at/all", NULL, GREEN_NEVER), -ENOENT,
	   "no such file");
	is(green_listen("192.0.2.1:0", NULL, 0), -EADDRNOTAVAIL, "not ours");
	is(green_listen("unix:/nowhere/at/all", NULL, 0), -ENOENT,
	   "no such folder");
	cancelled(dials_cancelled, name);
	cancelled(dials_cancelled, beside("u"));
	cancelled(listens_cancelled, name);
	cancelled(listens_cancelled, beside("c"));
}

static void
clean_up(void)
{
	static const char *const names[] = { "u", "s", "d", "full", "client" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(beside(names[i]) + 5);
	is(rmdir(folder), 0, "no other file is left");
}

/* The first wait for a descriptor makes the poller's. */
static void *
waits(void *arg)
{
	char c;

	return (void *)(intptr_t)green_read(*(int *)arg, &c, 1, GREEN_NEVER);
}

static void
make_poller(void)
{
	void *value;
	int fds[2];
	green_t id;

	is(green_pipe(fds), 0, "a pipe");
	green_spawn(&id, NULL, waits, &fds[0]);
	green_yield();
	green_close(fds[1]);
	green_join(id, &value, GREEN_NEVER);
	is((intptr_t)value, 0, "of which the end is awaited");
	green_close(fds[0]);
}

int
main(void)
{
	int before;

	if (!mkdtemp(folder))
		ok(0, "a folder");
	make_poller();
	before = open_fds();
	tcp();
	any_host();
	ports();
	datagrams("127.0.0.1:0");
	unix_sockets();
	bad_input();
	is(open_fds(), before, "descriptors that were not closed");
	clean_up();
	return tap_done();
}
