/* SPDX-License-Identifier: MIT */
/*
 * A TCP server: one acceptor, a green thread per connection, a graceful stop.
 *
 *	main ---- runs ---> server ---- accepting ---> acceptor
 *	                       |
 *	                       +------- talking -----> connections, each on the
 *	                                               worker that it was given
 *
 * The names on the arrows are scopes: the acceptor is cancelled first, the
 * connections only when their time is over.
 *
 * One thread accepts for all workers, and deals the connections out in turns.
 * The other way, one SO_REUSEPORT socket per worker, lets the kernel deal by
 * hash: of a few connections most may land on one worker, a limit on all of
 * them would need counting across workers anyway, and closing such a socket
 * resets what waits in its backlog. One acceptor is fast enough until a machine
 * takes some hundred thousand new connections a second.
 *
 * green_serve() does most of this in one call. What it does not know is which
 * connections are idle, which worker should have the next one, and that a
 * second signal is a wish, too.
 *
 * With one worker there is no runtime: main's OS thread does it all, and as
 * long as the process has one OS thread libgreen needs no atomics.
 *
 * How a stop goes: nobody is accepted any more. Whoever is idle, which means
 * that nothing of a next request has arrived, is shut down for reading, and so
 * reads the end of the connection. The others finish what they have begun. When
 * the grace is over, or at a second signal, their scope is cancelled.
 */

#define _GNU_SOURCE
#include "serve.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <green.h>

/* How long accepting pauses when the process, or the system, has no more
 * descriptors or memory: whatever frees some need not be one of ours. */
#define PAUSE (50 * GREEN_MILLISECOND)

struct peer {
	int fd;
	atomic_bool idle;
	struct peer *next, *before; /* in the list, under its lock */
};

static struct {
	const struct service *service;
	struct green_runtime *runtime;
	struct green_scope *accepting, *talking;
	int listener, signals;
	unsigned next_worker;
	uint64_t accepted;
	struct green_sem room;   /* for how many connections */
	struct green_mutex lock; /* of the list; all zero is unlocked */
	struct peer peers;       /* its head: a ring */
	atomic_bool stopping;
} server;

void
complain(const char *what, int error)
{
	fprintf(stderr, "%s: %s: %s\n", server.service->name, what,
		strerror(-error));
}

/* ---- connections ------------------------------------------------------- */

/* A thread that is cancelled cannot lock: the list is kept under a shield. */
static void
link_peer(struct peer *p, struct peer *before)
{
	int shield = green_shield(1);

	green_mutex_lock(&server.lock, GREEN_NEVER);
	p->next = before->next;
	p->before = before;
	p->next->before = before->next = p;
	green_mutex_unlock(&server.lock);
	green_shield(shield);
}

static void
unlink_peer(struct peer *p)
{
	int shield = green_shield(1);

	green_mutex_lock(&server.lock, GREEN_NEVER);
	p->next->before = p->before;
	p->before->next = p->next;
	green_mutex_unlock(&server.lock);
	green_shield(shield);
}

/* The number is in the list only while the connection is open: nobody shuts
 * down what somebody else has opened since. */
static void
end_peer(struct peer *p)
{
	unlink_peer(p);
	green_close(p->fd);
	free(p);
	green_sem_post(&server.room);
}

static void *
run_peer(void *arg)
{
	struct peer *p = arg;

	server.service->talk(p, p->fd);
	end_peer(p);
	return NULL;
}

static void
start_peer(int fd)
{
	struct green_attr attr = { .size = sizeof(attr),
				   .flags = GREEN_DETACHED,
				   .stack_size = server.service->stack_size,
				   .scope = server.talking,
				   .runtime = server.runtime };
	struct peer *p = malloc(sizeof(*p));
	int error;

	if (!p) {
		complain("connection", -ENOMEM);
		green_close(fd);
		green_sem_post(&server.room);
		return;
	}
	*p = (struct peer){ .fd = fd };
	link_peer(p, &server.peers);
	if (server.runtime)
		attr.worker = 1 +
			      server.next_worker++ % server.service->workers;
	error = green_spawn(NULL, &attr, run_peer, p);
	if (error < 0) {
		complain("connection", error);
		end_peer(p);
	}
	server.accepted++;
}

/* The two stores and loads are sequentially consistent: either peer_idle()
 * sees that the server stops, or shut_idle() sees that the peer is idle. */
bool
peer_idle(struct peer *p)
{
	atomic_store(&p->idle, true);
	return !atomic_load(&server.stopping);
}

void
peer_busy(struct peer *p)
{
	atomic_store(&p->idle, false);
}

bool
serve_stopping(void)
{
	return atomic_load(&server.stopping);
}

/* ---- accepting --------------------------------------------------------- */

/* What accept() says of one connection that is gone again, or of a network
 * that is, says nothing of the next one. */
static bool
is_passing(int error)
{
	return error == -ECONNABORTED || error == -EPROTO ||
	       error == -ENETDOWN || error == -ENETUNREACH ||
	       error == -EHOSTDOWN || error == -EHOSTUNREACH || error == -EINTR;
}

/* Says so once until it works again, however often it is tried. */
static int
pause_accepting(int error, bool *said)
{
	if (!*said)
		complain("accepting pauses", error);
	*said = true;
	return green_sleep_until(green_after(PAUSE));
}

/* When the limit is reached the kernel keeps those who come: first in the
 * backlog, then by not answering them yet. */
static void *
accept_all(void *arg)
{
	bool said = false;
	int fd = 0;

	while (fd != -ECANCELED &&
	       green_sem_wait(&server.room, GREEN_NEVER) == 0) {
		fd = green_accept(server.listener, NULL, NULL, GREEN_NEVER);
		if (fd >= 0) {
			start_peer(fd);
			said = false;
			continue;
		}
		green_sem_post(&server.room);
		if (fd != -ECANCELED && !is_passing(fd))
			fd = pause_accepting(fd, &said);
	}
	return arg;
}

/* ---- stopping ---------------------------------------------------------- */

static int
wait_for_signal(void)
{
	struct signalfd_siginfo info;
	ssize_t n = green_read(server.signals, &info, sizeof(info),
			       GREEN_NEVER);

	return n < 0 ? (int)n : 0;
}

/* Those whom the kernel has accepted are served like others. */
static void
stop_accepting(void)
{
	int fd;

	green_scope_destroy(server.accepting);
	while (green_sem_wait(&server.room, 0) == 0) {
		fd = green_accept(server.listener, NULL, NULL, 0);
		if (fd < 0)
			break;
		start_peer(fd);
	}
	green_close(server.listener);
}

static void
shut_idle(void)
{
	atomic_store(&server.stopping, true);
	green_mutex_lock(&server.lock, GREEN_NEVER);
	for (struct peer *p = server.peers.next; p != &server.peers;
	     p = p->next)
		if (atomic_load(&p->idle))
			green_shutdown(p->fd, SHUT_RD);
	green_mutex_unlock(&server.lock);
}

static void *
cancel_at_second_signal(void *arg)
{
	if (wait_for_signal() == 0)
		green_scope_cancel(server.talking);
	return arg;
}

/* Returns whether all could finish. */
static bool
let_finish(void)
{
	struct green_scope *impatience = NULL;
	bool cut;

	if (green_scope_create(&impatience, NULL) == 0)
		green_scope_spawn(impatience, NULL, NULL,
				  cancel_at_second_signal, NULL);
	cut = green_scope_wait(server.talking,
			       green_after(server.service->grace)) < 0;
	green_scope_destroy(impatience);
	cut |= green_scope_cancelled(server.talking) == 1;
	green_scope_destroy(server.talking);
	return !cut;
}

/* ---- beginning --------------------------------------------------------- */

/* Those that stop the server wait in a descriptor. green/signal.h could take
 * them, too, but by a handler, and ThreadSanitizer holds handlers back while
 * main's OS thread sleeps until its runtime has ended. A peer that is gone is
 * an error, no signal. */
static int
block_signals(void)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
	server.signals = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
	return server.signals < 0 ? -errno : 0;
}

/* The soft limit is small for the sake of select(), which nobody calls here. */
static void
raise_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

/* "127.0.0.1:80", "[::1]:80". */
static int
listen_on(const char *address, const char *port)
{
	char text[GREEN_NET_NAME_MAX];

	snprintf(text, sizeof(text), strchr(address, ':') ? "[%s]:%s" : "%s:%s",
		 address, port);
	return green_listen(text, NULL, GREEN_NEVER);
}

static int
begin(const struct service *service)
{
	int error;

	server.peers.next = server.peers.before = &server.peers;
	green_sem_init(&server.room, service->connections, NULL);
	server.listener = listen_on(service->address, service->port);
	if (server.listener < 0) {
		complain("cannot listen", server.listener);
		return server.listener;
	}
	if ((error = green_scope_create(&server.talking, NULL)) < 0 ||
	    (error = green_scope_create(&server.accepting, NULL)) < 0 ||
	    (error = green_scope_spawn(server.accepting, NULL, NULL, accept_all,
				       NULL)) < 0)
		complain("cannot begin", error);
	return error;
}

static void *
run(void *arg)
{
	int *status = arg;
	char where[GREEN_NET_NAME_MAX] = "?";
	bool finished;

	if (begin(server.service) < 0)
		return NULL;
	green_net_local(server.listener, where, sizeof(where));
	printf("%s: listening on %s%s\n", server.service->name,
	       server.service->scheme, where);
	fflush(stdout);
	wait_for_signal();
	printf("%s: stopping\n", server.service->name);
	fflush(stdout);
	stop_accepting();
	shut_idle();
	finished = let_finish();
	printf("%s: stopped after %llu connections%s\n", server.service->name,
	       (unsigned long long)server.accepted,
	       finished ? "" : "; some were cut off");
	*status = 0;
	return NULL;
}

int
serve(const struct service *service)
{
	struct green_runtime_attr attr = { .size = sizeof(attr),
					   .workers = service->workers };
	int error, status = 1;

	server.service = service;
	raise_limits();
	error = block_signals();
	if (error == 0 && service->workers > 1)
		error = green_runtime_create(&server.runtime, &attr);
	if (error < 0)
		complain("cannot start", error);
	else if (server.runtime)
		green_runtime_run(server.runtime, run, &status, NULL);
	else
		run(&status);
	green_runtime_destroy(server.runtime);
	return status;
}
