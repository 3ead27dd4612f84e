/* SPDX-License-Identifier: MIT */
/* Proves: in every order, preempted in any call, a signal of a condition ends
 * one wait and is not lost when another gives up, a broadcast ends all, and
 * whoever has waited holds the mutex, alone, with whatever result. */

#include "explored.h"

static struct green_mutex mutex;
static struct green_cond cond;
static int items, taken, inside, intruded;

static void
begin(void)
{
	memset(&mutex, 0, sizeof(mutex));
	memset(&cond, 0, sizeof(cond));
	items = taken = inside = intruded = 0;
}

/* So many of two were taken. */
static void *
end(int want_taken)
{
	if (intruded)
		return wrong("two with the mutex, or none");
	if (taken != want_taken || items + taken != 2)
		return wrong("an item was lost, or taken by one that failed");
	if (green_cond_fini(&cond) || green_mutex_fini(&mutex))
		return wrong("busy at the end");
	return NULL;
}

static int
enter(void)
{
	int error = green_mutex_lock(&mutex, GREEN_NEVER);

	if (!error)
		intruded |= inside++;
	return error;
}

static void
leave(void)
{
	inside--;
	intruded |= green_mutex_unlock(&mutex) != 0;
}

static int
wait_for_items(int64_t deadline)
{
	int error = 0;

	while (!items && !error) {
		inside--;
		error = green_cond_wait(&cond, &mutex, deadline);
		intruded |= inside++;
	}
	return error;
}

static void *
take_until(void *deadline)
{
	int error = enter();

	if (error)
		return (void *)(intptr_t)error;
	/* What is there is taken, whatever the wait says. */
	error = wait_for_items(*(int64_t *)deadline);
	if (items) {
		items--;
		taken++;
		error = 0;
	}
	leave();
	return (void *)(intptr_t)error;
}

static void *
put(void *arg)
{
	if (enter())
		return (void *)1;
	items++;
	leave();
	green_cond_signal(&cond);
	return arg;
}

static void *
signals(void *stop)
{
	enum stop how = (enum stop)(uintptr_t)stop;
	green_t a, b, c;
	int less;

	begin();
	a = stoppable(take_until, how);
	b = spawned(take_until, &never);
	c = spawned(put, NULL);
	if (put(NULL))
		return wrong("a lock failed");
	less = gave_up(a, how);
	if (less < 0)
		return wrong("neither got one nor gave up");
	if (result_of(b) || result_of(c))
		return wrong("others failed");
	return end(2 - less);
}

/* Both at once. */
static void *
put_two(void *arg)
{
	if (enter())
		return (void *)1;
	items += 2;
	green_cond_broadcast(&cond);
	green_yield();
	leave();
	return arg;
}

static void *
broadcast(void *stop)
{
	enum stop how = (enum stop)(uintptr_t)stop;
	green_t a, b, c;
	int less;

	begin();
	a = stoppable(take_until, how);
	b = spawned(take_until, &never);
	c = spawned(put_two, NULL);
	less = gave_up(a, how);
	if (less < 0)
		return wrong("neither got one nor gave up");
	if (result_of(b) || result_of(c))
		return wrong("others failed");
	return end(2 - less);
}

static void
all(void)
{
	explored_stops(signals, STOPS("two signals"));
	explored_stops(broadcast, STOPS("a broadcast"));
}

int
main(void)
{
	return explored_alone_and_in_company(all);
}
