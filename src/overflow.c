/* SPDX-License-Identifier: MIT */
/*
 * The report of stack overflows: so far that of the range check alone.
 */

#include "config.h"

#include "overflow.h"

#include "base.h"

#include <errno.h>

#include <green/runtime.h>

int
green__overflow_thread_init(void)
{
	return 0;
}

void
green__overflow_thread_fini(void)
{
}

void
green__overflow_die(uintptr_t sp)
{
	(void)sp;
	green__die("stack overflow");
}

int
green_overflow_report(int on)
{
	return on == 0 ? 0 : -EINVAL;
}
