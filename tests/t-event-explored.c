/* SPDX-License-Identifier: MIT */
/* Proves: in every order, preempted in any call, an event that is set lets all
 * go who wait, and one that resets itself lets one go for each time, whoever
 * gives up; neither is set afterwards without need, nor forgotten. */

#include "explored.h"

static struct green_event event;
static struct green_sem went; /* posted by each that was let go */
static int gone;

static void
begin(uint64_t flags)
{
	struct green_sync_attr attr = { .size = sizeof(attr), .flags = flags };

	if (green_event_init(&event, &attr))
		exit(99);
	memset(&went, 0, sizeof(went));
	gone = 0;
}

static void *
end(void)
{
	if (green_event_wait(&event, 0) != -EAGAIN)
		return wrong("set at the end");
	return green_event_fini(&event) ? wrong("busy at the end") : NULL;
}

static void *
wait_until(void *deadline)
{
	int error = green_event_wait(&event, *(int64_t *)deadline);

	if (!error)
		gone++;
	if (!error && green_sem_post(&went))
		return (void *)1;
	return (void *)(intptr_t)error;
}

static void *
set(void *arg)
{
	return green_event_set(&event) ? (void *)1 : arg;
}

/* Set once for each who does not give up. */
static void *
by_itself(void *stop)
{
	enum stop how = (enum stop)(uintptr_t)stop;
	green_t a, b, c;
	int less;

	begin(GREEN_EVENT_AUTO);
	a = stoppable(wait_until, how);
	b = spawned(wait_until, &never);
	c = spawned(set, NULL);
	/* One of them goes, and if it is the second, the first may give up. */
	if (green_sem_wait(&went, GREEN_NEVER))
		return wrong("a wait without a limit failed");
	if (how == STOP_NOT)
		green_event_set(&event);
	less = gave_up(a, how);
	if (less < 0)
		return wrong("neither let go nor gave up");
	if (how != STOP_NOT && !less)
		green_event_set(&event);
	if (result_of(b) || result_of(c))
		return wrong("others failed");
	return gone == 2 - less ? end() : wrong("let go more often than set");
}

static void *
for_all(void *stop)
{
	enum stop how = (enum stop)(uintptr_t)stop;
	green_t a, b, c;

	begin(0);
	a = stoppable(wait_until, how);
	b = spawned(wait_until, &never);
	c = spawned(set, NULL);
	if (gave_up(a, how) < 0)
		return wrong("neither let go nor gave up");
	if (result_of(b) || result_of(c))
		return wrong("others failed");
	if (green_event_wait(&event, 0))
		return wrong("it does not stay set");
	return green_event_reset(&event) ? wrong("cannot be reset") : end();
}

static void
all(void)
{
	explored_stops(by_itself, STOPS("it resets itself"));
	explored_stops(for_all, STOPS("it stays set"));
}

int
main(void)
{
	return explored_alone_and_in_company(all);
}
