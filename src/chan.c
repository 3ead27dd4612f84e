/* SPDX-License-Identifier: MIT */
/*
 * Channels: a ring of items, and a queue of waiters in each direction.
 *
 * Under the lock, as far as waiters are counted whose wait can still be ended:
 * - while a receiver waits, the ring is empty;
 * - while a sender waits, the ring is full;
 * - once closed, nobody waits.
 * So whoever sends looks for a receiver first, and copies from its own memory
 * into the receiver's. Whoever receives takes the oldest item of the ring, and
 * fills the place from the sender that has waited longest; with a ring of no
 * places it copies from that sender's memory.
 *
 * A waiter's memory is touched only after its wait has been ended by choosing
 * it: one whose wait ends otherwise (deadline, cancellation) keeps its item or
 * has got none. That is all that it takes to lose nothing.
 *
 * The ring of an unbounded channel doubles when it is full. One that has
 * become large goes back when it is empty.
 *
 * Rejected: a lock-free ring (waiters need a lock anyway, and to see both at
 * once is what keeps the order); a list of chunks (one more thing to allocate
 * in the middle of a stream).
 */

#include "config.h"

#include "chan.h"

#include "base.h"
#include "mem.h"
#include "select.h"

#include <string.h>

#define ATTR_MIN sizeof(struct green_chan_attr) /* of the first release */

/* Of an unbounded channel: places to begin with, and bytes that it keeps. */
#define ROOM_MIN 16
#define ROOM_KEPT 65536

/* ---- the ring ---------------------------------------------------------- */

static inline void
copy(const struct green_chan *ch, void *to, const void *from)
{
	if (likely(ch->item_size == 8))
		memcpy(to, from, 8);
	else if (ch->item_size)
		memcpy(to, from, ch->item_size);
}

static inline char *
place(const struct green_chan *ch, size_t i)
{
	return ch->ring + i * ch->item_size;
}

/* There is room. */
static inline void
put(struct green_chan *ch, const void *item)
{
	size_t i = ch->first + ch->count++;

	if (i >= ch->room)
		i -= ch->room;
	copy(ch, place(ch, i), item);
}

static inline void
take(struct green_chan *ch, void *item)
{
	size_t i = ch->first;

	ch->first = i + 1 == ch->room ? 0 : i + 1;
	ch->count--;
	copy(ch, item, place(ch, i));
}

/* The ring of an unbounded channel is full. Returns 0 or -ENOMEM. */
static cold int
grow(struct green_chan *ch)
{
	size_t room = ch->room ? ch->room * 2 : ROOM_MIN;
	size_t before = ch->room - ch->first, bytes;
	char *ring;

	if (__builtin_mul_overflow(room, ch->item_size, &bytes))
		return -ENOMEM;
	ring = green__alloc(bytes);
	if (!ring)
		return -ENOMEM;
	if (ch->count) {
		memcpy(ring, place(ch, ch->first), before * ch->item_size);
		memcpy(ring + before * ch->item_size, ch->ring,
		       ch->first * ch->item_size);
	}
	green__free(ch->ring);
	ch->ring = ring;
	ch->first = 0;
	ch->room = room;
	return 0;
}

static cold void
shrink(struct green_chan *ch)
{
	green__free(ch->ring);
	ch->ring = NULL;
	ch->first = ch->room = 0;
}

/* ---- both directions, with the lock held ------------------------------- */

/* Returns 0 when the item is on its way; -EAGAIN: there is no room, and
 * nobody to take it; -EPIPE, -ENOMEM. alone: whether there is a lock. */
static inline __attribute__((always_inline)) int
try_send(struct green_chan *ch, const void *item, bool alone)
{
	struct wait_node *node = green__queue_choose_as(&ch->receivers, alone);

	if (node) {
		copy(ch, node->value, item);
		node->result = 0;
		green__waiter_wake(node->waiter);
		return 0;
	}
	if (unlikely(ch->closed))
		return -EPIPE;
	if (ch->count >= ch->capacity)
		return -EAGAIN;
	if (unlikely(ch->count == ch->room) && grow(ch))
		return -ENOMEM;
	put(ch, item);
	return 0;
}

/* Is it unbounded, with a ring that goes back when it becomes empty? */
static inline bool
may_shrink(const struct green_chan *ch)
{
	return ch->unbounded && ch->room * ch->item_size > ROOM_KEPT;
}

/* An item of the ring, and then its place is for a sender, whose node has been
 * chosen, or NULL: the ring is not needed any more. */
static noinline int
take_and(struct green_chan *ch, void *item, struct wait_node *sender)
{
	take(ch, item);
	if (sender) {
		put(ch, sender->value);
		sender->result = 0;
		green__waiter_wake(sender->waiter);
	} else {
		shrink(ch);
	}
	return 0;
}

/* Returns 0 with an item; -EAGAIN: there is none; -EPIPE. */
static inline __attribute__((always_inline)) int
try_recv(struct green_chan *ch, void *item, bool alone)
{
	struct wait_node *node = green__queue_choose_as(&ch->senders, alone);

	if (ch->count) {
		if (unlikely(node || (ch->count == 1 && may_shrink(ch))))
			return take_and(ch, item, node);
		take(ch, item);
		return 0;
	}
	if (!node)
		return unlikely(ch->closed) ? -EPIPE : -EAGAIN;
	copy(ch, item, node->value);
	node->result = 0;
	green__waiter_wake(node->waiter);
	return 0;
}

/* ---- the calls --------------------------------------------------------- */

static inline enum wait_way
way_to(const struct green_chan *ch, const void *item, size_t size,
       int64_t deadline)
{
	if (likely(ch && item && deadline >= 0 && size == ch->item_size))
		return green__way(&ch->receivers, green__worker);
	return WAY_LONG;
}

static int
check(const struct green_chan *ch, const void *item, size_t size,
      int64_t deadline)
{
	if (!ch || deadline < 0)
		return -EINVAL;
	if (size != ch->item_size)
		return -EMSGSIZE;
	if (!item && size)
		return -EINVAL;
	return green__may_block(&ch->receivers);
}

/* With the lock held, which is released. */
static inline int
wait_to_send(struct green_chan *ch, const void *item, int64_t deadline)
{
	/* It is only read. */
	void *value = (void *)(uintptr_t)item;

	return green__queue_wait_for(&ch->senders, WAIT_SEND, value, deadline);
}

static inline __attribute__((always_inline)) int
send_alone(struct green_chan *ch, const void *item, int64_t deadline)
{
	int error = try_send(ch, item, true);

	return error == -EAGAIN ? wait_to_send(ch, item, deadline) : error;
}

static noinline int
send_shared(struct green_chan *ch, const void *item, int64_t deadline)
{
	int error;

	green__queue_lock_shared(&ch->receivers);
	error = try_send(ch, item, false);
	if (error == -EAGAIN)
		return wait_to_send(ch, item, deadline);
	green__queue_unlock_shared(&ch->receivers);
	return error;
}

static noinline int
send_long(struct green_chan *ch, const void *item, size_t size,
	  int64_t deadline)
{
	int error = check(ch, item, size, deadline);

	if (error)
		return error;
	return green__queue_alone(&ch->receivers)
		       ? send_alone(ch, item, deadline)
		       : send_shared(ch, item, deadline);
}

int
green_chan_send(struct green_chan *ch, const void *item, size_t size,
		int64_t deadline)
{
	enum wait_way way = way_to(ch, item, size, deadline);

	if (likely(way == WAY_ALONE))
		return send_alone(ch, item, deadline);
	return way == WAY_SHARED ? send_shared(ch, item, deadline)
				 : send_long(ch, item, size, deadline);
}

static inline int
wait_to_recv(struct green_chan *ch, void *item, int64_t deadline)
{
	return green__queue_wait_for(&ch->receivers, WAIT_RECV, item, deadline);
}

static inline __attribute__((always_inline)) int
recv_alone(struct green_chan *ch, void *item, int64_t deadline)
{
	int error = try_recv(ch, item, true);

	return error == -EAGAIN ? wait_to_recv(ch, item, deadline) : error;
}

static noinline int
recv_shared(struct green_chan *ch, void *item, int64_t deadline)
{
	int error;

	green__queue_lock_shared(&ch->receivers);
	error = try_recv(ch, item, false);
	if (error == -EAGAIN)
		return wait_to_recv(ch, item, deadline);
	green__queue_unlock_shared(&ch->receivers);
	return error;
}

static noinline int
recv_long(struct green_chan *ch, void *item, size_t size, int64_t deadline)
{
	int error = check(ch, item, size, deadline);

	if (error)
		return error;
	return green__queue_alone(&ch->receivers)
		       ? recv_alone(ch, item, deadline)
		       : recv_shared(ch, item, deadline);
}

int
green_chan_recv(struct green_chan *ch, void *item, size_t size,
		int64_t deadline)
{
	enum wait_way way = way_to(ch, item, size, deadline);

	if (likely(way == WAY_ALONE))
		return recv_alone(ch, item, deadline);
	return way == WAY_SHARED ? recv_shared(ch, item, deadline)
				 : recv_long(ch, item, size, deadline);
}

/* Send all who wait in a queue away. */
static void
dismiss(struct wait_queue *q)
{
	struct wait_node *node;

	while ((node = green__queue_choose(q))) {
		node->result = -EPIPE;
		green__waiter_wake(node->waiter);
	}
}

/* 0 with the lock held, or an error. */
static int
lock(struct green_chan *ch)
{
	int error;

	green__choice_point(green__worker);
	error = ch ? green__queue_check(&ch->receivers) : -EINVAL;
	if (!error)
		green__queue_lock(&ch->receivers);
	return error;
}

int
green_chan_close(struct green_chan *ch)
{
	int error = lock(ch);

	if (error)
		return error;
	if (ch->closed)
		error = -EALREADY;
	ch->closed = true;
	dismiss(&ch->receivers);
	dismiss(&ch->senders);
	green__queue_unlock(&ch->receivers);
	return error;
}

int64_t
green_chan_len(struct green_chan *ch)
{
	int64_t len = lock(ch);

	if (len)
		return len;
	len = (int64_t)ch->count;
	green__queue_unlock(&ch->receivers);
	return len;
}

/* ---- in a select -------------------------------------------------------- */

static int
check_clause(const struct green_clause *c)
{
	struct green_chan *ch = c->object;

	return c->size == ch->item_size ? green__queue_check(&ch->receivers)
					: -EMSGSIZE;
}

static bool
can_send(const struct green_clause *c)
{
	struct green_chan *ch = c->object;

	return ch->count < ch->capacity || ch->closed ||
	       green__queue_peek(&ch->receivers);
}

static bool
can_recv(const struct green_clause *c)
{
	struct green_chan *ch = c->object;

	return ch->count || ch->closed || green__queue_peek(&ch->senders);
}

static bool
act_send(struct green_clause *c)
{
	struct green_chan *ch = c->object;
	int error = try_send(ch, c->item, green__queue_alone(&ch->receivers));

	if (error == -EAGAIN)
		return false;
	c->result = error;
	return true;
}

static bool
act_recv(struct green_clause *c)
{
	struct green_chan *ch = c->object;
	int error = try_recv(ch, c->item, green__queue_alone(&ch->receivers));

	if (error == -EAGAIN)
		return false;
	c->result = error;
	return true;
}

static void
begin_send(const struct green_clause *c, struct wait_node *node)
{
	struct green_chan *ch = c->object;

	node->kind = WAIT_SEND;
	node->value = c->item;
	green__queue_link(&ch->senders, node);
}

static void
begin_recv(const struct green_clause *c, struct wait_node *node)
{
	struct green_chan *ch = c->object;

	node->kind = WAIT_RECV;
	node->value = c->item;
	green__queue_link(&ch->receivers, node);
}

const struct clause_ops green__clause_send = {
	.fields = CLAUSE_OBJECT | CLAUSE_ITEM,
	.check = check_clause,
	.ready = can_send,
	.act = act_send,
	.link = begin_send,
};

const struct clause_ops green__clause_recv = {
	.fields = CLAUSE_OBJECT | CLAUSE_ITEM,
	.check = check_clause,
	.ready = can_recv,
	.act = act_recv,
	.link = begin_recv,
};

/* ---- beginning and end ------------------------------------------------- */

static int
check_attr(const struct green_chan_attr *attr)
{
	int error = green__struct_check(attr, attr->size, ATTR_MIN,
					sizeof(*attr));

	return !error && attr->flags & ~(uint64_t)GREEN_PRIVATE ? -EINVAL
								: error;
}

/* Fill in a channel that is all zero. Returns 0 or -ENOMEM. */
static int
init(struct green_chan *ch, size_t item_size, int64_t capacity, bool private)
{
	size_t bytes;

	ch->item_size = item_size;
	ch->unbounded = capacity == GREEN_CHAN_UNBOUNDED;
	ch->senders.flags = QUEUE_SECOND;
	if (private) {
		struct worker *w = green__worker_get();

		if (!w)
			return -ENOMEM;
		ch->receivers.flags |= QUEUE_PRIVATE;
		ch->senders.flags |= QUEUE_PRIVATE;
		ch->receivers.owner = ch->senders.owner = w;
	}
	ch->capacity = ch->unbounded ? SIZE_MAX : (size_t)capacity;
	if (!item_size)
		ch->room = SIZE_MAX; /* of nothing */
	if (ch->unbounded || !capacity || !item_size)
		return 0;
	if (__builtin_mul_overflow((uint64_t)capacity, item_size, &bytes))
		return -ENOMEM;
	ch->room = ch->capacity;
	ch->ring = green__alloc(bytes);
	return ch->ring ? 0 : -ENOMEM;
}

int
green_chan_create(struct green_chan **ret, size_t item_size, int64_t capacity,
		  const struct green_chan_attr *attr)
{
	struct green_chan *ch;
	int error;

	if (!ret || capacity < 0)
		return -EINVAL;
	error = attr ? check_attr(attr) : 0;
	if (error)
		return error;
	ch = green__alloc(sizeof(*ch));
	if (!ch)
		return -ENOMEM;
	error = init(ch, item_size, capacity,
		     attr && attr->flags & GREEN_PRIVATE);
	if (error)
		green__free(ch);
	else
		*ret = ch;
	return error;
}

int
green_chan_destroy(struct green_chan *ch)
{
	int error = 0;

	if (!ch)
		return 0;
	error = lock(ch);
	if (error)
		return error;
	if (green__queue_busy(&ch->receivers) ||
	    green__queue_busy(&ch->senders))
		error = -EBUSY;
	green__queue_unlock(&ch->receivers);
	if (error)
		return error;
	green__free(ch->ring);
	green__free(ch);
	return 0;
}
