/* SPDX-License-Identifier: MIT */
/* Proves: green_stack_get() tells bounds that hold the thread's locals, leaves
 * the reserve_top free and writable, and knows the main flow's stack; it
 * refuses threads that have not run, are gone or elsewhere, and short
 * structs. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

static struct green_stack_info
info_of(green_t id)
{
	struct green_stack_info info = { .size = sizeof(info) };

	is(green_stack_get(id, &info), 0, "get");
	is(info.size, sizeof(info), "size stays");
	return info;
}

static void *
look(void *arg)
{
	uint64_t reserve = *(uint64_t *)arg;
	struct green_stack_info info = info_of(0), same;
	uintptr_t here = (uintptr_t)&info;

	ok(here > info.low && here < info.high, "a local is within");
	is(info.reserve_end - info.high, reserve, "the reserve");
	ok(info.high - info.low + reserve >= GREEN_STACK_DEFAULT,
	   "as large as asked for: %zu", (size_t)(info.high - info.low));
	memset((char *)info.high, 0x77, info.reserve_end - info.high);
	ok(info.used > 0 && info.used <= info.high - info.low + reserve,
	   "used: %zu", (size_t)info.used);
	same = info_of(green_self());
	is(same.low, info.low, "the same by its id");
	green_yield();
	for (uintptr_t p = info.high; p < info.reserve_end; p++)
		if (*(unsigned char *)p != 0x77)
			return NULL;
	return arg;
}

static void
reserves(uint64_t reserve)
{
	struct green_attr attr = { .size = sizeof(attr) };
	struct green_stack_info info = { .size = sizeof(info) };
	void *value = NULL;
	green_t id;

	attr.reserve_top = reserve;
	green_spawn(&id, &attr, look, &reserve);
	is(green_stack_get(id, &info), -EAGAIN, "it has not run yet");
	green_yield();
	is(green_stack_get(id, &info), 0, "now it has");
	green_join(id, &value, GREEN_NEVER);
	ok(value == &reserve, "its reserve was left alone");
	is(green_stack_get(id, &info), -ESRCH, "it is gone");
}

static void *
elsewhere(void *arg)
{
	struct green_stack_info info = { .size = sizeof(info) };
	uintptr_t here = (uintptr_t)&info;

	is(green_stack_get(*(green_t *)arg, &info), -EPERM, "elsewhere");
	info = info_of(0);
	ok(here > info.low && here < info.high, "a pthread's own stack");
	return NULL;
}

static void
sizes(void)
{
	struct {
		struct green_stack_info info;
		char tail[16];
	} longer;
	struct green_stack_info info = { .size = sizeof(info) - 1 };

	is(green_stack_get(0, NULL), -EINVAL, "NULL");
	is(green_stack_get(0, &info), -EINVAL, "too short");
	memset(&longer, 0xff, sizeof(longer));
	longer.info.size = sizeof(longer);
	is(green_stack_get(0, &longer.info), 0, "longer");
	ok(!longer.tail[0] && !longer.tail[15], "its tail is cleared");
}

int
main(void)
{
	struct green_stack_info info = info_of(0);
	uintptr_t here = (uintptr_t)&info;
	green_t self = green_self();
	pthread_t thread;

	ok(here > info.low && here < info.high, "the main flow's own stack");
	is(info.reserve_end, info.high, "has no reserve");
	ok(info.used > 0, "some of it is used");
	sizes();
	reserves(0);
	reserves(16);
	reserves(4096 + 48);
	reserves(65536);
	pthread_create(&thread, NULL, elsewhere, &self);
	pthread_join(thread, NULL);
	return tap_done();
}
