/* SPDX-License-Identifier: MIT */
/* Proves: when two threads join each other and nothing else can happen, a
 * report on stderr names both, and whom each joins, and the process aborts; a
 * hook is called before, and may end the deadlock with green_interrupt(). */

#include "tap.h"

#include <inttypes.h>

#include <green.h>

static green_t one, two;
static int hooked;

static int results[2];

static void *
join(void *arg)
{
	int *result = &results[arg == &one];

	*result = 77;
	*result = green_join(*(green_t *)arg, NULL, GREEN_NEVER);
	return NULL;
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

static void
at_exit(void)
{
	static const char text[] = "went on\n";

	/* one was interrupted and has ended, so two could join it. */
	if (hooked == 1 && results[0] == -EINTR && results[1] == 0 &&
	    write(2, text, sizeof(text) - 1) > 0)
		_exit(0);
	_exit(94);
}

/* In a child, for its stderr. */
static void
goes_on(void *arg)
{
	atexit(at_exit);
	green_deadlock_hook(ending_hook, NULL);
	make_deadlock();
	green_exit(arg);
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

	if (TAP_TSAN)
		skip_all("a thread of ThreadSanitizer's could end it");
	status = dies(deadlock, NULL, text, sizeof(text));
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "SIGABRT");
	names_all(text);
	status = dies(with_hook, &one, text, sizeof(text));
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
	   "SIGABRT after a hook that does nothing");
	ok(strstr(text, "hook was here"), "which was called");
	status = dies(goes_on, NULL, text, sizeof(text));
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	   "a hook that ends it: all goes on");
	ok(strstr(text, "went on"), "to the end");
	return tap_done();
}
