/* SPDX-License-Identifier: MIT */
/*
 * Contexts: making one, its end, and the switches that assembly leaves to C.
 *
 * A plain switch never comes here: assembly tests the flags of both sides and
 * does it alone. A flag on either side (own floating-point control words, a
 * sanitizer that watches, an ended context) leads to the slow functions.
 *
 * When a tool is watching every suspended context is flagged, so that each
 * switch is slow on both sides: those made by green_context_init() from the
 * start, the zero struct of a running flow when it is left, which it always is
 * for a flagged one. What is handed over is then the address of a struct
 * handover on the stack of the side that left (of one that has ended: in its
 * struct), which stays valid until the other side has read it. Otherwise it is
 * the bare value, because the other side may be fast. What the tools hold for
 * a context that has ended is let go by the side that goes on, because up to
 * then its stack is in use.
 *
 * Rejected: restoring the control words by a second return address on the
 * suspended stack (no test on the fast path, but a frame that unwinders do
 * not understand); a lookup of the stack's bounds for the zero struct that
 * stands for an OS thread (reads /proc; the sanitizer tells us on arrival).
 */

#include "config.h"

#include "base.h"
#include "context.h"

#include <errno.h>
#include <string.h>

_Static_assert(sizeof(struct context) <= sizeof(struct green_context),
	       "struct green_context has room");
_Static_assert(sizeof(struct green_context) == 128, "part of the ABI");

static struct context *
inside(struct green_context *ctx)
{
	return (struct context *)(void *)ctx;
}

/* The caller goes on without coming back if ended. from NULL: whichever flow
 * runs now. */
unwatched static void
leave(struct context *from, struct context *to, bool ended)
{
	if (to->flags & CONTEXT_ENDED)
		green__die("switch to a context that has ended");
	if (from)
		from->flags |= to->flags & CONTEXT_TOOLS;
	if (from && from->flags & CONTEXT_FP) {
		from->fp = green__fp_get();
		green__fp_set(from->fp_base);
	}
	if (to->flags & CONTEXT_FP) {
		to->fp_base = green__fp_get();
		green__fp_set(to->fp);
	}
	if (to->flags & CONTEXT_TOOLS)
		green__tools_leave(from ? &from->tools : NULL, &to->tools,
				   ended);
}

unwatched static void
forget(struct context *c)
{
	green__tools_unroot(c->tools.lo, c->tools.size);
	green__tools_forget(&c->tools, c->valgrind_id);
}

/* On the stack of self, which was just switched to; returns the value. */
unwatched static void *
arrive(struct context *self, void *value)
{
	struct handover *h = value;

	if (!(self->flags & CONTEXT_TOOLS))
		return value;
	if (!h->arrived)
		green__tools_arrive(&self->tools,
				    h->from ? &h->from->tools : NULL);
	if (h->from && h->from->flags & CONTEXT_ENDED)
		forget(h->from);
	return h->value;
}

unwatched static void *
wrap(struct handover *h, struct context *from, struct context *to, void *value)
{
	h->from = from;
	h->value = value;
	h->arrived = false;
	return to->flags & CONTEXT_TOOLS ? h : value;
}

unwatched void *
green__context_switch_slow(struct green_context *from, struct green_context *to,
			   void *value)
{
	struct context *f = inside(from), *t = inside(to);
	struct handover h;

	leave(f, t, false);
	value = green__switch(&f->sp, &t->sp, wrap(&h, f, t, value));
	return arrive(f, value);
}

struct call {
	struct handover h;
	struct context *to;
	green_context_fn fn;
};

/* On the target's stack: arrive there, so that fn runs under its name. */
unwatched static void *
call_there(void *arg)
{
	struct call *c = arg;

	if (c->to->flags & CONTEXT_TOOLS) {
		arrive(c->to, &c->h);
		c->h.arrived = true;
	}
	c->h.value = c->fn(c->h.value);
	return c->to->flags & CONTEXT_TOOLS ? &c->h : c->h.value;
}

unwatched void *
green__context_switch_with_slow(struct green_context *from,
				struct green_context *to, green_context_fn fn,
				void *value)
{
	struct context *f = inside(from), *t = inside(to);
	struct call c = { .to = t, .fn = fn };

	leave(f, t, false);
	wrap(&c.h, f, t, value);
	value = green__switch_with(&f->sp, &t->sp, call_there, &c);
	return arrive(f, value);
}

unwatched void
green_context_jump(struct green_context *to, void *value)
{
	struct context *t = inside(to);
	struct handover h;

	leave(NULL, t, true);
	green__jump(&t->sp, wrap(&h, NULL, t, value));
}

unwatched static struct green__next
context_main(void *arg, void *value)
{
	struct context *self = arg, *link;

	value = self->fn(arrive(self, value));
	if (!self->link)
		green__die("a context's function returned, and it has no link");
	link = inside(self->link);
	leave(self, link, true);
	self->flags = CONTEXT_ENDED;
	return (struct green__next){ &link->sp,
				     wrap(&self->handover, self, link, value) };
}

int
green_context_init(struct green_context *ctx, void *stack, size_t size,
		   unsigned flags, green_context_fn fn,
		   struct green_context *link)
{
	struct context *c;
	uintptr_t lo = (uintptr_t)stack;

	if (!ctx || !stack || !fn || size < GREEN_CONTEXT_STACK_MIN ||
	    lo + size < lo || flags & ~(unsigned)GREEN_CONTEXT_FP)
		return -EINVAL;
	c = inside(ctx);
	memset(ctx, 0, sizeof(*ctx));
	c->flags = flags;
	if (flags & GREEN_CONTEXT_FP)
		c->fp = green__fp_get();
	c->fn = fn;
	c->link = link;
	c->sp = green__frame_init(stack, (char *)stack + size, context_main, c);
	if (!c->sp)
		return -EINVAL;
	if (green__watched()) {
		c->flags |= CONTEXT_TOOLS;
		c->valgrind_id = green__tools_stack(&c->tools, stack, size);
		green__tools_root(stack, size);
	}
	return 0;
}

void
green_context_fini(struct green_context *ctx)
{
	struct context *c;

	if (!ctx)
		return;
	c = inside(ctx);
	if (c->tools.ours && !(c->flags & CONTEXT_ENDED)) {
		green__tools_abandon(&c->tools);
		forget(c);
	}
	memset(ctx, 0, sizeof(*ctx));
}
