/* SPDX-License-Identifier: MIT */
/* Proves: while pipes, sockets and connections are made and closed all the
 * time, on the workers of a runtime and on those of plain pthreads at once, so
 * that numbers are used again at any moment and elsewhere, nobody gets the
 * bytes, the end or the error of another's: each message arrives where it is to
 * go; waits that are cancelled or too late lose nothing; and in the end as many
 * descriptors are open as in the beginning. */

#include "tap.h"
#include "tcp.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <green.h>

#include "seeds.h"

#define WORKERS 3
#define PTHREADS 2
#define SESSIONS 8

static atomic_int wrong, made;
static _Atomic uint64_t names; /* every message has another one */
static int rounds;

static int
open_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 4096; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void
fault(const char *what, ssize_t n)
{
	wrong++;
	printf("# %s: %d\n", what, (int)n);
}

/* ---- pairs ----------------------------------------------------------------
 */

static int listener;
static struct sockaddr_in addr;

/* Whoever connects gets somebody's other end: they tell each other which. */
static int
connection(int fds[2])
{
	fds[0] = green_socket(AF_INET, SOCK_STREAM, 0);
	if (green_connect(fds[0], (struct sockaddr *)&addr, sizeof(addr),
			  GREEN_NEVER))
		return -1;
	fds[1] = green_accept(listener, NULL, NULL, GREEN_NEVER);
	return fds[1] < 0 ? -1 : 0;
}

static int
make(unsigned lot, int fds[2])
{
	made++;
	if (lot % 4 == 0)
		return connection(fds);
	if (lot % 4 == 1)
		return green_pipe(fds);
	return green_socketpair(
		AF_UNIX, lot % 4 == 2 ? SOCK_STREAM : SOCK_SEQPACKET, 0, fds);
}

/* ---- two who talk ---------------------------------------------------------
 */

struct talk {
	int in, out;
	uint64_t want; /* 0: any, of a connection */
	bool patient;
};

/* Reads one message, and then the end. */
static void *
listens(void *arg)
{
	struct talk *t = arg;
	uint64_t got = 0;
	ssize_t n;

	n = green_read_exactly(t->in, &got, sizeof(got),
			       t->patient ? GREEN_NEVER : green_after(1000));
	if (n == -ETIMEDOUT)
		n = green_read_exactly(t->in, &got, sizeof(got), GREEN_NEVER);
	if (n > 0 && n < (ssize_t)sizeof(got))
		n += green_read_exactly(t->in, (char *)&got + n,
					sizeof(got) - (size_t)n, GREEN_NEVER);
	if (n != sizeof(got))
		fault("a message", n);
	if (t->want && got != t->want)
		fault("another's message", 0);
	if (!got)
		fault("no message", 0);
	n = green_read(t->in, &got, sizeof(got), GREEN_NEVER);
	if (n)
		fault("the end", n);
	n = green_close(t->in);
	if (n)
		fault("close", n);
	return NULL;
}

static void
say(const struct talk *t, unsigned lot, uint64_t name)
{
	ssize_t n;

	if (lot & 1)
		green_yield();
	if (lot & 2)
		green_sleep_until(green_after(lot & 0xffff));
	n = green_write_all(t->out, &name, sizeof(name), GREEN_NEVER);
	if (n != sizeof(name))
		fault("write", n);
	n = green_close(t->out);
	if (n)
		fault("close", n);
}

/* A reader who is sent away; what he was to read is there afterwards. */
static void *
tries(void *arg)
{
	uint64_t got;
	ssize_t n = green_read(*(int *)arg, &got, sizeof(got), GREEN_NEVER);

	if (n != -ECANCELED)
		fault("a cancelled read", n);
	return NULL;
}

static void
cancelled(int fd)
{
	green_t id;

	if (green_spawn(&id, NULL, tries, &fd))
		return;
	green_yield();
	green_cancel(id);
	green_join(id, NULL, GREEN_NEVER);
}

static void
talk(unsigned *seed)
{
	unsigned lot = next_random(seed);
	int fds[2] = { -1, -1 };
	uint64_t name = ++names;
	struct talk t;
	green_t id;
	int error = make(lot, fds);

	if (error) {
		fault("make", error);
		return;
	}
	t.in = fds[0];
	t.out = fds[1];
	t.want = lot % 4 ? name : 0;
	t.patient = lot & 16;
	/* Nothing is there yet, but perhaps in a connection. */
	if (lot & 32 && t.want)
		cancelled(fds[0]);
	if (green_spawn(&id, NULL, listens, &t)) {
		fault("spawn", 0);
		return;
	}
	say(&t, next_random(seed), name);
	green_join(id, NULL, GREEN_NEVER);
}

/* ---- many at once ---------------------------------------------------------
 */

static void *
session(void *arg)
{
	unsigned seed = stress_seed_of((unsigned)(uintptr_t)arg);

	for (int i = 0; i < rounds; i++)
		talk(&seed);
	return NULL;
}

static void *
sessions(void *arg)
{
	green_t ids[SESSIONS];
	uintptr_t first = (uintptr_t)arg;

	for (uintptr_t i = 0; i < SESSIONS; i++)
		green_spawn(&ids[i], NULL, session, (void *)(first + i));
	for (int i = 0; i < SESSIONS; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	return NULL;
}

static void
churn(struct green_runtime *rt)
{
	pthread_t os_threads[PTHREADS];

	for (uintptr_t i = 0; i < PTHREADS; i++)
		pthread_create(&os_threads[i], NULL, sessions,
			       (void *)((i + 2) * SESSIONS));
	green_runtime_run(rt, sessions, (void *)1, NULL);
	for (int i = 0; i < PTHREADS; i++)
		pthread_join(os_threads[i], NULL);
}

int
main(void)
{
	struct green_runtime_attr attr = { .size = sizeof(attr),
					   .workers = WORKERS };
	struct green_runtime *rt;
	int before;

	rounds = tap_scale(200, 15);
	before = open_descriptors();
	listener = tcp_listener(&addr, 4096);
	green_runtime_create(&rt, &attr);
	churn(rt);
	green_runtime_destroy(rt);
	green_close(listener);
	is(wrong, 0, "%d pairs made and closed", made);
	is(open_descriptors(), before, "and none left");
	return tap_done();
}
