/* SPDX-License-Identifier: MIT */
/* Proves: each call that waits for a descriptor is ended by green_close() of a
 * green thread, of another OS thread, and of a thread of a runtime's, by
 * cancellation, interruption and its deadline, each with its own error, whether
 * it waits on this OS thread's worker or in a runtime of several; what a call
 * moved before that is told first; and the descriptor works afterwards, unless
 * it was closed. */

#include "tap.h"
#include "tcp.h"
#include "turns.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "fd.h"

#include <green.h>

#define BIG 65536

static char big[BIG];
static struct iovec iov = { .iov_base = big, .iov_len = sizeof(big) };

/* ---- the calls ------------------------------------------------------------
 */

/* What a call works on: fds[0] is read, fds[1] is written. */
struct ends {
	int fds[2];
	struct sockaddr_in addr;
	int more; /* whatever keeps it from being ready */
};

static void
empty_pair(struct ends *e)
{
	green_socketpair(AF_UNIX, SOCK_STREAM, 0, e->fds);
}

static void
tcp(struct ends *e)
{
	tcp_pair(e->fds);
}

static void
empty_pipe(struct ends *e)
{
	green_pipe(e->fds);
}

static void
fill(struct ends *e)
{
	while (green_write(e->fds[1], big, sizeof(big), 0) > 0)
		;
	while (green_write(e->fds[1], big, 1, 0) > 0)
		;
}

static void
full_pair(struct ends *e)
{
	empty_pair(e);
	fill(e);
}

static void
full_pipe(struct ends *e)
{
	empty_pipe(e);
	fill(e);
}

static void
file_and_full_pair(struct ends *e)
{
	char path[] = "/tmp/t-io-ends-XXXXXX";

	full_pair(e);
	e->more = mkstemp(path);
	unlink(path);
	is(green_write_all(e->more, big, 100, GREEN_NEVER), 100, "a file");
}

static void
two_pipes(struct ends *e)
{
	int other[2];

	green_pipe(other);
	green_close(other[0]);
	e->more = other[1];
	empty_pipe(e);
}

static void
listener(struct ends *e)
{
	e->fds[0] = tcp_listener(&e->addr, 1);
	e->fds[1] = -1;
}

/* Its queue is full. */
static void
nobody_listens(struct ends *e)
{
	int fds[2] = { tcp_listener(&e->addr, 0),
		       socket(AF_INET, SOCK_STREAM, 0) };

	if (connect(fds[1], (struct sockaddr *)&e->addr, sizeof(e->addr)))
		perror("connect");
	until_readable(fds[0]);
	close(fds[1]);
	e->fds[0] = fds[0];
	e->fds[1] = green_socket(AF_INET, SOCK_STREAM, 0);
}

#define CALL(name, expression) \
	static ssize_t name(struct ends *e, int64_t deadline) \
	{ \
		return expression; \
	}

CALL(do_read, green_read(e->fds[0], big, 1, deadline))
CALL(do_readv, green_readv(e->fds[0], &iov, 1, deadline))
CALL(do_exactly, green_read_exactly(e->fds[0], big, 2, deadline))
CALL(do_recv, green_recv(e->fds[0], big, 1, 0, deadline))
CALL(do_peek, green_recv(e->fds[0], big, 1, MSG_PEEK, deadline))
CALL(do_recvfrom, green_recvfrom(e->fds[0], big, 1, 0, NULL, NULL, deadline))
CALL(do_recvmsg,
     green_recvmsg(e->fds[0],
		   &(struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1 }, 0,
		   deadline))
CALL(do_wait_in, green_fd_wait(e->fds[0], POLLIN, deadline))
CALL(do_accept, green_accept(e->fds[0], NULL, NULL, deadline))
CALL(do_splice, green_splice(e->fds[0], NULL, e->more, NULL, 1, 0, deadline))
CALL(do_write, green_write(e->fds[1], big, BIG, deadline))
CALL(do_writev, green_writev(e->fds[1], &iov, 1, deadline))
CALL(do_write_all, green_write_all(e->fds[1], big, BIG, deadline))
CALL(do_send, green_send(e->fds[1], big, BIG, 0, deadline))
CALL(do_sendto, green_sendto(e->fds[1], big, BIG, 0, NULL, 0, deadline))
CALL(do_sendmsg,
     green_sendmsg(e->fds[1],
		   &(struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1 }, 0,
		   deadline))
CALL(do_wait_out, green_fd_wait(e->fds[1], POLLOUT, deadline))
CALL(do_sendfile,
     green_sendfile(e->fds[1], e->more, &(int64_t){ 0 }, 100, deadline))
CALL(do_connect, green_connect(e->fds[1], (struct sockaddr *)&e->addr,
			       sizeof(e->addr), deadline))

static const struct call {
	const char *name;
	ssize_t (*fn)(struct ends *e, int64_t deadline);
	void (*make)(struct ends *e);
	enum fd_way way;
} calls[] = {
	{ "read a pipe", do_read, empty_pipe, FD_IN },
	{ "read", do_read, empty_pair, FD_IN },
	{ "read TCP", do_read, tcp, FD_IN },
	{ "readv", do_readv, empty_pair, FD_IN },
	{ "read exactly", do_exactly, tcp, FD_IN },
	{ "recv", do_recv, tcp, FD_IN },
	{ "peek", do_peek, tcp, FD_IN },
	{ "recvfrom", do_recvfrom, empty_pair, FD_IN },
	{ "recvmsg", do_recvmsg, empty_pair, FD_IN },
	{ "wait to read", do_wait_in, empty_pipe, FD_IN },
	{ "accept", do_accept, listener, FD_IN },
	{ "splice", do_splice, two_pipes, FD_IN },
	{ "write a pipe", do_write, full_pipe, FD_OUT },
	{ "write", do_write, full_pair, FD_OUT },
	{ "writev", do_writev, full_pair, FD_OUT },
	{ "write all", do_write_all, full_pipe, FD_OUT },
	{ "send", do_send, full_pair, FD_OUT },
	{ "sendto", do_sendto, full_pair, FD_OUT },
	{ "sendmsg", do_sendmsg, full_pair, FD_OUT },
	{ "wait to write", do_wait_out, full_pipe, FD_OUT },
	{ "sendfile", do_sendfile, file_and_full_pair, FD_OUT },
	{ "connect", do_connect, nobody_listens, FD_OUT },
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

/* ---- one that waits -------------------------------------------------------
 */

struct waiting {
	const struct call *call;
	struct ends ends;
	int64_t deadline;
	green_t id;
};

static void *
waits(void *arg)
{
	struct waiting *w = arg;

	return (void *)(intptr_t)w->call->fn(&w->ends, w->deadline);
}

static int
fd_of(const struct waiting *w)
{
	return w->ends.fds[w->call->way == FD_OUT];
}

/* On whichever worker it is. Others of this one run meanwhile. */
static void
until_it_waits(const struct waiting *w)
{
	struct fd_look look;
	uint64_t users = 0;

	while (!users) {
		green_yield();
		turn();
		green__fd_look(fd_of(w), w->call->way, &look);
		if (!look.entry)
			continue;
		green__queue_lock(&look.entry->in);
		users = w->call->way == FD_IN ? look.entry->in.users
					      : look.entry->out.users;
		green__queue_unlock(&look.entry->in);
	}
}

/* ---- the ends -------------------------------------------------------------
 */

static struct green_runtime *rt;

static void *
closes(void *arg)
{
	const struct waiting *w = arg;

	return (void *)(intptr_t)green_close(fd_of(w));
}

static void
close_here(struct waiting *w)
{
	is((intptr_t)closes(w), 0, "close");
}

static void
close_elsewhere(struct waiting *w)
{
	pthread_t os_thread;
	void *value;

	pthread_create(&os_thread, NULL, closes, w);
	pthread_join(os_thread, &value);
	is((intptr_t)value, 0, "close by another OS thread");
}

static void
close_in_runtime(struct waiting *w)
{
	void *value;

	green_runtime_run(rt, closes, w, &value);
	is((intptr_t)value, 0, "close in a runtime");
}

static void
cancel(struct waiting *w)
{
	green_cancel(w->id);
}

/* Another worker's threads cannot be interrupted. */
static void
interrupt(struct waiting *w)
{
	if (green_interrupt(w->id))
		close_elsewhere(w);
}

static void
nothing(struct waiting *w)
{
	(void)w;
}

static const struct end {
	const char *name;
	void (*fn)(struct waiting *w);
	int64_t after;
	int result;
} ends[] = {
	{ "closed", close_here, 0, -EBADF },
	{ "closed elsewhere", close_elsewhere, 0, -EBADF },
	{ "closed in a runtime", close_in_runtime, 0, -EBADF },
	{ "cancelled", cancel, 0, -ECANCELED },
	{ "interrupted", interrupt, 0, -EINTR },
	{ "too late", nothing, GREEN_MILLISECOND, -ETIMEDOUT },
};
#define ENDS (sizeof(ends) / sizeof(ends[0]))

static void
tidy_up(struct ends *e)
{
	green_close(e->fds[0]);
	green_close(e->fds[1]);
	if (e->more >= 0)
		green_close(e->more);
}

static void
try(const struct call *call, const struct end *end,
    const struct green_attr *attr, const char *where, bool local)
{
	struct waiting w = { .call = call, .ends.more = -1 };
	void *value;

	call->make(&w.ends);
	w.deadline = end->after ? green_after(end->after) : GREEN_NEVER;
	green_spawn(&w.id, attr, waits, &w);
	if (!end->after)
		until_it_waits(&w);
	end->fn(&w);
	green_join(w.id, &value, GREEN_NEVER);
	if (end->fn == interrupt && (intptr_t)value == -EBADF)
		is(local, false, "another worker's");
	else
		is((intptr_t)value, end->result, "%s, %s, %s", call->name,
		   end->name, where);
	tidy_up(&w.ends);
}

static void
all(const struct green_attr *attr, const char *where, bool local)
{
	for (size_t i = 0; i < CALLS; i++)
		for (size_t j = 0; j < ENDS; j++)
			try(&calls[i], &ends[j], attr, where, local);
}

static void *
all_here(void *arg)
{
	all(NULL, "a pthread", true);
	return arg;
}

static void *
all_in_runtime(void *arg)
{
	all(NULL, "in a runtime", false);
	return arg;
}

/* A byte has come, or went, before the end. */
static void
partly(void)
{
	struct waiting w = { .call = &calls[4], .ends.more = -1 };
	void *value;

	tcp(&w.ends);
	w.deadline = GREEN_NEVER;
	green_spawn(&w.id, NULL, waits, &w);
	until_it_waits(&w);
	is(green_write(w.ends.fds[1], "x", 1, GREEN_NEVER), 1, "one of two");
	until_readable(w.ends.fds[0]);
	while (green_recv(w.ends.fds[0], big, 1, MSG_PEEK | MSG_DONTWAIT,
			  GREEN_NEVER) == 1)
		green_yield();
	until_it_waits(&w);
	green_interrupt(w.id);
	green_join(w.id, &value, GREEN_NEVER);
	is((intptr_t)value, 1, "what was read comes before the error");
	is(green_write(w.ends.fds[1], "y", 1, GREEN_NEVER), 1, "the next");
	is(green_read(w.ends.fds[0], big, 1, GREEN_NEVER), 1, "is read");
	is(big[0], 'y', "after that");
	tidy_up(&w.ends);
}

int
main(void)
{
	struct green_runtime_attr attr = { .size = sizeof(attr), .workers = 3 };
	struct green_attr there = { .size = sizeof(there) };
	pthread_t os_thread;

	is(green_runtime_create(&rt, &attr), 0, "a runtime");
	there.runtime = rt;
	all(NULL, "a worker", true);
	all(&there, "from outside into a runtime", false);
	pthread_create(&os_thread, NULL, all_here, NULL);
	pthread_join(os_thread, NULL);
	green_runtime_run(rt, all_in_runtime, NULL, NULL);
	partly();
	green_runtime_destroy(rt);
	return tap_done();
}
