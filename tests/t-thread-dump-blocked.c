/* SPDX-License-Identifier: MIT */
/* Proves: green_dump_blocked() lists the threads that have been blocked for
 * longer than a time, with or without a deadline, whatever they wait for, and
 * no others: not those asleep, nor those that wait since it was not noted; and
 * green_dump() says for how long. It is off unless asked for. */

#include "tap.h"

#include <fcntl.h>

#include <green.h>

static char text[8192];

/* Returns what green_dump_blocked() does; -1 for green_dump(). */
static int
listed(int64_t longer_than)
{
	int fds[2], result;
	ssize_t n;

	if (pipe(fds) < 0)
		exit(99);
	result = longer_than < 0 ? green_dump(fds[1])
				 : green_dump_blocked(fds[1], longer_than);
	n = read(fds[0], text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = '\0';
	close(fds[0]);
	close(fds[1]);
	return result;
}

static struct green_sem sem;
static struct green_mutex mutex;
static struct green_cond cond;

static void *
waits(void *deadline)
{
	green_sem_wait(&sem, *(int64_t *)deadline);
	return NULL;
}

static void *
for_cond(void *arg)
{
	green_mutex_lock(&mutex, GREEN_NEVER);
	green_cond_wait(&cond, &mutex, GREEN_NEVER);
	green_mutex_unlock(&mutex);
	return arg;
}

/* That is a time and nothing else. */
static void *
selects(void *arg)
{
	struct green_clause c = { .kind = GREEN_CLAUSE_TIMER };

	c.time = green_after(100 * GREEN_SECOND);
	green_select(&c, 1, GREEN_NEVER);
	return arg;
}

static void *
sleeps(void *arg)
{
	green_sleep_until(green_after(100 * GREEN_SECOND));
	return arg;
}

static green_t ids[16];
static int spawned;

static void
begin(const char *name, green_fn fn, void *arg)
{
	struct green_attr attr = { .size = sizeof(attr), .name = name };

	if (green_spawn(&ids[spawned++], &attr, fn, arg))
		exit(99);
	green_yield();
}

static int64_t never = GREEN_NEVER, soon;

static void
listing(void)
{
	begin("before", waits, &never);
	is(green_dump_times(1), 0, "on");
	is(listed(0), 0, "nobody has waited since");
	begin("asleep", sleeps, NULL);
	begin("for a time", selects, NULL);
	begin("first", waits, &never);
	soon = green_after(50 * GREEN_SECOND);
	begin("second", waits, &soon);
	is(listed(0), 0, "no time has passed");
	green_clock_advance(2 * GREEN_SECOND);
	begin("third", for_cond, NULL);
	green_clock_advance(GREEN_SECOND);
	is(listed(GREEN_SECOND), 2, "two for longer than a second");
	ok(strstr(text, "\"first\": waits for semaphore"), "the first");
	ok(strstr(text, "\"second\": waits for semaphore"), "the second");
	ok(strstr(text, ", for 3000000 us, deadline in 47000000 us"),
	   "with both times");
	ok(!strstr(text, "third"), "not the third: it is a second to the dot");
	is(listed(GREEN_SECOND - 1), 3, "a bit less, and it is there");
	ok(strstr(text, "\"third\": waits for condition"),
	   "with its condition");
	ok(!strstr(text, "asleep") && !strstr(text, "for a time"),
	   "nobody who sleeps");
	ok(!strstr(text, "before"), "nor the one from before");
	is(listed(-1), 0, "the report of all");
	ok(strstr(text, "before") && strstr(text, "asleep") &&
		   strstr(text, ", for 3000000 us"),
	   "has all, with times");
}

/* It waits for the mutex now, but its call began before. */
static void
goes_on_waiting(void)
{
	green_mutex_lock(&mutex, GREEN_NEVER);
	green_cond_signal(&cond);
	green_clock_advance(GREEN_SECOND);
	is(listed(3 * GREEN_SECOND / 2), 3, "three with the mutex");
	ok(strstr(text, "\"third\": locks mutex"), "for which one waits now");
	green_mutex_unlock(&mutex);
}

static int
by_environment(void)
{
	setenv("GREEN_DUMP_TIMES", "1", 1);
	green_clock_virtual(GREEN_SECOND);
	begin("first", waits, &never);
	green_clock_advance(GREEN_SECOND);
	return listed(0) != 1;
}

int
main(void)
{
	alarm(100);
	holds_in_child(by_environment, "on by GREEN_DUMP_TIMES");
	green_clock_virtual(GREEN_SECOND);
	is(green_dump_blocked(1, 0), -ENODATA, "off unless asked for");
	is(green_dump_blocked(1, -1), -EINVAL, "a negative time");
	is(green_dump_times(2), -EINVAL, "neither on nor off");
	listing();
	goes_on_waiting();
	is(green_dump_blocked(-1, 0), -EBADF, "no descriptor");
	is(green_dump_times(0), 0, "off");
	is(green_dump_blocked(1, 0), -ENODATA, "so there is nothing to tell");
	for (int i = 0; i < 3; i++)
		green_sem_post(&sem);
	for (int i = 0; i < spawned; i++)
		is(green_join(ids[i], NULL, GREEN_NEVER), 0, "gone");
	return tap_done();
}
