/* SPDX-License-Identifier: MIT */
/*
 * What a thread waits for, in words, for reports.
 *
 * It is written where the thread cannot go on meanwhile, but what it waits for
 * may be in anybody's hands: only what never changes, or is atomic, is read of
 * an object.
 */

#include "config.h"

#include "base.h"
#include "wait.h"

/* Of what a thread waits for, at most: it has one line. */
#define DESCRIBED 4

static void
describe_object(struct out *o, const char *what, const struct wait_node *node)
{
	green__out_str(o, what);
	green__out_hex(o, (uintptr_t)node->object);
}

static void
describe_held(struct out *o, const char *what, const struct wait_node *node)
{
	struct wait_held *held = container_of(node->queue, struct wait_held,
					      queue);
	/* Pairs with nothing: it may be anybody's by now. */
	uint64_t holder = atomic_load_explicit(&held->holder,
					       memory_order_relaxed);

	describe_object(o, what, node);
	if (!holder)
		return;
	green__out_str(o, holder >> ID_INDEX_BITS ? ", held by thread "
						  : ", held by OS thread ");
	green__out_dec(o, holder);
}

static void
describe_fd(struct out *o, const char *what, const struct wait_node *node)
{
	int fd = green__fd_number(green__queue_first(node->queue));

	green__out_str(o, what);
	green__out_dec(o, (uint64_t)fd);
}

static void
describe(struct out *o, const struct wait_node *node)
{
	switch ((enum wait_kind)node->kind) {
	case WAIT_JOIN:
		green__out_str(o, "joins thread ");
		green__out_dec(o, node->id);
		return;
	case WAIT_COND:
		describe_object(o, "waits for condition ", node);
		return;
	case WAIT_MUTEX:
		describe_held(o, "locks mutex ", node);
		return;
	case WAIT_SEM:
		describe_object(o, "waits for semaphore ", node);
		return;
	case WAIT_SEND:
		describe_object(o, "sends to channel ", node);
		return;
	case WAIT_EVENT:
		describe_object(o, "waits for event ", node);
		return;
	case WAIT_RECV:
		describe_object(o, "receives from channel ", node);
		return;
	case WAIT_SCOPE:
		describe_object(o, "waits for the threads of scope ", node);
		return;
	case WAIT_GROUP:
		describe_object(o, "waits for group ", node);
		return;
	case WAIT_READ:
		describe_held(o, "reads under lock ", node);
		return;
	case WAIT_WRITE:
		describe_held(o, "writes under lock ", node);
		return;
	case WAIT_BARRIER:
		describe_object(o, "waits at barrier ", node);
		return;
	case WAIT_ONCE:
		describe_held(o, "waits for what is done once at ", node);
		return;
	case WAIT_READABLE:
		describe_fd(o, "waits to read from descriptor ", node);
		return;
	case WAIT_WRITABLE:
		describe_fd(o, "waits to write to descriptor ", node);
		return;
	case WAIT_JOB:
		describe_object(o, "waits for job ", node);
		return;
	}
}

void
green__wait_describe(struct out *o, const struct waiter *waiter)
{
	uint32_t i;

	while (waiter->then && green__waiter_chosen(waiter))
		waiter = waiter->then;
	for (i = 0; i < waiter->count && i < DESCRIBED; i++) {
		if (i)
			green__out_str(o, " or ");
		describe(o, &waiter->nodes[i]);
	}
	if (i < waiter->count) {
		green__out_str(o, " or one of ");
		green__out_dec(o, waiter->count - i);
		green__out_str(o, " others");
	}
	if (!waiter->count)
		green__out_str(o, "waits for nothing but time");
}
