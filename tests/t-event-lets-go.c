/* SPDX-License-Identifier: MIT */
/* Proves: an event lets everybody go who waits when it is set, and whoever
 * comes until it is reset; one that resets itself lets one go for each time it
 * is set, the first that came; deadlines and interruptions change nothing of
 * that; bad input is refused. */

#include "tap.h"

#include <pthread.h>
#include <stdatomic.h>

#include <green.h>

#define MS GREEN_MILLISECOND

static struct green_event event;
static char order[16];

static void *
waits(void *arg)
{
	int error = green_event_wait(&event, GREEN_NEVER);

	if (!error)
		strcat(order, arg);
	return (void *)(intptr_t)error;
}

static intptr_t
result_of(green_t id)
{
	void *value = NULL;

	green_join(id, &value, GREEN_NEVER);
	return (intptr_t)value;
}

static void
spawn_three(green_t *ids)
{
	static char names[][2] = { "a", "b", "c" };

	*order = '\0';
	for (int i = 0; i < 3; i++)
		green_spawn(&ids[i], NULL, waits, names[i]);
	green_yield();
}

static void
manual(void)
{
	green_t ids[3];

	is(green_event_wait(&event, 0), -EAGAIN, "not set");
	spawn_three(ids);
	is(green_event_fini(&event), -EBUSY, "fini while three wait");
	is(green_event_set(&event), 0, "set");
	is(green_event_reset(&event), 0, "and reset before they run");
	for (int i = 0; i < 3; i++)
		is(result_of(ids[i]), 0, "they were let go");
	ok(!strcmp(order, "abc"), "in order: %s", order);
	is(green_event_wait(&event, 0), -EAGAIN, "it is reset");
	green_event_set(&event);
	green_event_set(&event);
	is(green_event_wait(&event, GREEN_NEVER), 0, "set");
	is(green_event_wait(&event, 1), 0, "stays set");
	is(green_event_fini(&event), 0, "fini");
	is(green_event_wait(&event, 0), -EAGAIN, "all zero is not set");
}

static void
automatic(void)
{
	struct green_sync_attr attr = { sizeof(attr), GREEN_EVENT_AUTO };
	green_t ids[3];

	is(green_event_init(&event, &attr), 0, "one that resets itself");
	spawn_three(ids);
	green_event_set(&event);
	is(green_event_wait(&event, 0), -EAGAIN, "it is the first one's");
	green_yield();
	ok(!strcmp(order, "a"), "who alone has run: %s", order);
	green_event_set(&event);
	green_event_set(&event);
	for (int i = 0; i < 3; i++)
		is(result_of(ids[i]), 0, "let go");
	ok(!strcmp(order, "abc"), "in order: %s", order);
	is(green_event_wait(&event, 0), -EAGAIN, "nothing is left");
	green_event_set(&event);
	green_event_set(&event);
	is(green_event_wait(&event, GREEN_NEVER), 0, "set before");
	is(green_event_wait(&event, 0), -EAGAIN, "it counts once");
	green_event_set(&event);
	green_event_reset(&event);
	is(green_event_wait(&event, 0), -EAGAIN, "reset");
}

static void
in_time(void)
{
	int64_t start = green_now();
	green_t ids[3];

	is(green_event_wait(&event, start + MS), -ETIMEDOUT, "a deadline");
	is(green_now() - start, MS, "at that time");
	is(green_event_wait(&event, start), -ETIMEDOUT, "a passed one");
	spawn_three(ids);
	is(green_interrupt(ids[0]), 0, "interrupt the first");
	green_yield();
	is(green_event_set(&event), 0, "set");
	is(result_of(ids[0]), -EINTR, "the first was told");
	is(result_of(ids[1]), 0, "the second was let go");
	green_event_set(&event);
	is(result_of(ids[2]), 0, "and then the third");
	is(green_event_wait(&event, 0), -EAGAIN, "nothing is left");
	is(green_event_fini(&event), 0, "nobody waits");
}

static void *
others(void *arg)
{
	if (arg)
		green_self();
	is(green_event_wait(&event, GREEN_NEVER), -EPERM, "wait");
	is(green_event_set(&event), -EPERM, "set");
	is(green_event_reset(&event), -EPERM, "reset");
	is(green_event_fini(&event), -EPERM, "fini");
	return NULL;
}

static void
bad_input(void)
{
	struct green_sync_attr attr = { sizeof(attr), GREEN_PRIVATE };
	pthread_t thread;

	is(sizeof(struct green_event), 64, "sizeof struct green_event");
	is(green_event_init(NULL, NULL), -EINVAL, "init of NULL");
	is(green_event_wait(NULL, 0), -EINVAL, "wait of NULL");
	is(green_event_wait(&event, -1), -EINVAL, "negative deadline");
	is(green_event_set(NULL), -EINVAL, "set NULL");
	is(green_event_reset(NULL), -EINVAL, "reset NULL");
	is(green_event_fini(NULL), 0, "fini of NULL");
	is(green_event_init(&event, &attr), 0, "private");
	for (uintptr_t i = 0; i < 2; i++) {
		pthread_create(&thread, NULL, others, (void *)i);
		pthread_join(thread, NULL);
	}
	is(green_event_set(&event), 0, "its worker may");
	is(green_event_wait(&event, 0), 0, "it is set");
	green_event_fini(&event);
	attr.flags = 2;
	is(green_event_init(&event, &attr), -EINVAL, "the flag of a mutex");
}

/* Sets and waits of several OS threads: none lets two go, none is lost. */
static atomic_int let_go, stop;
static struct green_event taken;

static void *
remote(void *arg)
{
	while (green_event_wait(&event, GREEN_NEVER) == 0 && !stop) {
		let_go++;
		green_event_set(&taken);
	}
	green_event_set(&event); /* the next one is to end, too */
	return arg;
}

static void
across(void)
{
	struct green_sync_attr attr = { sizeof(attr), GREEN_EVENT_AUTO };
	int rounds = tap_scale(5000, 300);
	pthread_t threads[3];

	green_event_init(&event, &attr);
	green_event_init(&taken, &attr);
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, remote, NULL);
	for (int i = 0; i < rounds; i++) {
		green_event_set(&event);
		green_event_wait(&taken, GREEN_NEVER);
	}
	is(let_go, rounds, "one for each time");
	stop = 1;
	green_event_set(&event);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	is(let_go, rounds, "and no more");
}

int
main(void)
{
	green_clock_virtual(GREEN_SECOND);
	manual();
	automatic();
	in_time();
	bad_input();
	green_clock_real();
	across();
	return tap_done();
}
