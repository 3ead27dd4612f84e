/* SPDX-License-Identifier: MIT */
/* Proves: when two threads join each other and nothing else can happen, a
 * report on stderr names both, and whom each joins, and the process aborts; a
 * hook is called before, and may end the deadlock with green_interrupt(). */

#include "tap.h"

#include <inttypes.h>

#include <green.h>

static green_t one, two;
static int hooked;

static void *
join(void *arg)
{
	return (void *)(intptr_t)green_join(*(green_t *)arg, NULL, GREEN_NEVER);
}

static void
make_deadlock(void)
{
	struct green_attr attr = { .size = sizeof(attr), .name = "Tweedledum" };

	green_spawn(&one, &attr, join, &two);
	attr.name = "Tweedledee";
	green_spawn(&two, &attr, join, &one);
}

static void
deadlock(void *arg)
{
	char line[100];
	int n;

	(void)arg;
	make_deadlock();
	n = snprintf(line, sizeof(line), "%" PRIu64 " %" PRIu64 "\n", one, two);
	if (write(2, line, (size_t)n) < 0)
		_exit(90);
	green_sleep_until(green_after(1));
	green_join(one, NULL, GREEN_NEVER);
	/* -EBUSY: two is joining it. This one is certain. */
	green_exit(NULL);
}

static void
hook(void *arg)
{
	static const char text[] = "hook was here\n";

	hooked++;
	if (arg && write(2, text, sizeof(text) - 1) < 0)
		_exit(91);
}

static void
with_hook(void *arg)
{
	green_deadlock_hook(hook, arg);
	deadlock(arg);
}

static void
ending_hook(void *arg)
{
	(void)arg;
	hooked++;
	if (green_interrupt(one))
		_exit(92);
}

static void *
join_both(void *arg)
{
	void *value = NULL;

	(void)arg;
	green_join(two, &value, GREEN_NEVER);
	return value;
}

/* In a child, for its stderr. */
static void
goes_on(void *arg)
{
	static const char text[] = "went on\n";
	void *value = NULL;
	green_t id;

	(void)arg;
	green_deadlock_hook(ending_hook, NULL);
	make_deadlock();
	green_yield(); /* both wait; join_both would start them otherwise */
	green_spawn(&id, NULL, join_both, NULL);
	if (green_join(id, &value, GREEN_NEVER) || value)
		_exit(93);
	/* one was interrupted and has ended; two joined it with success. */
	if (hooked != 1 || green_join(two, NULL, 0) != -ESRCH)
		_exit(94);
	green_deadlock_hook(NULL, NULL);
	if (write(2, text, sizeof(text) - 1) < 0)
		_exit(95);
}

static void
names_all(const char *text)
{
	char line[64];
	uint64_t a, b;

	is(sscanf(text, "%" SCNu64 " %" SCNu64, &a, &b), 2, "ids");
	ok(strstr(text, "deadlock"), "the word");
	snprintf(line, sizeof(line), "thread %" PRIu64 " \"Tweedledum\"", a);
	ok(strstr(text, line), "%s", line);
	snprintf(line, sizeof(line), "thread %" PRIu64 " \"Tweedledee\"", b);
	ok(strstr(text, line), "%s", line);
	snprintf(line, sizeof(line), "joins thread %" PRIu64 ",", a);
	ok(strstr(text, line), "%s", line);
	snprintf(line, sizeof(line), "joins thread %" PRIu64 ",", b);
	ok(strstr(text, line), "%s", line);
	ok(strstr(text, "waits for all others"), "the main flow too");
	ok(strstr(text, "spawned at 0x"), "where they come from");
}

int
main(void)
{
	char text[4096];
	int status;

	status = dies(deadlock, NULL, text, sizeof(text));
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "SIGABRT");
	names_all(text);
	status = dies(with_hook, &one, text, sizeof(text));
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
	   "SIGABRT after a hook that does nothing");
	ok(strstr(text, "hook was here"), "which was called");
	status = dies(goes_on, NULL, text, sizeof(text));
	ok(WIFEXITED(status), "a hook that ends it");
	is(WEXITSTATUS(status), 0, "and all goes on");
	ok(strstr(text, "went on"), "to the end");
	return tap_done();
}
