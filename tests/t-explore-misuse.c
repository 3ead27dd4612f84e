/* SPDX-License-Identifier: MIT */
/* Proves: an exploration refuses what it cannot do, says which run broke its
 * rules, leaves nothing of it behind, and puts clock, order and threads back as
 * they were; reports name the schedule, and GREEN_SCHEDULE makes that run. */

#include "tap.h"

#include <green.h>

static struct green_explore_attr attr;
static struct green_explore_result result;

static int
explore(green_fn fn, void *arg)
{
	attr.size = sizeof(attr);
	result.size = sizeof(result);
	return green_explore(&attr, fn, arg, &result);
}

static void *
nothing(void *arg)
{
	return arg;
}

static void *
sleep_for_ever(void *arg)
{
	green_sleep_until(GREEN_NEVER);
	return arg;
}

static void *
yield(void *arg)
{
	green_yield();
	return arg;
}

/* ---- arguments --------------------------------------------------------- */

static void
refuses_schedule(const char *text, const char *what)
{
	attr.schedule = text;
	is(explore(nothing, NULL), -EINVAL, "%s is no schedule", what);
	attr.schedule = NULL;
}

static void
arguments(void)
{
	static char longest[GREEN_SCHEDULE_MAX + 1];
	struct {
		struct green_explore_attr attr;
		uint64_t more;
	} newer = { .more = 1 };

	is(explore(NULL, NULL), -EINVAL, "nothing to run");
	attr.flags = 8;
	is(explore(nothing, NULL), -EINVAL, "an unknown flag");
	attr.flags = 0;
	attr.max_choices = GREEN_SCHEDULE_MAX;
	is(explore(nothing, NULL), -EINVAL, "more choices than we can write");
	attr.max_choices = 0;
	refuses_schedule("0-1", "0-1");
	refuses_schedule("name:0", "one with a name");
	memset(longest, '0', sizeof(longest) - 1);
	refuses_schedule(longest, "one that is too long");
	longest[GREEN_SCHEDULE_MAX - 1] = '\0';
	attr.schedule = longest;
	is(explore(nothing, NULL), -EILSEQ, "the longest one");
	attr.schedule = NULL;
	newer.attr.size = sizeof(newer);
	is(green_explore(&newer.attr, nothing, NULL, NULL), -E2BIG,
	   "from a newer program");
	newer.attr.size = sizeof(newer.attr) - 1;
	is(green_explore(&newer.attr, nothing, NULL, NULL), -EINVAL,
	   "shorter than the first");
	result.size = sizeof(result) - 1;
	is(green_explore(NULL, nothing, NULL, &result), -EINVAL,
	   "a short result");
	is(green_explore(NULL, nothing, NULL, NULL), 0, "only what must be");
	is(green_explore(NULL, nothing, &attr, NULL), 1, "that fails");
}

/* ---- what is put back -------------------------------------------------- */

static int64_t seen;
static int busy[3];

static void *
look_at_clock(void *arg)
{
	seen = green_now();
	busy[0] = green_clock_virtual(1);
	busy[1] = green_clock_real();
	busy[2] = green_seed_set(3);
	green_sleep_until(green_after(5));
	return seen + 5 == green_now() ? NULL : arg;
}

static void
clock_and_seed(void)
{
	int64_t now = green_now();

	is(explore(look_at_clock, &seen), 0, "a run");
	is(seen, GREEN_SECOND, "begins at one second");
	is(busy[0], -EBUSY, "it cannot set the clock");
	is(busy[1], -EBUSY, "nor take it away");
	is(busy[2], -EBUSY, "nor the order");
	ok(green_now() >= now, "the clock goes on where it was");
	is(green_clock_advance(1), -EINVAL, "and is the real one");
	green_clock_virtual(12345);
	is(explore(look_at_clock, &seen), 0, "with a virtual clock");
	is(green_now(), 12345, "which stood still");
	green_clock_real();
}

static void
seeds(void)
{
	char text[1024];
	ssize_t n = -1;
	int fds[2];

	green_seed_set(99);
	is(explore(yield, NULL), 0, "with a seed");
	if (pipe(fds) == 0) {
		green_dump(fds[1]);
		n = read(fds[0], text, sizeof(text) - 1);
	}
	text[n > 0 ? n : 0] = '\0';
	ok(strstr(text, ", seed 99"), "which is back");
	green_seed_set(0);
}

/* ---- rules that are broken --------------------------------------------- */

static green_t kept;

static void *
unjoined(void *arg)
{
	green_spawn(&kept, NULL, nothing, NULL);
	return arg;
}

static void *
nested(void *arg)
{
	return (void *)(intptr_t)-green_explore(NULL, nothing, arg, NULL);
}

static int times;

/* More threads each time. */
static void *
another_each_time(void *arg)
{
	times++;
	for (int i = 0; i <= times; i++)
		green_spawn(NULL, NULL, yield, NULL);
	return arg;
}

static void *
fewer_each_time(void *arg)
{
	for (int i = 0; i < 4 - times; i++)
		green_spawn(NULL, NULL, yield, NULL);
	times++;
	return arg;
}

static void *
too_many(void *arg)
{
	for (int i = 0; i < 63; i++)
		green_spawn(NULL, NULL, nothing, NULL);
	return arg;
}

static void *
endless(void *arg)
{
	green_spawn(NULL, NULL, nothing, NULL);
	green_spawn(&kept, NULL, sleep_for_ever, NULL);
	for (;;)
		green_yield();
	return arg;
}

static void *
sleepers(void *arg)
{
	green_spawn(&kept, NULL, sleep_for_ever, NULL);
	return arg;
}

static void *
fail_and_leave(void *arg)
{
	green_t id;

	green_spawn(&id, NULL, sleep_for_ever, NULL);
	green_spawn(&kept, NULL, nothing, NULL);
	return &id == arg ? NULL : arg;
}

static void
breaks(green_fn fn, void *arg, int error, const char *what)
{
	struct green_stats stats = { .size = sizeof(stats) };
	green_t id;

	attr.flags |= GREEN_EXPLORE_QUIET;
	kept = times = 0;
	is(explore(fn, arg), error, "%s", what);
	is(result.complete, 0, "it ends there");
	if (kept)
		is(green_join(kept, NULL, 0), -ESRCH, "nobody is left");
	green_stats_get(&stats);
	is(stats.threads, 1, "one thread");
	is(green_spawn(&id, NULL, yield, &id), 0, "life goes on");
	is(green_join(id, NULL, GREEN_NEVER), 0, "as before");
}

static void
rules(void)
{
	green_t id;

	breaks(unjoined, NULL, -ECHILD, "a thread is left unjoined");
	breaks(nested, NULL, 1, "an exploration in one");
	is((intptr_t)result.value, EBUSY, "is refused");
	breaks(another_each_time, NULL, -EILSEQ, "other choices each time");
	is(result.runs, 2, "the second time");
	breaks(fewer_each_time, NULL, -EILSEQ, "less of them");
	breaks(too_many, NULL, -ERANGE, "too many threads");
	attr.max_steps = 1000;
	breaks(endless, NULL, -ELOOP, "a run without end");
	attr.max_steps = 0;
	breaks(sleepers, NULL, -EDEADLK, "a sleep without end");
	breaks(fail_and_leave, &result, 1, "a failure with threads left");
	ok(result.value == &result, "and its value");

	green_spawn(&id, NULL, nothing, NULL);
	is(explore(nothing, NULL), -EBUSY, "not among other threads");
	green_yield();
	is(explore(nothing, NULL), -EBUSY, "nor unjoined ones");
	green_join(id, NULL, GREEN_NEVER);
	is(explore(nothing, NULL), 0, "alone again");
}

/* ---- bindings ---------------------------------------------------------- */

static int begun, ended, failures, spoiled;

static int
begin_run(void *arg, green_t *ret_root)
{
	if (++begun == 4)
		return -EPERM;
	return green_spawn(ret_root, NULL, yield, arg);
}

static void *
end_run(void *arg, void *value)
{
	ended++;
	return value == arg && !spoiled ? NULL : arg;
}

static void
failed_run(void *arg, int error)
{
	failures += arg == &begun ? error : 100;
}

static void
bindings(void)
{
	attr.begin = begin_run;
	attr.end = end_run;
	attr.failed = failed_run;
	is(explore(NULL, &begun), 0, "a root of their own");
	is(begun * 10 + ended, 11, "is begun and ended");
	spoiled = 1;
	is(explore(NULL, &begun), 1, "its end decides");
	is(failures, 1, "and a failure is told");
	spoiled = 0;
	explore(NULL, &begun);
	is(explore(NULL, &begun), -EPERM, "a root that cannot be made");
	is(begun * 10 + ended, 43, "has no end");
	is(failures, 1, "and is no failure of a run");
	attr.begin = NULL;
	attr.end = NULL;
	attr.failed = NULL;
}

/* ---- reports ----------------------------------------------------------- */

static int last;

static void *
remember(void *arg)
{
	last = (int)(intptr_t)arg;
	return NULL;
}

/* Fails when the first one is last. */
static void *
order(void *arg)
{
	green_t ids[2];

	last = 0;
	green_spawn(&ids[0], NULL, remember, (void *)1);
	green_spawn(&ids[1], NULL, remember, (void *)2);
	green_join(ids[0], NULL, GREEN_NEVER);
	green_join(ids[1], NULL, GREEN_NEVER);
	return last == 1 ? arg : NULL;
}

static void
report(void *name)
{
	attr.flags = 0;
	attr.name = name;
	_exit(explore(order, &attr) == 1 ? (int)result.runs : 99);
}

static void
report_deadlock(void *arg)
{
	(void)arg;
	attr.flags = 0;
	_exit(explore(sleepers, NULL) == -EDEADLK ? 0 : 99);
}

static void
reports(void)
{
	static char pair[] = "pair", two[] = "two", none[] = "";
	char text[4096], again[4096];
	int runs;

	runs = WEXITSTATUS(dies(report, pair, text, sizeof(text)));
	ok(runs > 1 && runs < 99, "not the first run");
	ok(strstr(text, "libgreen: exploration \"pair\", run "), "is told");
	ok(strstr(text, "\nlibgreen: GREEN_SCHEDULE=pair:1 runs it again\n"),
	   "with its schedule");
	setenv("GREEN_SCHEDULE", "pair:1", 1);
	is(WEXITSTATUS(dies(report, pair, again, sizeof(again))), 1,
	   "which makes it the first");
	ok(strstr(again, "GREEN_SCHEDULE=pair:1 "), "and is told again");
	is(WEXITSTATUS(dies(report, two, again, sizeof(again))), runs,
	   "but not for another name");
	is(WEXITSTATUS(dies(report, none, text, sizeof(text))), runs,
	   "nor for none");
	setenv("GREEN_SCHEDULE", "1", 1);
	is(WEXITSTATUS(dies(report, none, text, sizeof(text))), 1,
	   "without a name it is for those without");
	ok(strstr(text, "libgreen: exploration, run 1: failed\n"
			"libgreen: GREEN_SCHEDULE=1 runs it again\n"),
	   "whose report has none");
	unsetenv("GREEN_SCHEDULE");
	is(WEXITSTATUS(dies(report_deadlock, NULL, text, sizeof(text))), 0,
	   "a run that fails and leaves somebody");
	ok(strstr(text, "sleeps"), "tells who");
}

int
main(void)
{
	unsetenv("GREEN_SCHEDULE");
	arguments();
	clock_and_seed();
	seeds();
	rules();
	bindings();
	reports();
	return tap_done();
}
