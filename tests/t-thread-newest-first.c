/* SPDX-License-Identifier: MIT */
/* Proves: threads with GREEN_NEWEST_FIRST start the newest first, and those
 * without it in their order; a tree of them is walked in depth, so that few are
 * alive at a time, on one worker and, each run once, on several; however many
 * of them come, threads that have started and threads without the flag get
 * their turns; and one that waits to be started can be joined, cancelled,
 * abandoned and forked away as any other. */

#include "tap.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include <green.h>

static const struct green_attr newest = {
	.size = sizeof(newest),
	.flags = GREEN_NEWEST_FIRST,
};

/* ---- the order ---------------------------------------------------------- */

static char trace[64];
static size_t len;

static void *
work(void *arg)
{
	trace[len++] = *(const char *)arg;
	return arg;
}

static void
begin(void)
{
	len = 0;
	memset(trace, 0, sizeof(trace));
}

static void
wait_for(size_t n)
{
	while (len < n)
		green_yield();
}

/* Those letters of the trace that are in set. */
static const char *
only(const char *set)
{
	static char found[sizeof(trace)];
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		if (strchr(set, trace[i]))
			found[n++] = trace[i];
	found[n] = '\0';
	return found;
}

static void
order(void)
{
	begin();
	for (const char *p = "abcd"; *p; p++)
		green_spawn(NULL, &newest, work, (void *)(uintptr_t)p);
	wait_for(4);
	ok(!strcmp(trace, "dcba"), "newest first: %s", trace);

	begin();
	for (int i = 0; i < 4; i++) {
		green_spawn(NULL, &newest, work,
			    (void *)(uintptr_t) & "abcd"[i]);
		green_spawn(NULL, NULL, work, (void *)(uintptr_t) & "wxyz"[i]);
	}
	wait_for(8);
	ok(!strcmp(only("abcd"), "dcba"), "among others: %s", trace);
	ok(!strcmp(only("wxyz"), "wxyz"), "the others keep their order");
}

static void
joined(void)
{
	green_t ids[4];
	void *value;

	begin();
	for (int i = 0; i < 4; i++)
		green_spawn(&ids[i], &newest, work,
			    (void *)(uintptr_t) & "abcd"[i]);
	is(green_join(ids[1], &value, GREEN_NEVER), 0, "join one of them");
	ok(trace[0] == 'b' && *(char *)value == 'b', "it ran next");
	for (int i = 0; i < 4; i++)
		if (i != 1)
			green_join(ids[i], NULL, GREEN_NEVER);
	is(len, 4, "and all in the end");
}

/* ---- trees -------------------------------------------------------------- */

#define FORKS 4

static atomic_long alive, most, nodes;
static const struct green_attr *how;

/* Counts the leaves below it. */
static void *
tree(void *arg)
{
	intptr_t depth = (intptr_t)arg, sum = 0;
	green_t ids[FORKS];
	void *value;

	nodes++;
	if (++alive > most)
		most = alive;
	if (!depth) {
		alive--;
		return (void *)1;
	}
	for (int i = 0; i < FORKS; i++)
		green_spawn(&ids[i], how, tree, (void *)(depth - 1));
	for (int i = 0; i < FORKS; i++) {
		green_join(ids[i], &value, GREEN_NEVER);
		sum += (intptr_t)value;
	}
	alive--;
	return (void *)sum;
}

#define DEPTH 6
#define LEAVES 4096
#define NODES 5461

static void
trees(void)
{
	how = &newest;
	is((intptr_t)tree((void *)DEPTH), LEAVES, "a tree of %d leaves",
	   LEAVES);
	is(nodes, NODES, "each of its nodes ran");
	ok(most < 50, "%ld at a time", (long)most);
	nodes = most = 0;
	how = NULL;
	tree((void *)DEPTH);
	ok(most > 500, "without the flag %ld", (long)most);
}

static void
seeded(void)
{
	green_t id;

	begin();
	green_spawn(NULL, &newest, work, (void *)(uintptr_t) "a");
	green_seed_set(7);
	how = &newest;
	is((intptr_t)tree((void *)DEPTH), LEAVES, "with a seed");
	green_spawn(&id, &newest, work, (void *)(uintptr_t) "b");
	wait_for(2);
	green_seed_set(0);
	is(green_join(id, NULL, GREEN_NEVER), 0, "none is left behind");
}

/* ---- fairness ----------------------------------------------------------- */

static atomic_bool stop, started;
static atomic_int chains;

/* Each makes the next one, which is the newest then. */
static void *
chain(void *arg)
{
	if (stop || green_spawn(NULL, &newest, chain, arg))
		chains--;
	return NULL;
}

static void *
starts(void *arg)
{
	started = true;
	return arg;
}

/* While others never cease to start. */
static void *
fair(void *arg)
{
	stop = started = false;
	chains = 3;
	for (int i = 0; i < 3; i++)
		green_spawn(NULL, &newest, chain, NULL);
	green_spawn(NULL, NULL, starts, NULL);
	for (int i = 0; i < 1000; i++)
		green_yield();
	while (!started)
		green_yield();
	stop = true;
	while (chains)
		green_yield();
	return arg;
}

static void
workers(uint64_t n)
{
	struct green_runtime_attr attr = { .size = sizeof(attr), .workers = n };
	struct green_runtime *rt;
	void *leaves = NULL;
	int error;

	nodes = 0;
	how = &newest;
	green_runtime_create(&rt, &attr);
	green_runtime_run(rt, tree, (void *)DEPTH, &leaves);
	is((intptr_t)leaves, LEAVES, "a tree, %d workers", (int)n);
	is(nodes, NODES, "each of its nodes ran");
	is(green_runtime_run(rt, fair, NULL, NULL), 0, "and all others");
	/* The last of a chain may still be about to end. */
	do
		error = green_runtime_destroy(rt);
	while (error == -EBUSY && sched_yield() == 0);
	is(error, 0, "none is left");
}

/* ---- what else can be done with one ------------------------------------- */

static void *
asks(void *arg)
{
	(void)arg;
	return (void *)(intptr_t)green_cancelled();
}

static void
cancelled(void)
{
	green_t id;
	void *value = NULL;

	green_spawn(&id, &newest, asks, NULL);
	green_cancel(id);
	green_join(id, &value, GREEN_NEVER);
	ok(value, "one that was cancelled knows");
}

static void *
leaves_them(void *arg)
{
	for (int i = 0; i < 3; i++)
		green_spawn(NULL, &newest, work, (void *)(uintptr_t) "x");
	return arg;
}

static void
abandoned(void)
{
	struct green_stats stats = { .size = sizeof(stats) };
	uint64_t before;
	pthread_t thread;

	green_stats_get(&stats);
	before = stats.abandoned;
	begin();
	pthread_create(&thread, NULL, leaves_them, NULL);
	pthread_join(thread, NULL);
	green_stats_get(&stats);
	is(stats.abandoned - before, 3, "abandoned");
	is(len, 0, "and not run");
}

static void
forked(void)
{
	green_t id;
	int status = -1;
	pid_t pid;

	begin();
	green_spawn(&id, &newest, work, (void *)(uintptr_t) "a");
	pid = fork();
	if (!pid) {
		int error = green_join(id, NULL, GREEN_NEVER);

		green_spawn(&id, &newest, work, (void *)(uintptr_t) "b");
		wait_for(1);
		_exit(error == -ESRCH && !strcmp(trace, "b") ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	is(status, 0, "forgotten in the child, which makes its own");
	is(green_join(id, NULL, GREEN_NEVER), 0, "and not in the parent");
}

static void
bad_input(void)
{
	struct green_attr attr = newest;
	struct green_runtime *rt;
	green_t id = 5;

	attr.worker = 1;
	green_runtime_create(&rt, NULL);
	attr.runtime = rt;
	is(green_spawn(&id, &attr, work, NULL), -EINVAL, "for one worker");
	is(id, 5, "nothing was made");
	green_runtime_destroy(rt);
}

int
main(void)
{
	order();
	joined();
	trees();
	seeded();
	fair(NULL);
	ok(1, "others are not held up");
	cancelled();
	abandoned();
	forked();
	workers(1);
	workers(3);
	bad_input();
	return tap_done();
}
