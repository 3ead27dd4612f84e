/* SPDX-License-Identifier: MIT */
/*
 * A TCP proxy: what comes in on its port goes to another server, and what that
 * answers goes back.
 *
 *	proxy [OPTION]... example.org:80
 *
 *	          upwards
 *	client ------------> server	two green threads per connection, one
 *	       <------------		for each direction
 *	         downwards
 *
 * Both are in one scope. When one fails, by an error or because nothing has
 * moved for too long, the scope cancels the other. The end of what one side
 * sends is no failure: it is passed on, and the other direction goes on.
 *
 * A stop gives the connections some time to end by themselves (serve.c).
 */

#define _GNU_SOURCE
#include "serve.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <green.h>

#define PIECE 65536

/* The command line; only read once serving has begun. */
static const char *target;
static int64_t idle_time = 60 * GREEN_SECOND;
static int64_t connect_time = 10 * GREEN_SECOND;

/* A connection. In a runtime its two threads may be on two workers. */
struct pair {
	int client, server;
	struct green_scope *scope;
	_Atomic int64_t moved; /* when bytes last went either way */
};

/* ---- one direction ----------------------------------------------------- */

/* A direction may be silent as long as the other one is not: its time-out
 * begins anew with each byte of the other. */
static ssize_t
receive(struct pair *p, int fd, char *piece)
{
	int64_t deadline;
	ssize_t n;

	do {
		deadline = p->moved + idle_time;
		n = green_recv(fd, piece, PIECE, 0, deadline);
	} while (n == -ETIMEDOUT && p->moved + idle_time > deadline);
	return n;
}

static int
send_all(struct pair *p, int fd, const char *piece, size_t n)
{
	ssize_t sent;

	while (n > 0) {
		sent = green_send(fd, piece, n, 0, green_after(idle_time));
		if (sent < 0)
			return (int)sent;
		p->moved = green_now();
		piece += sent;
		n -= (size_t)sent;
	}
	return 0;
}

/* Until the end of what one side sends, or a failure of both. */
static void
carry(struct pair *p, int from, int to)
{
	char *piece = malloc(PIECE);
	int error = piece ? 0 : -ENOMEM;
	ssize_t n = 1;

	while (error == 0 && n > 0) {
		n = receive(p, from, piece);
		if (n > 0)
			error = send_all(p, to, piece, (size_t)n);
		else
			error = n < 0 ? (int)n : green_shutdown(to, SHUT_WR);
	}
	free(piece);
	if (error < 0)
		green_scope_fail(p->scope, error);
}

static void *
carry_down(void *arg)
{
	struct pair *p = arg;

	carry(p, p->server, p->client);
	return NULL;
}

/* ---- a connection ------------------------------------------------------ */

/* Entering the scope makes the calling thread one of those that it cancels. */
static void
carry_both(struct pair *p)
{
	struct green_scope_attr attr = { .size = sizeof(attr),
					 .flags = GREEN_SCOPE_FAIL_CANCELS };

	if (green_scope_create(&p->scope, &attr) < 0)
		return;
	if (green_scope_spawn(p->scope, NULL, NULL, carry_down, p) == 0 &&
	    green_scope_enter(p->scope) == 0) {
		carry(p, p->client, p->server);
		green_scope_leave(p->scope);
		green_scope_wait(p->scope, GREEN_NEVER);
	}
	green_scope_destroy(p->scope);
}

static void
talk(struct peer *peer, int fd)
{
	struct pair p = { .client = fd, .moved = green_now() };

	(void)peer;
	p.server = green_dial(target, NULL, green_after(connect_time));
	if (p.server < 0) {
		if (p.server != -ECANCELED)
			complain("cannot reach the server", p.server);
		return;
	}
	p.moved = green_now();
	carry_both(&p);
	green_close(p.server);
}

/* ---- the program ------------------------------------------------------- */

static const char help[] =
	"Usage: proxy [OPTION]... ADDRESS\n"
	"Pass TCP connections on to an address such as example.org:80, or to "
	"a\n"
	"UNIX socket, such as unix:/run/server.\n"
	"\n"
	"  --address=ADDRESS     listen on this one (127.0.0.1)\n"
	"  --port=N              and this port (0: any that is free)\n"
	"  --workers=N           OS threads (1)\n"
	"  --connections=N       at most so many at a time (10000)\n"
	"  --idle-time=S         seconds in which nothing moves (60)\n"
	"  --connect-time=S      seconds to reach the server (10)\n"
	"  --grace=S             seconds to end in, after SIGTERM (10)\n";

static const struct option names[] = {
	{ "address", required_argument, NULL, 'a' },
	{ "port", required_argument, NULL, 'p' },
	{ "workers", required_argument, NULL, 'w' },
	{ "connections", required_argument, NULL, 'c' },
	{ "idle-time", required_argument, NULL, 'i' },
	{ "connect-time", required_argument, NULL, 't' },
	{ "grace", required_argument, NULL, 'g' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* A number above 0, as large as the program can use; exits if it is none. */
static double
positive(const char *text, double most)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value > 0 && value <= most)) {
		fprintf(stderr, "proxy: '%s' is no value for this option\n",
			text);
		exit(2);
	}
	return value;
}

static int64_t
seconds(const char *text)
{
	return (int64_t)(positive(text, 1e9) * GREEN_SECOND);
}

static void
set(struct service *service, int option, const char *value)
{
	switch (option) {
	case 'a':
		service->address = value;
		break;
	case 'p':
		service->port = value;
		break;
	case 'w':
		service->workers = (unsigned)positive(value, GREEN_WORKERS_MAX);
		break;
	case 'c':
		service->connections = (unsigned)positive(value, 1e7);
		break;
	case 'i':
		idle_time = seconds(value);
		break;
	case 't':
		connect_time = seconds(value);
		break;
	case 'g':
		service->grace = seconds(value);
		break;
	}
}

int
main(int argc, char **argv)
{
	struct service service = { .name = "proxy",
				   .address = "127.0.0.1",
				   .port = "0",
				   .scheme = "",
				   .workers = 1,
				   .connections = 10000,
				   .grace = 10 * GREEN_SECOND,
				   .talk = talk };
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (option == 'h' || option == '?') {
			fputs(help, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
		set(&service, option, optarg);
	}
	if (optind + 1 != argc) {
		fputs(help, stderr);
		return 2;
	}
	target = argv[optind];
	return serve(&service);
}
