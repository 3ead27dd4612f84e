/* SPDX-License-Identifier: MIT */
/* Proves: green_spawn() refuses each bad function and attribute with its
 * documented error and writes no id then; the borders of what it takes run a
 * thread. */

#include "tap.h"

#include <green.h>

#define UNTOUCHED UINT64_C(0x1234567890abcdef)

static void *
work(void *arg)
{
	return (char *)arg + 1;
}

/* Spawn with the attribute; if that works, the thread must work too. */
static int
try(const struct green_attr *attr)
{
	green_t id = UNTOUCHED;
	char base[2];
	void *value = NULL;
	int error = green_spawn(&id, attr, work, base);

	if (error) {
		ok(id == UNTOUCHED, "no id is written on failure");
		return error;
	}
	is(green_join(id, &value, GREEN_NEVER), 0, "join");
	ok(value == base + 1, "it ran");
	return 0;
}

static struct green_attr
attr_make(void)
{
	return (struct green_attr){ .size = sizeof(struct green_attr) };
}

static void
sizes_of_struct(void)
{
	struct {
		struct green_attr attr;
		char tail[40];
	} longer = { .attr = { .size = sizeof(longer) } };
	struct green_attr attr = { .size = 0 };

	is(try(NULL), 0, "no attribute at all");
	is(try(&attr), -EINVAL, "size 0");
	attr.size = sizeof(attr) - 1;
	is(try(&attr), -EINVAL, "a struct shorter than the first release's");
	attr.size = sizeof(attr);
	is(try(&attr), 0, "all fields zero");
	is(try(&longer.attr), 0, "a longer struct, its tail zero");
	longer.tail[sizeof(longer.tail) - 1] = 1;
	is(try(&longer.attr), -E2BIG, "a longer struct, its last byte set");
	longer.tail[sizeof(longer.tail) - 1] = 0;
	longer.tail[0] = 1;
	is(try(&longer.attr), -E2BIG, "a longer struct, its first byte set");
}

static void
flags(void)
{
	struct green_attr attr = attr_make();

	attr.flags = GREEN_FP;
	is(try(&attr), 0, "GREEN_FP");
	attr.flags = GREEN_NEWEST_FIRST;
	is(try(&attr), 0, "GREEN_NEWEST_FIRST");
	attr.flags = 8;
	is(try(&attr), -EINVAL, "the next flag");
	attr.flags = UINT64_C(1) << 63;
	is(try(&attr), -EINVAL, "the highest flag");
}

static void
stack_sizes(void)
{
	struct green_attr attr = attr_make();
	int error;

	attr.stack_size = 1;
	is(try(&attr), -EINVAL, "stack_size 1");
	attr.stack_size = GREEN_STACK_MIN - 1;
	is(try(&attr), -EINVAL, "one byte too few");
	attr.stack_size = GREEN_STACK_MIN;
	is(try(&attr), 0, "the smallest stack_size");
	attr.stack_size = GREEN_STACK_DEFAULT + 1;
	is(try(&attr), 0, "an odd stack_size above the default");
	attr.stack_size = UINT64_C(16) << 20;
	is(try(&attr), 0, "16 MiB");
	attr.stack_size = UINT64_C(1) << 30;
	error = try(&attr);
	ok(error == 0 || error == -ENOMEM,
	   "1 GiB is right, if the system has it: %s", green_strerror(error));
	attr.stack_size++;
	is(try(&attr), -EINVAL, "one byte more than 1 GiB");
	attr.stack_size = UINT64_MAX;
	is(try(&attr), -EINVAL, "UINT64_MAX");
	attr.stack_size = (UINT64_C(1) << 32) + GREEN_STACK_MIN;
	is(try(&attr), -EINVAL, "more than 32 bits, though the low ones do");
}

static void
reserves(void)
{
	struct green_attr attr = attr_make();

	attr.reserve_top = 8;
	is(try(&attr), -EINVAL, "reserve_top no multiple of 16");
	attr.reserve_top = GREEN_STACK_DEFAULT - GREEN_STACK_MIN;
	is(try(&attr), 0, "the largest reserve_top of the default stack");
	attr.reserve_top += 16;
	is(try(&attr), -EINVAL, "16 bytes more leave too little");
	attr.reserve_top = UINT64_MAX - 15;
	is(try(&attr), -EINVAL, "a reserve_top that would wrap");
	attr.stack_size = GREEN_STACK_MIN;
	attr.reserve_top = 16;
	is(try(&attr), -EINVAL, "none of the smallest stack can be spared");
}

int
main(void)
{
	green_t id = UNTOUCHED;

	is(green_spawn(&id, NULL, NULL, NULL), -EINVAL, "NULL function");
	ok(id == UNTOUCHED, "no id for that");
	sizes_of_struct();
	flags();
	stack_sizes();
	reserves();
	return tap_done();
}
