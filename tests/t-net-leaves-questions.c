/* SPDX-License-Identifier: MIT */
/* Proves: whoever gives up while a name is looked up leaves nothing behind, and
 * nothing of the caller's is written; a thousand names hold up no worker: they
 * are looked up while another green thread runs, since it lets them go. */

#define _GNU_SOURCE /* RTLD_NEXT */

#include "tap.h"

#include <sched.h>

#include "resolver.h"

#define STORM 1000

/* ---- giving up ---------------------------------------------------------- */

static struct addrinfo *untouched = (struct addrinfo *)&lists;

static void *
asks(void *arg)
{
	struct addrinfo *list = untouched;
	int error = green_getaddrinfo("name.gate", "80", NULL, &list,
				      GREEN_NEVER);

	ok(list == untouched, "nothing was stored");
	(void)arg;
	return (void *)(intptr_t)error;
}

static int
result_of(green_t id)
{
	void *value = NULL;

	green_join(id, &value, GREEN_NEVER);
	return (int)(intptr_t)value;
}

static void
give_up(void)
{
	struct addrinfo *list = untouched;
	green_t id;

	is(green_getaddrinfo("name.gate", "80", NULL, &list,
			     green_after(GREEN_SECOND)),
	   -ETIMEDOUT, "no answer within a second");
	ok(list == untouched, "nothing was stored");
	gate_reached(&resolver_gate, 1);
	green_spawn(&id, NULL, asks, NULL);
	gate_reached(&resolver_gate, 1);
	green_cancel(id);
	is(result_of(id), -ECANCELED, "cancelled");
	green_spawn(&id, NULL, asks, NULL);
	gate_reached(&resolver_gate, 1);
	green_interrupt(id);
	is(result_of(id), -EINTR, "interrupted");
	is(lists, 0, "no answers yet");
	gate_open(&resolver_gate, 3);
	/* By the OS threads that ask; nobody else could tell. */
	while (answers < 3 || lists)
		sched_yield();
	ok(1, "the answers were freed when they came");
}

/* ---- a storm ------------------------------------------------------------ */

static int found, wrong, turns;

static void *
one(void *arg)
{
	struct addrinfo *list = NULL;
	int error = green_getaddrinfo(arg, "80", NULL, &list, GREEN_NEVER);

	if (error || !list || !list->ai_addr)
		wrong++;
	else
		found++;
	green_freeaddrinfo(list);
	return NULL;
}

/* Without its turns none is found. */
static void *
lets_go(void *arg)
{
	for (turns = 0; turns < STORM; turns++) {
		gate_open(&resolver_gate, 1);
		green_yield();
	}
	return arg;
}

static void
storm(void *name)
{
	static green_t ids[STORM];
	int refused = 0;

	found = 0;
	for (int i = 0; i < STORM; i++)
		refused += green_spawn(&ids[i], NULL, one, name) != 0;
	if (resolver_is_ours(name))
		green_spawn(NULL, NULL, lets_go, NULL);
	for (int i = 0; i < STORM; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	is(refused, 0, "%d threads ask for %s", STORM, (char *)name);
	is(found, STORM, "all have found it");
	is(wrong, 0, "none has not");
}

int
main(void)
{
	static char gate[] = "storm.gate", localhost[] = "localhost";

	if (TAP_TSAN)
		skip_all("TSan must see getaddrinfo(): it knows none of "
			 "libc's own locks");
	gate_init(&resolver_gate);
	green_clock_virtual(1);
	give_up();
	green_clock_real();
	storm(gate);
	is(turns, STORM, "while another green thread ran");
	storm(localhost);
	is(lists, 0, "all lists were freed");
	gate_fini(&resolver_gate);
	return tap_done();
}
