/* SPDX-License-Identifier: MIT */
/*
 * The sanitizers' and Valgrind's view of our stacks.
 *
 * Interfaces: <sanitizer/common_interface_defs.h> (fibers),
 * <sanitizer/tsan_interface.h>, <sanitizer/lsan_interface.h>, declared here
 * because the headers are those of one compiler and we serve programs built
 * with another.
 */

#include "config.h"

#include "tools.h"

#include "valgrind.h"

#define weak __attribute__((weak))

weak void __sanitizer_start_switch_fiber(void **, const void *, size_t);
weak void __sanitizer_finish_switch_fiber(void *, const void **, size_t *);
weak void *__tsan_get_current_fiber(void);
weak void *__tsan_create_fiber(unsigned);
weak void __tsan_destroy_fiber(void *);
weak void __tsan_switch_to_fiber(void *, unsigned);
weak void __lsan_register_root_region(const void *, size_t);
weak void __lsan_unregister_root_region(const void *, size_t);

bool
green__asan(void)
{
	return __sanitizer_start_switch_fiber &&
	       __sanitizer_finish_switch_fiber;
}

bool
green__tsan(void)
{
	return __tsan_create_fiber && __tsan_switch_to_fiber;
}

uint32_t
green__tools_stack(struct tool_stack *t, void *lo, size_t size)
{
	t->lo = lo;
	t->size = size;
	t->fake = NULL;
	t->fiber = green__tsan() ? __tsan_create_fiber(0) : NULL;
	return VALGRIND_STACK_REGISTER(lo, (char *)lo + size);
}

void
green__tools_forget(struct tool_stack *t, uint32_t valgrind_id)
{
	if (t->fiber && green__tsan())
		__tsan_destroy_fiber(t->fiber);
	t->fiber = NULL;
	VALGRIND_STACK_DEREGISTER(valgrind_id);
}

void
green__tools_leave(struct tool_stack *from, struct tool_stack *to, bool ended)
{
	if (green__asan())
		__sanitizer_start_switch_fiber(ended ? NULL : &from->fake,
					       to->lo, to->size);
	if (green__tsan()) {
		if (from && !from->fiber)
			from->fiber = __tsan_get_current_fiber();
		__tsan_switch_to_fiber(to->fiber, 0);
	}
}

void
green__tools_arrive(struct tool_stack *self, struct tool_stack *from)
{
	const void *lo;
	size_t size;

	if (!green__asan())
		return;
	__sanitizer_finish_switch_fiber(self->fake, &lo, &size);
	if (from && !from->lo) {
		from->lo = lo;
		from->size = size;
	}
}

void
green__tools_root(const void *lo, size_t size)
{
	if (__lsan_register_root_region)
		__lsan_register_root_region(lo, size);
}

void
green__tools_unroot(const void *lo, size_t size)
{
	if (__lsan_unregister_root_region)
		__lsan_unregister_root_region(lo, size);
}
