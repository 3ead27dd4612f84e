/* SPDX-License-Identifier: MIT */
/*
 * The load of the rows of I/O: one OS thread with one epoll, which has one
 * request under way on each of its connections to a server on the loopback.
 *
 *	load ROW CONNECTIONS COUNT PORT PROCESS...
 *
 *	echo	COUNT requests of 64 bytes, after a warm-up of a tenth in which
 *		each connection has its turn
 *	http	the same, with a GET of /small.html
 *	burst	all connections begin before any is waited for; each has one
 *		request answered
 *	idle-echo, idle-http
 *		memory of the server per connection that has had an answer, and
 *		waits
 *
 * PROCESS... are those of the server: their CPU time between the first and the
 * last answer, by the kernel's clocks of processes, and their memory. Each
 * answer is compared with what it must be. Connections end with RST: nothing
 * is left of them on the ports.
 */

#include "config.h"

#include <sys/epoll.h>

#include "client.h"
#include "memory.h"

#define EVENTS 256
#define BURST_SECONDS 20

static struct arguments args;
static char **processes; /* NULL at the end */
static int poller;

static double
wall_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Nanoseconds of CPU of the server; below 0 where the system does not tell. */
static double
server_cpu(void)
{
	struct timespec t;
	clockid_t clock;
	double sum = 0;
	char **p;

	for (p = processes; *p; p++) {
		if (clock_getcpuclockid((pid_t)atol(*p), &clock) ||
		    clock_gettime(clock, &t))
			return -1;
		sum += (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
	}
	return sum;
}

static double
server_memory(void)
{
	struct memory m;
	double sum = 0;
	char **p;

	for (p = processes; *p; p++) {
		memory_read_of(&m, *p);
		sum += m.rss + m.page_tables;
	}
	return sum;
}

static void
watch(struct connection *c, int op, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = c };

	if (epoll_ctl(poller, op, c->fd, &e))
		give_up("could not watch", errno);
}

static void
connect_all(void)
{
	long i;

	for (i = 0; i < args.threads; i++) {
		if (begin(&connections[i], 0))
			give_up("could not connect", i);
		watch(&connections[i], EPOLL_CTL_ADD, EPOLLIN);
	}
}

/* Until so many are answered; each answer brings the next request if asked. */
static void
exchange(long until, int again)
{
	struct epoll_event events[EVENTS];
	struct connection *c;
	int i, n, got;

	while (answered < until) {
		n = epoll_wait(poller, events, EVENTS, -1);
		for (i = 0; i < n; i++) {
			c = events[i].data.ptr;
			got = receive(c);
			if (got < 0)
				give_up("a connection is lost", c->fd);
			if (got && again)
				request(c);
		}
	}
}

static void
run_requests(void)
{
	long i, first = args.count / 10, all;
	double cpu, wall;

	if (first < 2 * args.threads)
		first = 2 * args.threads;
	connect_all();
	for (i = 0; i < args.threads; i++)
		request(&connections[i]);
	exchange(first, 1);
	first = answered;
	cpu = server_cpu();
	wall = wall_now();
	exchange(first + args.count, 1);
	all = answered - first;
	wall = wall_now() - wall;
	say_begin("load", &args);
	if (cpu >= 0)
		say("ns", (server_cpu() - cpu) / (double)all);
	say("per_second", (double)all / wall * 1e9);
	say("requests", (double)answered);
}

/* A server makes room for many at once: the first ones do not count, so that
 * what it needs for itself does not, either. */
static void
run_idle(void)
{
	long i, some = args.threads / 100;
	double before = 0, after;

	for (i = 0; i < args.threads + some; i++) {
		if (i == some)
			before = server_memory();
		if (begin(&connections[i], 0))
			give_up("could not connect", i);
		watch(&connections[i], EPOLL_CTL_ADD, EPOLLIN);
		request(&connections[i]);
		exchange(i + 1, 0);
	}
	after = server_memory();
	for (i = 0; i < args.threads + some; i++)
		request(&connections[i]);
	exchange(2 * (args.threads + some), 0);
	say_begin("load", &args);
	say("bytes", (after - before) / (double)args.threads);
}

/* What has come to a connection of a burst: 0 when it is done for. */
static int
burst_event(struct connection *c, uint32_t events)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (events & EPOLLIN)
		return receive(c) >= 0;
	getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error)
		return 0;
	watch(c, EPOLL_CTL_MOD, EPOLLIN);
	request(c);
	return 1;
}

/* SYNs and others that were sent again, because the server's queue was full. */
static double
resent(void)
{
	struct tcp_info info;
	socklen_t size;
	double sum = 0;
	long i;

	for (i = 0; i < args.threads; i++) {
		size = sizeof(info);
		if (!getsockopt(connections[i].fd, IPPROTO_TCP, TCP_INFO, &info,
				&size))
			sum += info.tcpi_total_retrans;
	}
	return sum;
}

static void
run_burst(void)
{
	struct epoll_event events[EVENTS];
	double start = wall_now(), last = start, cpu = server_cpu();
	struct connection *c;
	long i, n, failed = 0;

	for (i = 0; i < args.threads; i++) {
		c = &connections[i];
		if (begin(c, SOCK_NONBLOCK) && errno != EINPROGRESS)
			give_up("could not connect", errno);
		watch(c, EPOLL_CTL_ADD, EPOLLOUT);
	}
	while (answered + failed < args.threads &&
	       (n = epoll_wait(poller, events, EVENTS, BURST_SECONDS * 1000)) >
		       0) {
		for (i = 0; i < n; i++) {
			c = events[i].data.ptr;
			if (burst_event(c, events[i].events))
				continue;
			failed++;
			epoll_ctl(poller, EPOLL_CTL_DEL, c->fd, NULL);
		}
		last = wall_now();
	}
	say_begin("load", &args);
	say("lost", (double)(args.threads - answered));
	say("failed", (double)failed);
	say("resent", resent());
	if (cpu >= 0)
		say("ns", (server_cpu() - cpu) / (double)args.threads);
	say("ms", (last - start) / 1e6);
}

int
main(int argc, char **argv)
{
	args = arguments_read(argc, argv);
	if (argc < 5)
		give_up("no port", argc);
	processes = argv + 5;
	server.sin_family = AF_INET;
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server.sin_port = htons((uint16_t)atoi(argv[4]));
	http = strstr(args.row, "http") != NULL;
	connections = calloc((size_t)args.threads * 2, sizeof(*connections));
	poller = epoll_create1(EPOLL_CLOEXEC);
	if (!connections || poller < 0)
		give_up("could not begin", errno);
	take_sample();
	if (!strcmp(args.row, "echo") || !strcmp(args.row, "http"))
		run_requests();
	else if (!strncmp(args.row, "idle-", 5))
		run_idle();
	else if (!strcmp(args.row, "burst"))
		run_burst();
	else
		give_up("no such row", 0);
	say_end();
	return 0;
}
