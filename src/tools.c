/* SPDX-License-Identifier: MIT */
/*
 * The sanitizers' and Valgrind's view of our stacks.
 *
 * Interfaces: <sanitizer/common_interface_defs.h> (fibers),
 * <sanitizer/asan_interface.h>, <sanitizer/tsan_interface.h>,
 * <sanitizer/lsan_interface.h>, declared here because the headers are those
 * of one compiler and we serve programs built with another.
 */

#include "config.h"

#include "tools.h"

#include "valgrind.h"

#define weak __attribute__((weak))

weak void __sanitizer_start_switch_fiber(void **, const void *, size_t);
weak void __sanitizer_finish_switch_fiber(void *, const void **, size_t *);
weak void __asan_unpoison_memory_region(const volatile void *, size_t);
weak void *__tsan_get_current_fiber(void);
weak void *__tsan_create_fiber(unsigned);
weak void __tsan_destroy_fiber(void *);
weak void __tsan_switch_to_fiber(void *, unsigned);
weak void __tsan_release(void *);
weak void __lsan_register_root_region(const void *, size_t);
weak void __lsan_unregister_root_region(const void *, size_t);

/* From <valgrind/memcheck.h>: the tool's second request. */
#define MEMCHECK_MAKE_MEM_UNDEFINED (VG_USERREQ_TOOL_BASE('M', 'C') + 1)

unwatched bool
green__asan(void)
{
	return __sanitizer_start_switch_fiber &&
	       __sanitizer_finish_switch_fiber;
}

unwatched bool
green__tsan(void)
{
	return __tsan_create_fiber && __tsan_switch_to_fiber;
}

bool
green__watched(void)
{
	return green__asan() || green__tsan() || __lsan_register_root_region ||
	       RUNNING_ON_VALGRIND;
}

uint32_t
green__tools_stack(struct tool_stack *t, void *lo, size_t size)
{
	t->lo = lo;
	t->size = size;
	t->fake = NULL;
	t->fiber = green__tsan() ? __tsan_create_fiber(0) : NULL;
	t->ours = true;
	return VALGRIND_STACK_REGISTER(lo, (char *)lo + size);
}

/* Memcheck takes what lies below the stack pointer for dead, and would go on
 * doing so when the memory is used for something else. */
unwatched static void
revive(const struct tool_stack *t)
{
	char *lo = (char *)t->lo, *end = lo + t->size;
	char *here = __builtin_frame_address(0);

	if (here >= lo && here < end)
		end = here - lo > 1024 ? here - 1024 : lo;
	VALGRIND_DO_CLIENT_REQUEST_STMT(MEMCHECK_MAKE_MEM_UNDEFINED, lo,
					end - lo, 0, 0, 0);
}

unwatched void
green__tools_forget(struct tool_stack *t, uint32_t valgrind_id)
{
	if (t->ours && t->fiber && green__tsan())
		__tsan_destroy_fiber(t->fiber);
	t->fiber = NULL;
	if (t->ours)
		revive(t);
	VALGRIND_STACK_DEREGISTER(valgrind_id);
}

unwatched void
green__tools_leave(struct tool_stack *from, struct tool_stack *to, bool ended)
{
	if (green__asan())
		__sanitizer_start_switch_fiber(ended ? NULL : &from->fake,
					       to->lo, to->size);
	if (green__tsan()) {
		if (from && !from->ours)
			from->fiber = __tsan_get_current_fiber();
		__tsan_switch_to_fiber(to->fiber, 0);
	}
}

unwatched void
green__tools_arrive(struct tool_stack *self, struct tool_stack *from)
{
	const void *lo;
	size_t size;

	if (!green__asan())
		return;
	__sanitizer_finish_switch_fiber(self->fake, &lo, &size);
	self->fake = NULL;
	if (from && !from->ours) {
		from->lo = lo;
		from->size = size;
	}
}

/*
 * A fake stack can be given back only from within. So the current flow claims
 * to be on t's stack for a moment, and then that it leaves it for good.
 */
unwatched static void
drop_fake(struct tool_stack *t)
{
	const void *lo;
	size_t size;
	void *mine = NULL;

	__sanitizer_start_switch_fiber(&mine, t->lo, t->size);
	__sanitizer_finish_switch_fiber(t->fake, &lo, &size);
	__sanitizer_start_switch_fiber(NULL, lo, size);
	__sanitizer_finish_switch_fiber(mine, NULL, NULL);
	t->fake = NULL;
}

unwatched void
green__tools_abandon(struct tool_stack *t)
{
	if (t->fake && green__asan())
		drop_fake(t);
	if (__asan_unpoison_memory_region)
		__asan_unpoison_memory_region(t->lo, t->size);
}

unwatched void
green__tools_revive(const void *lo, size_t size)
{
	VALGRIND_DO_CLIENT_REQUEST_STMT(MEMCHECK_MAKE_MEM_UNDEFINED, lo, size,
					0, 0, 0);
}

void
green__tools_release(void *addr)
{
	if (__tsan_release)
		__tsan_release(addr);
}

void
green__tools_acquire(void *addr)
{
	if (__tsan_acquire)
		__tsan_acquire(addr);
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
