/* SPDX-License-Identifier: MIT */
/* Proves: a select with many clauses that finds no memory says -ENOMEM and
 * does nothing, and one with few needs none; what a select took is given back,
 * when its thread is abandoned in the middle of it, too. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

#include "mem.h"

#define MANY 300

static struct green_sem sems[MANY];
static struct green_chan *ch;

static void
fill(struct green_clause *c)
{
	memset(c, 0, MANY * sizeof(*c));
	for (int i = 0; i < MANY; i++) {
		c[i].kind = GREEN_CLAUSE_SEM;
		c[i].object = &sems[(i * 7) % MANY];
	}
}

static void *
selects(void *arg)
{
	struct green_clause *c = malloc(MANY * sizeof(*c));
	intptr_t chosen;

	fill(c);
	chosen = green_select(c, (size_t)(uintptr_t)arg, GREEN_NEVER);
	free(c);
	return (void *)chosen;
}

static void
exhausted(void)
{
	struct green_clause *c = malloc(MANY * sizeof(*c));
	green_t id;
	void *value;

	fill(c);
	green_sem_post(&sems[0]);
	green__mem_fail_after(0);
	is(green_select(c, MANY, GREEN_NEVER), -ENOMEM, "many clauses");
	is(green_select(c, 9, GREEN_NEVER), -ENOMEM, "nine");
	is(green_select(c, 8, GREEN_NEVER), 0, "eight need none");
	green__mem_fail_after(-1);
	is(green_sem_wait(&sems[0], 0), -EAGAIN, "one was taken once");
	for (int i = 0; i < MANY; i++)
		green_sem_post(&sems[i]);
	for (int i = 0; i < MANY; i++) {
		int chosen = green_select(c, MANY, 0);

		c[chosen < 0 ? 0 : chosen].kind = GREEN_CLAUSE_NONE;
	}
	is(green_select(c, MANY, 0), -EAGAIN, "all of many, once each");
	for (int i = 0; i < MANY; i++)
		if (green_sem_wait(&sems[i], 0) != -EAGAIN)
			ok(0, "semaphore %d was not taken", i);
	green_spawn(&id, NULL, selects, (void *)MANY);
	green_yield();
	green_sem_post(&sems[7]);
	green_join(id, &value, GREEN_NEVER);
	is((intptr_t)value, 1, "the right one, after waiting");
	free(c);
}

static struct green_clause left_behind[MANY];

static void *
is_left(void *arg)
{
	fill(left_behind);
	green_select(left_behind, MANY, GREEN_NEVER);
	return arg;
}

static void *
leaves(void *arg)
{
	green_t id;

	green_spawn(&id, NULL, is_left, NULL);
	green_yield();
	is(green_sem_fini(&sems[0]), -EBUSY, "it waits");
	return arg;
}

int
main(void)
{
	pthread_t thread;
	long live;

	green_chan_create(&ch, 8, 0, NULL);
	green_self();
	exhausted();
	live = green__mem_live();
	pthread_create(&thread, NULL, leaves, NULL);
	pthread_join(thread, NULL);
	is(green__mem_live(), live, "nothing is left of who was abandoned");
	for (int i = 0; i < MANY; i++)
		if (green_sem_fini(&sems[i]))
			ok(0, "semaphore %d is busy", i);
	green_chan_destroy(ch);
	return tap_done();
}
