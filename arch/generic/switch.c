/* SPDX-License-Identifier: MIT */
/*
 * Stack switching with ucontext, for CPUs that have no assembly here.
 *
 * swapcontext() makes a system call for the signal mask and, on most systems,
 * keeps the floating-point control words of each side. The assembly backends
 * leave both alone: they belong to the OS thread. So that a program behaves
 * the same everywhere, whoever leaves hands over the mask and the words that
 * are in force, and the other side goes on with those.
 *
 * A suspended context's frame is a local variable of green__switch_with() on
 * its stack; a fresh one lies at the top of the stack. Only the first arrival
 * on a stack needs a function of its own, and makecontext() gives that int
 * arguments only: the pointer goes in two halves.
 *
 * Rejected: setjmp() and longjmp() for all but the first switch. glibc's
 * longjmp aborts on a stack that it does not know when fortified.
 */

#include "config.h"

#include "base.h"
#include "context.h"
#include "frame.h"

#include <fenv.h>
#include <signal.h>
#include <string.h>

const uint32_t green__stack_probe = STACK_PROBE;

/* These live in the math library, which we do not link with: a program that
 * changes the control words has it. */
#ifdef HAVE_FEGETMODE
#pragma weak fegetmode
#pragma weak fesetmode

_Static_assert(sizeof(femode_t) <= sizeof(uint64_t), "the words fit");

uint64_t
green__fp_get(void)
{
	uint64_t words = 0;
	femode_t mode;

	if (fegetmode && fesetmode && fegetmode(&mode) == 0)
		memcpy(&words, &mode, sizeof(mode));
	return words;
}

void
green__fp_set(uint64_t words)
{
	femode_t mode;

	memcpy(&mode, &words, sizeof(mode));
	if (fegetmode && fesetmode)
		fesetmode(&mode);
}
#else
#pragma weak fegetround
#pragma weak fesetround

uint64_t
green__fp_get(void)
{
	return fegetround && fesetround ? (uint64_t)fegetround() : 0;
}

void
green__fp_set(uint64_t words)
{
	if (fegetround && fesetround)
		fesetround((int)words);
}
#endif

static void
hand_over(struct frame *to, green_context_fn fn, void *value)
{
	to->value = value;
	to->fn = fn;
	to->fp = green__fp_get();
	sigprocmask(SIG_SETMASK, NULL, &to->uc.uc_sigmask);
}

static void *
arrive(struct frame *self)
{
	green__fp_set(self->fp);
	return self->fn ? self->fn(self->value) : self->value;
}

void *
green__switch_with(void **save_sp, void **load_sp, green_context_fn fn,
		   void *value)
{
	struct frame self, *to = *load_sp;

	hand_over(to, fn, value);
	*save_sp = &self;
	if (swapcontext(&self.uc, &to->uc) < 0)
		green__die("swapcontext() failed");
	return arrive(&self);
}

void *
green__switch(void **save_sp, void **load_sp, void *value)
{
	return green__switch_with(save_sp, load_sp, NULL, value);
}

void
green__jump(void **load_sp, void *value)
{
	struct frame *to = *load_sp;

	hand_over(to, NULL, value);
	setcontext(&to->uc);
	green__die("setcontext() failed");
}

void *
green_context_switch(struct green_context *from, struct green_context *to,
		     void *value)
{
	struct context *f = (struct context *)(void *)from;
	struct context *t = (struct context *)(void *)to;

	if (f->flags | t->flags)
		return green__context_switch_slow(from, to, value);
	return green__switch(&f->sp, &t->sp, value);
}

void *
green_context_switch_with(struct green_context *from, struct green_context *to,
			  green_context_fn fn, void *value)
{
	struct context *f = (struct context *)(void *)from;
	struct context *t = (struct context *)(void *)to;

	if (f->flags | t->flags)
		return green__context_switch_with_slow(from, to, fn, value);
	return green__switch_with(&f->sp, &t->sp, fn, value);
}

static void
start(unsigned high, unsigned low)
{
	uint64_t address = (uint64_t)high << 32 | low;
	struct frame *self = (struct frame *)(uintptr_t)address;

	struct green__next next = self->entry(self->arg, arrive(self));

	green__jump(next.load_sp, next.value);
}

/* By itself, because the compiler expects getcontext() to return twice. */
static noinline int
read_context(ucontext_t *uc)
{
	return getcontext(uc);
}

void *
green__frame_init(void *lo, void *top, green__entry entry, void *arg)
{
	uintptr_t size = (uintptr_t)top - (uintptr_t)lo, at;
	struct frame *f;

	/* Room for this frame, one of a switch away from there, and the
	 * smallest stack beside them. */
	if (size <
	    2 * sizeof(*f) + _Alignof(struct frame) + GREEN_CONTEXT_STACK_MIN)
		return NULL;
	at = ((uintptr_t)top - sizeof(*f)) & ~(_Alignof(struct frame) - 1);
	f = (struct frame *)(void *)((char *)lo + (at - (uintptr_t)lo));
	memset(f, 0, sizeof(*f));
	if (read_context(&f->uc) < 0)
		return NULL;
	f->entry = entry;
	f->arg = arg;
	f->uc.uc_stack.ss_sp = lo;
	f->uc.uc_stack.ss_size = at - (uintptr_t)lo;
	f->uc.uc_link = NULL;
	makecontext(&f->uc, (void (*)(void))start, 2,
		    (unsigned)((uint64_t)at >> 32), (unsigned)at);
	return f;
}
