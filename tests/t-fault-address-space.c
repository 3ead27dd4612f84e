/* SPDX-License-Identifier: MIT */
/* Proves: where the address space is short (RLIMIT_AS), spawn says -ENOMEM in
 * the end, every thread that it made runs, and when they are joined as many
 * can be made again. */

#include "tap.h"

#include "statm.h"

#include <sys/resource.h>

#include <green.h>

#define MOST 100000
#define ROOM ((rlim_t)96 << 20)

static green_t ids[MOST];
static int ran;

static void *
work(void *arg)
{
	green_yield();
	ran++;
	return arg;
}

static int
fill(void)
{
	int n = 0, error = 0;

	while (n < MOST && !(error = green_spawn(&ids[n], NULL, work, NULL)))
		n++;
	if (error != -ENOMEM)
		_exit(91);
	ran = 0;
	for (int i = 0; i < n; i++)
		if (green_join(ids[i], NULL, GREEN_NEVER))
			_exit(92);
	if (ran != n)
		_exit(93);
	return n;
}

static void
with_little_room(void *arg)
{
	struct green_attr attr = { .size = sizeof(attr) };
	struct rlimit limit;
	int first, again;

	limit.rlim_cur = limit.rlim_max = address_space() + ROOM;
	if (setrlimit(RLIMIT_AS, &limit))
		_exit(94);
	attr.stack_size = UINT64_C(1) << 30;
	if (green_spawn(NULL, &attr, work, arg) != -ENOMEM)
		_exit(95);
	first = fill();
	again = fill();
	fprintf(stderr, "%d, then %d", first, again);
	if (first < 100 || again < first)
		_exit(96);
}

int
main(void)
{
	const char *emulator = getenv("TEST_EMULATOR");
	char text[200];
	int status;

	if (TAP_SANITIZED)
		skip_all("sanitizers need more address space than there is");
	if (emulator && *emulator)
		skip_all("the emulator's own memory would be limited");
	status = dies(with_little_room, NULL, text, sizeof(text));
	ok(WIFEXITED(status), "it does not crash");
	is(WEXITSTATUS(status), 0, "and all is well: %s", text);
	return tap_done();
}
