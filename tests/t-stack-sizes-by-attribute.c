/* SPDX-License-Identifier: MIT */
/* Proves: through the public calls: a thread can use as much stack as it asked
 * for, down to the least and up to 1 GiB; what it used is known; the memory of
 * a burst goes back when asked for; and a spawn that finds no address space or
 * no memory left says -ENOMEM, gives nothing away, and works again later. */

#include "tap.h"

#include "statm.h"

#include <sys/mman.h>

#include <green/embed.h>
#include <green/runtime.h>
#include <green/thread.h>

#define MIB ((uint64_t)1 << 20)

static struct green_stack_info info;
static uint64_t usable;

/* Touch all but the last KiB from the top down, as code with probes would. */
static __attribute__((noinline)) void
use(uintptr_t to)
{
	volatile char here;

	for (uintptr_t at = (uintptr_t)&here; at > to + 1024; at -= 1024)
		*(volatile char *)at = 1;
}

static void *
use_all(void *arg)
{
	info.size = sizeof(info);
	if (green_stack_get(0, &info) < 0)
		return NULL;
	usable = info.high - info.low;
	use(info.high - *(uint64_t *)arg);
	green_stack_get(0, &info);
	return arg;
}

static void
check_size(uint64_t size, uint64_t use_bytes)
{
	struct green_attr attr = { .size = sizeof(attr), .stack_size = size };
	void *value = NULL;
	green_t id;
	int error = green_spawn(&id, &attr, use_all, &use_bytes);

	if (error == -ENOMEM && size > MIB) {
		skip("a large stack", "no address space");
		return;
	}
	is(error, 0, "spawn with %ju bytes", (uintmax_t)size);
	is(green_join(id, &value, GREEN_NEVER), 0, "join");
	ok(value == &use_bytes && usable >= size, "it has as much: %ju",
	   (uintmax_t)usable);
	ok(info.used + 1024 >= use_bytes && info.used <= usable,
	   "and used %ju of it", (uintmax_t)info.used);
}

static void *
park_once(void *arg)
{
	green_yield();
	return arg;
}

static void
check_trim(void)
{
	enum {
		MANY = 2000
	};
	size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes;
	uint64_t before, burst;

	for (int i = 0; i < MANY; i++)
		green_spawn(NULL, NULL, park_once, NULL);
	before = resident_memory();
	green_yield();
	burst = resident_memory();
	/* The kernel's numbers are some pages off. */
	if (burst < before + MANY / 2 * page) {
		skip("trim", "no numbers of resident memory here");
		return;
	}
	green_yield();
	bytes = green_trim();
	ok(bytes / page >= MANY, "trim gave %zu bytes back", bytes);
	ok(resident_memory() + MANY / 2 * page < burst,
	   "%ju KiB before, %ju in a burst, %ju after trim",
	   (uintmax_t)before / 1024, (uintmax_t)burst / 1024,
	   (uintmax_t)resident_memory() / 1024);
	is(green_trim(), 0, "nothing left to trim");
}

/* Spawn until it fails, then let all of them run to their end. */
static int
spawn_to_the_limit(const struct green_attr *attr, int *ret_error)
{
	int n = 0;

	while (n < 1000000 &&
	       !(*ret_error = green_spawn(NULL, attr, park_once, NULL)))
		n++;
	green_yield();
	green_yield();
	return n;
}

static int
limited(void)
{
	struct green_attr attr = { .size = sizeof(attr),
				   .stack_size = 4 * MIB };
	struct rlimit as = { 512 * MIB, 512 * MIB };
	struct green_stats stats = { .size = sizeof(stats) };
	int first, second, error = 0;

	if (address_space() > as.rlim_cur / 4)
		return 77; /* a sanitizer's */
	setrlimit(RLIMIT_AS, &as);
	if (mmap(NULL, as.rlim_cur, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		 0) != MAP_FAILED)
		return 77;
	first = spawn_to_the_limit(&attr, &error);
	if (error != -ENOMEM || first < 8)
		return 1;
	second = spawn_to_the_limit(&attr, &error);
	if (error != -ENOMEM || second < first / 2)
		return 2;
	green_stats_get(&stats);
	return stats.threads == 1 ? 0 : 3;
}

static int
locked(void)
{
	green_t id;

	if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		return 77;
	for (int i = 0; i < 40; i++)
		if (green_spawn(&id, NULL, park_once, NULL) < 0 ||
		    green_join(id, NULL, GREEN_NEVER) < 0)
			return 1;
	return 0;
}

int
main(void)
{
	holds_in_child(limited, "RLIMIT_AS: -ENOMEM, and as many again later");
	holds_in_child(locked, "mlockall: threads run");
	check_size(0, GREEN_STACK_DEFAULT - 4096);
	check_size(GREEN_STACK_MIN, GREEN_STACK_MIN - 1024);
	check_size(200000, 199000);
	check_size(8 * MIB, 8 * MIB - 8192);
	check_size((uint64_t)tap_scale(1024, 64) * MIB, 65536);
	check_trim();
	return tap_done();
}
