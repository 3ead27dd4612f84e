/* SPDX-License-Identifier: MIT */
/* Proves: after fork() nobody waits in the child for what others waited for in
 * the parent, of the same OS thread or of another, and each object works
 * there, with what it held; the parent is not disturbed. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

static struct green_chan *full, *empty;
static struct green_sem sem;
static struct green_event event;

static struct green_clause
clause(uint32_t kind, struct green_chan *ch, uint64_t *item)
{
	struct green_clause c = { .kind = kind, .object = ch };

	c.item = item;
	c.size = 8;
	return c;
}

/* Each kind of wait, a select with many clauses among them. */
static void *
waits(void *arg)
{
	uint64_t n = 7;
	struct green_clause c[12] = { { 0 } };

	switch ((uintptr_t)arg % 5) {
	case 0:
		green_chan_send(full, &n, 8, GREEN_NEVER);
		break;
	case 1:
		green_chan_recv(empty, &n, 8, GREEN_NEVER);
		break;
	case 2:
		green_sem_wait(&sem, GREEN_NEVER);
		break;
	case 3:
		green_event_wait(&event, GREEN_NEVER);
		break;
	default:
		for (int i = 0; i < 12; i++)
			c[i] = clause(i % 2 ? GREEN_CLAUSE_SEND
					    : GREEN_CLAUSE_RECV,
				      i % 2 ? full : empty, &n);
		green_select(c, 12, GREEN_NEVER);
		break;
	}
	return NULL;
}

static void *
receives(void *arg)
{
	uint64_t n = 0;

	(void)arg;
	green_chan_recv(empty, &n, 8, GREEN_NEVER);
	return (void *)(uintptr_t)n;
}

/* What is wrong in the child, as bits. */
static int
in_child(void)
{
	uint64_t n = 0, eight = 8;
	void *value;
	green_t id;
	int wrong = 0;

	wrong |= green_chan_recv(full, &n, 8, 0) != 0 || n != 1 ? 1 : 0;
	wrong |= green_chan_recv(full, &n, 8, 0) != -EAGAIN ? 2 : 0;
	wrong |= green_chan_send(empty, &eight, 8, 0) != -EAGAIN ? 4 : 0;
	green_sem_post(&sem);
	wrong |= green_sem_wait(&sem, 0) ? 8 : 0;
	green_event_set(&event);
	wrong |= green_event_wait(&event, 0) ? 16 : 0;
	green_spawn(&id, NULL, receives, NULL);
	green_yield();
	wrong |= green_chan_send(empty, &eight, 8, 0) ? 32 : 0;
	green_join(id, &value, GREEN_NEVER);
	wrong |= (uintptr_t)value != 8 ? 64 : 0;
	wrong |= green_chan_destroy(full) || green_chan_destroy(empty) ||
				 green_sem_fini(&sem) ||
				 green_event_fini(&event)
			 ? 128
			 : 0;
	return wrong;
}

static void
child(const char *what)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(in_child());
	waitpid(pid, &status, 0);
	ok(WIFEXITED(status), "%s: the child exits", what);
	is(WEXITSTATUS(status), 0, "and nothing is wrong");
}

static void
let_go(void)
{
	uint64_t n;

	green_chan_recv(full, &n, 8, 0);
	green_chan_close(full);
	green_chan_close(empty);
	green_sem_post(&sem);
	green_event_set(&event);
}

static void
prepare(void)
{
	uint64_t one = 1;

	green_chan_create(&full, 8, 1, NULL);
	green_chan_create(&empty, 8, 0, NULL);
	green_chan_send(full, &one, 8, 0);
	green_sem_init(&sem, 0, NULL);
	green_event_init(&event, NULL);
}

static void
clean_up(const char *what)
{
	is(green_chan_destroy(full), 0, "%s: nobody is left", what);
	is(green_chan_destroy(empty), 0, "nor here");
	is(green_sem_fini(&sem), 0, "nor here");
	is(green_event_fini(&event), 0, "nor here");
}

/* A worker whose threads wait, and which says so. */
static struct green_sem all_wait, end;

static void *
worker(void *arg)
{
	green_t ids[5];

	for (uintptr_t i = 0; i < 5; i++)
		green_spawn(&ids[i], NULL, waits, (void *)i);
	green_yield();
	green_sem_post(&all_wait);
	green_sem_wait(&end, GREEN_NEVER);
	for (int i = 0; i < 5; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	return arg;
}

int
main(void)
{
	pthread_t thread;
	green_t ids[5];

	prepare();
	for (uintptr_t i = 0; i < 5; i++)
		green_spawn(&ids[i], NULL, waits, (void *)i);
	green_yield();
	child("the same OS thread");
	let_go();
	for (int i = 0; i < 5; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	clean_up("the same OS thread");

	prepare();
	pthread_create(&thread, NULL, worker, NULL);
	green_sem_wait(&all_wait, GREEN_NEVER);
	child("another worker");
	let_go();
	green_sem_post(&end);
	pthread_join(thread, NULL);
	clean_up("another worker");
	return tap_done();
}
