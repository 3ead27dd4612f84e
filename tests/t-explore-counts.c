/* SPDX-License-Identifier: MIT */
/* Proves: an exploration makes every order of a program exactly once: as many
 * runs as there are interleavings, all different, with and without joins,
 * deadlines that may come at any time, and a limit to preemptions; and no more
 * than its other limits say. */

#include "tap.h"

#include <green.h>

#define THREADS 4

static int threads, yields; /* of each of them */

/* ---- traces ------------------------------------------------------------ */

#define TRACE 20
#define TRACES 4096

static char traces[TRACES][TRACE];
static int trace_count, trace_len;

static void
note(char c)
{
	if (trace_count < TRACES && trace_len + 1 < TRACE)
		traces[trace_count][trace_len++] = c;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int
distinct(void)
{
	int n = trace_count > 0;

	qsort(traces, (size_t)trace_count, TRACE, compare);
	for (int i = 1; i < trace_count; i++)
		n += strcmp(traces[i - 1], traces[i]) != 0;
	return n;
}

static uint64_t
explore(green_fn fn, struct green_explore_attr *attr, uint64_t *ret_complete)
{
	struct green_explore_result r = { .size = sizeof(r) };

	attr->size = sizeof(*attr);
	memset(traces, 0, sizeof(traces));
	trace_count = -1;
	is(green_explore(attr, fn, NULL, &r), 0, "no run failed");
	trace_count++;
	if (ret_complete)
		*ret_complete = r.complete;
	return r.runs;
}

/* ---- programs ---------------------------------------------------------- */

static void *
work(void *arg)
{
	note((char)('a' + (intptr_t)arg));
	for (int i = 0; i < yields; i++) {
		green_yield();
		note((char)('a' + (intptr_t)arg));
	}
	return arg;
}

static void
begin(void)
{
	trace_count++;
	trace_len = 0;
}

static void *
detached(void *arg)
{
	begin();
	for (int i = 0; i < threads; i++)
		green_spawn(NULL, NULL, work, (void *)(intptr_t)i);
	return arg;
}

static void *
joined(void *arg)
{
	green_t ids[THREADS];

	begin();
	for (int i = 0; i < threads; i++)
		green_spawn(&ids[i], NULL, work, (void *)(intptr_t)i);
	for (int i = 0; i < threads; i++) {
		green_join(ids[i], NULL, GREEN_NEVER);
		note('.');
	}
	return arg;
}

/* ---- interleavings ----------------------------------------------------- */

static uint64_t
binomial(int n, int k)
{
	uint64_t b = 1;

	for (int i = 1; i <= k; i++)
		b = b * (uint64_t)(n - k + i) / (uint64_t)i;
	return b;
}

/* k threads of s steps each: (ks)! / s!^k */
static uint64_t
multinomial(int k, int s)
{
	uint64_t m = 1;

	for (int i = 1; i <= k; i++)
		m *= binomial(i * s, s);
	return m;
}

static void
all_interleavings(int k, int n)
{
	struct green_explore_attr attr = { .size = 0 };
	uint64_t complete, runs, want = multinomial(k, n + 1);

	threads = k;
	yields = n;
	runs = explore(detached, &attr, &complete);
	is(runs, want, "%d threads that yield %d times", k, n);
	is(complete, 1, "all of them");
	is(distinct(), want, "all different");
}

/* left: steps of each thread; j: which one the root joins, if it is not ready
 * to go on. */
static uint64_t
orders_joined(const int *left, int j, int ready)
{
	uint64_t n = 0;
	int next[THREADS];

	if (ready) {
		int k = j + 1;

		while (k < threads && !left[k])
			k++;
		n += k == threads ? 1 : orders_joined(left, k, 0);
	}
	for (int i = 0; i < threads; i++) {
		if (!left[i])
			continue;
		memcpy(next, left, sizeof(next));
		next[i]--;
		n += orders_joined(next, j, ready || (i == j && !next[i]));
	}
	return n;
}

static void
with_joins(int k, int n)
{
	struct green_explore_attr attr = { .size = 0 };
	int left[THREADS] = { 0 };

	threads = k;
	yields = n;
	for (int i = 0; i < k; i++)
		left[i] = n + 1;
	is(explore(joined, &attr, NULL), orders_joined(left, 0, 0),
	   "%d threads that yield %d times, and are joined", k, n);
}

/* ---- deadlines --------------------------------------------------------- */

enum sleeper {
	FIRST,
	ASLEEP,
	AWAKE,
	GONE
};

static void *
sleep_once(void *arg)
{
	green_sleep_until(green_after(GREEN_SECOND));
	return arg;
}

static void *
sleep_and_work(void *arg)
{
	begin();
	green_spawn(NULL, NULL, sleep_once, NULL);
	green_spawn(NULL, NULL, work, NULL);
	return arg;
}

static uint64_t
orders_asleep(enum sleeper sleeper, int left, int any_time)
{
	uint64_t n = 0;

	if (sleeper == GONE && !left)
		return 1;
	if (sleeper == FIRST || sleeper == AWAKE)
		n += orders_asleep(sleeper + 1, left, any_time);
	if (sleeper == ASLEEP && (any_time || !left))
		n += orders_asleep(AWAKE, left, any_time);
	if (left)
		n += orders_asleep(sleeper, left - 1, any_time);
	return n;
}

static void
with_deadlines(int n)
{
	struct green_explore_attr attr = { .size = 0 };

	yields = n;
	is(explore(sleep_and_work, &attr, NULL), orders_asleep(FIRST, n + 1, 0),
	   "a sleeper wakes when nothing else can run");
	attr.flags = GREEN_EXPLORE_TIMEOUTS;
	is(explore(sleep_and_work, &attr, NULL), orders_asleep(FIRST, n + 1, 1),
	   "or at any time");
}

/* ---- preemption -------------------------------------------------------- */

/* Calls that do not park, but where others could come in between. */
static void *
call(void *arg)
{
	for (int i = 0; i < yields; i++) {
		note((char)('a' + (intptr_t)arg));
		green_interrupt(1);
	}
	note((char)('a' + (intptr_t)arg));
	return arg;
}

static void *
two_that_call(void *arg)
{
	begin();
	green_spawn(NULL, NULL, call, (void *)0);
	green_spawn(NULL, NULL, call, (void *)1);
	return arg;
}

/* own: steps left of the one that runs. */
static uint64_t
orders_preempted(int own, int other, int budget)
{
	uint64_t n;

	if (own == 1)
		return other ? orders_preempted(other, 0, budget) : 1;
	n = orders_preempted(own - 1, other, budget);
	if (other && budget)
		n += orders_preempted(other, own - 1, budget - 1);
	return n;
}

static void
with_preemption(int n)
{
	struct green_explore_attr attr = { .size = 0 };
	uint64_t complete;

	yields = n;
	is(explore(two_that_call, &attr, NULL), 2,
	   "who does not yield goes on");
	attr.flags = GREEN_EXPLORE_PREEMPT;
	is(explore(two_that_call, &attr, &complete), multinomial(2, n + 1),
	   "unless preempted");
	is(complete, 1, "all orders");
	is(distinct(), multinomial(2, n + 1), "all different");
	for (int budget = 1; budget <= 3; budget++) {
		uint64_t want = 2 * orders_preempted(n + 1, n + 1, budget);

		attr.max_preemptions = (uint64_t)budget;
		is(explore(two_that_call, &attr, &complete), want,
		   "preempted %d times at most", budget);
		is(complete, want == multinomial(2, n + 1),
		   "and it knows whether these are all");
	}
	attr.max_preemptions = 100;
	explore(two_that_call, &attr, &complete);
	is(complete, 1, "a limit that is never met is none");
}

/* ---- other limits ------------------------------------------------------ */

static int flag;

static void *
set_flag(void *arg)
{
	green_yield();
	flag = 1;
	return arg;
}

/* Has orders without end, but each of them is first in first out after some
 * time, and then it ends. */
static void *
spin(void *arg)
{
	flag = 0;
	green_spawn(NULL, NULL, set_flag, NULL);
	while (!flag)
		green_yield();
	return arg;
}

static void
limits(void)
{
	struct green_explore_attr attr = { .max_runs = 17 };
	uint64_t complete;

	threads = 3;
	yields = 2;
	is(explore(detached, &attr, &complete), 17, "no more runs than that");
	is(complete, 0, "are not all");
	attr.max_runs = multinomial(3, 3);
	explore(detached, &attr, &complete);
	is(complete, 1, "exactly as many are");
	attr.max_runs = 0;
	attr.max_choices = 3;
	is(explore(detached, &attr, &complete), 27, "3 choices of 3");
	is(complete, 0, "are not all");
	is(distinct(), 27, "all different");
	attr.max_choices = 10;
	/* One run per choice that was the spinning one's again, or not. */
	ok(explore(spin, &attr, &complete) > 10, "a program that spins");
	is(complete, 0, "never had all");
}

int
main(void)
{
	all_interleavings(1, 3);
	all_interleavings(2, 0);
	all_interleavings(2, 2);
	all_interleavings(2, 5);
	all_interleavings(3, 1);
	all_interleavings(3, 2);
	all_interleavings(4, 1);
	with_joins(2, 1);
	with_joins(2, 3);
	with_joins(3, 1);
	with_deadlines(0);
	with_deadlines(3);
	with_preemption(1);
	with_preemption(4);
	limits();
	return tap_done();
}
