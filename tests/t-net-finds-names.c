/* SPDX-License-Identifier: MIT */
/* Proves: names and numbers are found as libc finds them, those of this machine
 * too; what cannot be found, and what cannot be asked, is said in words of our
 * own; numbers need no time, no OS thread and no green thread. */

#include "tap.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <green.h>

#define NAMES 20

static const struct addrinfo stream = { .ai_socktype = SOCK_STREAM };

/* Both lists have the same addresses in the same order. */
static int
equal(const struct addrinfo *a, const struct addrinfo *b)
{
	for (; a && b; a = a->ai_next, b = b->ai_next)
		if (a->ai_family != b->ai_family ||
		    a->ai_socktype != b->ai_socktype ||
		    a->ai_addrlen != b->ai_addrlen ||
		    memcmp(a->ai_addr, b->ai_addr, a->ai_addrlen))
			return 0;
	return !a && !b;
}

static void
as_libc_does(const char *node, const char *service)
{
	struct addrinfo *ours = NULL, *theirs = NULL;
	int known = !getaddrinfo(node, service, &stream, &theirs);
	int error = green_getaddrinfo(node, service, &stream, &ours,
				      GREEN_NEVER);

	ok(known ? !error && equal(ours, theirs) : error < 0 && !ours,
	   "%s %s: as libc says", node, service);
	green_freeaddrinfo(ours);
	if (known)
		freeaddrinfo(theirs);
}

static void
hosts(void)
{
	FILE *file = fopen("/etc/hosts", "re");
	char line[512], name[256];
	int n = 0;

	while (file && n < NAMES && fgets(line, sizeof(line), file))
		if (sscanf(line, " %*[0-9a-fA-F.:] %255s", name) == 1 && ++n)
			as_libc_does(name, "80");
	if (file)
		fclose(file);
	printf("# %d names of /etc/hosts\n", n);
}

static void
numbers(void)
{
	struct addrinfo *list = NULL;
	struct sockaddr_in *in;

	is(green_getaddrinfo("192.0.2.7", "8080", &stream, &list, 0), 0,
	   "numbers need no time");
	in = (struct sockaddr_in *)(void *)list->ai_addr;
	is(ntohl(in->sin_addr.s_addr), 0xc0000207, "the address");
	is(ntohs(in->sin_port), 8080, "the port");
	ok(!list->ai_next, "one of them");
	green_freeaddrinfo(list);
	is(green_getaddrinfo("2001:db8::1", NULL, NULL, &list, 0), 0, "IPv6");
	is(list->ai_family, AF_INET6, "its family");
	green_freeaddrinfo(list);
	is(green_getaddrinfo(NULL, "80", &stream, &list, 1), 0, "no node");
	green_freeaddrinfo(list);
	green_freeaddrinfo(NULL);
}

/* Whatever is configured for names, none of these is one. */
static void
no_names(void)
{
	struct addrinfo hints = stream, *list = NULL;
	int error;

	setenv("RES_OPTIONS", "timeout:1 attempts:1", 1);
	error = green_getaddrinfo("no..name", "80", &stream, &list,
				  GREEN_NEVER);
	ok(error == GREEN_EAI_NONAME || error == GREEN_EAI_FAIL ||
		   error == GREEN_EAI_AGAIN,
	   "no name: %s", green_strerror(error));
	hints.ai_flags = AI_NUMERICHOST;
	is(green_getaddrinfo("localhost", "80", &hints, &list, GREEN_NEVER),
	   GREEN_EAI_NONAME, "a name where a number is wanted");
	is(green_getaddrinfo("localhost", "no service", &stream, &list,
			     GREEN_NEVER),
	   GREEN_EAI_SERVICE, "no service");
	hints = stream;
	hints.ai_socktype = 4711;
	is(green_getaddrinfo("localhost", "80", &hints, &list, GREEN_NEVER),
	   GREEN_EAI_SOCKTYPE, "no socket type");
	hints = stream;
	hints.ai_family = 4711;
	is(green_getaddrinfo("127.0.0.1", "80", &hints, &list, 0),
	   GREEN_EAI_FAMILY, "no family");
	hints = stream;
	hints.ai_flags = 1 << 30;
	is(green_getaddrinfo("127.0.0.1", "80", &hints, &list, 0),
	   GREEN_EAI_BADFLAGS, "no flags");
	ok(!list, "nothing was stored");
}

static void
bad_input(void)
{
	struct sockaddr_storage addr = { .ss_family = AF_INET };
	struct addrinfo *list;

	is(green_getaddrinfo(NULL, NULL, NULL, &list, 0), -EINVAL, "nothing");
	is(green_getaddrinfo("::1", NULL, NULL, NULL, 0), -EINVAL, "no place");
	is(green_getaddrinfo("::1", NULL, NULL, &list, -1), -EINVAL,
	   "a negative deadline");
	is(green_getaddrinfo("localhost", "1", NULL, &list, 0), -EAGAIN,
	   "a name needs time");
	is(green_getaddrinfo("localhost", "1", NULL, &list, 1), -ETIMEDOUT,
	   "and there was none");
	is(green_getnameinfo(NULL, 0, NULL, 0, NULL, 0, 0, 0), -EINVAL,
	   "no address");
	is(green_getnameinfo((struct sockaddr *)&addr, sizeof(addr) + 1, NULL,
			     0, NULL, 0, 0, 0),
	   GREEN_EAI_FAMILY, "a large one");
	is(green_getnameinfo((struct sockaddr *)&addr, sizeof(addr), NULL, 0,
			     NULL, 0, 0, -1),
	   -EINVAL, "a negative deadline");
}

static void
addresses(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(8080) };
	struct sockaddr *addr = (struct sockaddr *)&in;
	char host[NI_MAXHOST] = "?", service[NI_MAXSERV] = "?", libcs[100];

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	is(green_getnameinfo(addr, sizeof(in), host, sizeof(host), service,
			     sizeof(service), NI_NUMERICHOST | NI_NUMERICSERV,
			     0),
	   0, "numbers");
	ok(!strcmp(host, "127.0.0.1") && !strcmp(service, "8080"), "%s %s",
	   host, service);
	is(green_getnameinfo(addr, sizeof(in), host, sizeof(host), NULL, 0, 0,
			     0),
	   -EAGAIN, "a name needs time");
	is(green_getnameinfo(addr, sizeof(in), host, 4, NULL, 0, NI_NUMERICHOST,
			     GREEN_NEVER),
	   GREEN_EAI_OVERFLOW, "no room");
	is(green_getnameinfo(addr, 3, host, sizeof(host), NULL, 0, 0,
			     GREEN_NEVER),
	   GREEN_EAI_FAMILY, "half an address");
	ok(!strcmp(host, "127.0.0.1"), "it is as it was");
	is(green_getnameinfo(addr, sizeof(in), host, sizeof(host), NULL, 0, 0,
			     GREEN_NEVER),
	   getnameinfo(addr, sizeof(in), libcs, sizeof(libcs), NULL, 0, 0),
	   "a name");
	ok(!strcmp(host, libcs), "%s", host);
}

static void *
cancelled(void *arg)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct addrinfo *list;

	green_cancel(green_self());
	is(green_getaddrinfo("::1", NULL, NULL, &list, 0), -ECANCELED,
	   "a cancelled one asks nothing");
	is(green_getnameinfo((struct sockaddr *)&in, sizeof(in), NULL, 0, NULL,
			     0, 0, 0),
	   -ECANCELED, "nor this");
	return arg;
}

int
main(void)
{
	green_t id;

	numbers();
	bad_input();
	as_libc_does("localhost", "http"); /* a pthread */
	green_spawn(&id, NULL, cancelled, NULL);
	green_join(id, NULL, GREEN_NEVER);
	as_libc_does("localhost", "80");
	as_libc_does("127.0.0.1", "http");
	as_libc_does("::1%1", "80");
	hosts();
	addresses();
	no_names();
	return tap_done();
}
