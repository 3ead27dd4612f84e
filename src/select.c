/* SPDX-License-Identifier: MIT */
/*
 * Select.
 *
 * All objects are locked, in the order of their locks' addresses, each once.
 * If a clause is ready it is done, and that is all. Otherwise a node for each
 * goes into its queue, everything is unlocked, and the thread waits like any
 * other (wait.h): whoever chooses one of the nodes has chosen for all, and the
 * others are taken out when the wait is over.
 *
 * Holding all locks is what makes it one step: while it looks nobody can
 * choose it, so it needs not be chosen itself to choose another. Two selects
 * that wait for each other's clauses meet, because one of them has linked its
 * nodes before the other has the lock they share. None meets itself: it looks
 * before it links.
 *
 * Times are no objects: the earliest becomes the deadline.
 *
 * Rejected: one object after the other without holding locks (a select that
 * has found another must then claim both at once, and undo it when that
 * fails, while others have passed it by); one lock for all channels.
 */

#include "config.h"

#include "select.h"

#include "base.h"
#include "id.h"
#include "mem.h"

#include <stdatomic.h>

#include <green/time.h>

#define N_MAX (1u << 30)
#define HERE WAITER_NODES_ON_STACK

/* The calls of select, from which it can be resumed. */
struct select {
	struct green_clause *clauses;
	size_t n;
	int64_t deadline;
	uint32_t count; /* of clauses with an object */
	bool times;     /* there are clauses without, too */
	/* One of each for a clause with an object. */
	struct wait_node *nodes; /* in their order */
	uint32_t *order;         /* indices, by address of the lock */
};

static const struct clause_ops time_ops = { .fields = CLAUSE_TIME };

static const struct clause_ops *const kinds[] = {
	[GREEN_CLAUSE_SEND] = &green__clause_send,
	[GREEN_CLAUSE_RECV] = &green__clause_recv,
	[GREEN_CLAUSE_TIMER] = &time_ops,
	[GREEN_CLAUSE_THREAD] = &green__clause_thread,
	[GREEN_CLAUSE_SEM] = &green__clause_sem,
	[GREEN_CLAUSE_EVENT] = &green__clause_event,
	[GREEN_CLAUSE_JOB] = &green__clause_job,
};

_Static_assert(sizeof(void *) < 8 || sizeof(struct green_clause) == 64,
	       "for ever");

/* Is it one that waits for an object? */
static inline bool
has_object(const struct green_clause *c)
{
	return c->kind != GREEN_CLAUSE_NONE && c->kind != GREEN_CLAUSE_TIMER;
}

/* ---- arguments --------------------------------------------------------- */

/* Are the fields that it uses there, and no others? */
static bool
well_formed(const struct green_clause *c, unsigned fields)
{
	if (fields & CLAUSE_OBJECT ? !c->object : c->object != NULL)
		return false;
	if (fields & CLAUSE_ITEM ? c->size && !c->item : c->item || c->size)
		return false;
	if (fields & CLAUSE_ID ? !c->id : c->id != 0)
		return false;
	if (fields & CLAUSE_TIME ? c->time < 0 : c->time != 0)
		return false;
	return !c->reserved;
}

static int
check(const struct green_clause *c)
{
	const struct clause_ops *ops;

	if (c->kind == GREEN_CLAUSE_NONE)
		return 0;
	if (c->kind >= sizeof(kinds) / sizeof(*kinds))
		return -EINVAL;
	ops = kinds[c->kind];
	if (!well_formed(c, ops->fields))
		return -EINVAL;
	return ops->check ? ops->check(c) : 0;
}

/* Also counts the clauses. */
static int
check_all(struct select *s)
{
	struct worker *w = green__worker;
	size_t i;
	int error;

	green__choice_point(w);
	if (s->deadline < 0 || s->n > N_MAX || (s->n && !s->clauses))
		return -EINVAL;
	for (i = 0; i < s->n; i++) {
		error = check(&s->clauses[i]);
		if (error)
			return error;
		s->count += has_object(&s->clauses[i]);
		s->times |= s->clauses[i].kind == GREEN_CLAUSE_TIMER;
	}
	return w && green__is_cancelled(w->current) ? -ECANCELED : 0;
}

/* ---- locks ------------------------------------------------------------- */

/* The lock of a clause with an object; NULL: of an id that never was. */
static void *
lock_of(const struct green_clause *c)
{
	if (c->kind == GREEN_CLAUSE_THREAD)
		return green__id_at((uint32_t)c->id &
				    ((1u << ID_INDEX_BITS) - 1));
	return c->object;
}

static void
lock(const struct green_clause *c)
{
	void *l = lock_of(c);

	if (c->kind != GREEN_CLAUSE_THREAD)
		green__queue_lock(l);
	else if (l)
		green__id_relock(l);
}

static void
unlock(const struct green_clause *c)
{
	void *l = lock_of(c);

	if (c->kind != GREEN_CLAUSE_THREAD)
		green__queue_unlock(l);
	else if (l)
		green__id_unlock(l);
}

/* Is the lock of the clause at place i of the order that of the one before? */
static bool
is_again(const struct select *s, uint32_t i)
{
	return i && lock_of(&s->clauses[s->order[i]]) ==
			    lock_of(&s->clauses[s->order[i - 1]]);
}

static void
lock_all(const struct select *s)
{
	uint32_t i;

	for (i = 0; i < s->count; i++)
		if (!is_again(s, i))
			lock(&s->clauses[s->order[i]]);
}

/* All but the lock of a clause, which may be NULL. */
static void
unlock_all(const struct select *s, const struct green_clause *but)
{
	void *keep = but ? lock_of(but) : NULL;
	uint32_t i;

	for (i = 0; i < s->count; i++) {
		const struct green_clause *c = &s->clauses[s->order[i]];

		if (!is_again(s, i) && (!keep || lock_of(c) != keep))
			unlock(c);
	}
}

/* Let the clause at place i of a heap of size clauses sink: the one with the
 * highest address is at the top. */
static void
sink(const struct select *s, uint32_t i, uint32_t size)
{
	uint32_t *o = s->order, child, t;

	for (; (child = 2 * i + 1) < size; i = child) {
		if (child + 1 < size &&
		    (uintptr_t)lock_of(&s->clauses[o[child + 1]]) >
			    (uintptr_t)lock_of(&s->clauses[o[child]]))
			child++;
		if ((uintptr_t)lock_of(&s->clauses[o[i]]) >=
		    (uintptr_t)lock_of(&s->clauses[o[child]]))
			return;
		t = o[i];
		o[i] = o[child];
		o[child] = t;
	}
}

/* Heapsort: no memory, and no worst case. */
static void
put_in_order(struct select *s)
{
	uint32_t i, k = 0, t;

	for (i = 0; i < s->n; i++)
		if (has_object(&s->clauses[i]))
			s->order[k++] = i;
	for (i = k / 2; i-- > 0;)
		sink(s, i, k);
	while (k > 1) {
		t = s->order[0];
		s->order[0] = s->order[--k];
		s->order[k] = t;
		sink(s, 0, k);
	}
}

/* ---- the choice -------------------------------------------------------- */

/* A number that looks random; the bits of its argument, well mixed (the end of
 * MurmurHash3, by Austin Appleby, public domain). */
static uint32_t
mix(uint32_t r)
{
	r = (r ^ r >> 16) * 0x85ebca6bu;
	r = (r ^ r >> 13) * 0xc2b2ae35u;
	return r ^ r >> 16;
}

/* Less than n, each with the same probability as far as matters. */
static uint32_t
random_below(uint32_t n)
{
	static _Atomic uint32_t of_pthreads;
	struct worker *w = green__worker;
	uint32_t drawn;

	if (unlikely(w && w->order))
		return w->order->draw(w, n);
	if (w)
		drawn = w->lots++;
	else
		/* Pairs with nothing: any number will do. */
		drawn = atomic_fetch_add_explicit(&of_pthreads, 1,
						  memory_order_relaxed);
	return (uint32_t)((uint64_t)mix(drawn) * n >> 32);
}

static bool
is_ready(const struct green_clause *c, int64_t now)
{
	if (c->kind == GREEN_CLAUSE_NONE)
		return false;
	if (c->kind == GREEN_CLAUSE_TIMER)
		return c->time <= now && c->time != GREEN_NEVER;
	return kinds[c->kind]->ready(c);
}

/* One of the clauses that are ready, or of the times that have come; -1. */
static int64_t
draw(const struct select *s, int64_t now, bool times_only)
{
	int64_t drawn = -1;
	uint32_t ready = 0;
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct green_clause *c = &s->clauses[i];

		if (times_only && c->kind != GREEN_CLAUSE_TIMER)
			continue;
		if (is_ready(c, now) &&
		    (++ready == 1 || random_below(ready) == 0))
			drawn = (int64_t)i;
	}
	return drawn;
}

/* With all locks held: do one that is ready; -1: none is. */
static int64_t
try_all(const struct select *s)
{
	int64_t now = s->times ? green_now() : 0, i;

	while ((i = draw(s, now, false)) >= 0) {
		struct green_clause *c = &s->clauses[i];

		if (has_object(c)) {
			if (kinds[c->kind]->act(c))
				return i;
			continue;
		}
		c->result = 0;
		return i;
	}
	return -1;
}

/* ---- waiting ----------------------------------------------------------- */

static void
link_all(const struct select *s, struct waiter *waiter)
{
	struct wait_node *node = s->nodes;
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct green_clause *c = &s->clauses[i];

		if (!has_object(c))
			continue;
		node->waiter = waiter;
		node->object = c->object;
		kinds[c->kind]->link(c, node);
		node++;
	}
}

/* The deadline, or the first time that comes before. */
static int64_t
first_time(const struct select *s)
{
	int64_t first = s->deadline;
	size_t i;

	for (i = 0; i < s->n && s->times; i++)
		if (s->clauses[i].kind == GREEN_CLAUSE_TIMER &&
		    s->clauses[i].time < first)
			first = s->clauses[i].time;
	return first;
}

/* The clause whose node was chosen. */
static int64_t
chosen(const struct select *s, const struct wait_node *node)
{
	ptrdiff_t before = node - s->nodes;
	struct green_clause *c = s->clauses;

	while (!has_object(c) || before--)
		c++;
	c->result = node->result;
	if (kinds[c->kind]->fetch)
		kinds[c->kind]->fetch(c, node);
	return c - s->clauses;
}

/* All is locked, and nothing is ready. */
static int64_t
wait_for_one(struct select *s)
{
	int error = 0;
	struct waiter waiter;
	int64_t until, i;

	if (s->deadline != GREEN_NEVER)
		error = green__deadline_check(s->deadline);
	if (error) {
		unlock_all(s, NULL);
		return error;
	}
	until = first_time(s);
	green__waiter_init(&waiter, s->nodes, s->count);
	link_all(s, &waiter);
	unlock_all(s, NULL);
	error = green__wait(&waiter, until, NULL);
	if (!error)
		return chosen(s, waiter.chosen);
	i = error == -ETIMEDOUT && s->times ? draw(s, until, true) : -1;
	if (i < 0)
		return error;
	s->clauses[i].result = 0;
	return i;
}

static int64_t
run(struct select *s)
{
	struct green_clause *c;
	int64_t i;

	put_in_order(s);
	lock_all(s);
	i = try_all(s);
	if (i < 0)
		return wait_for_one(s);
	c = &s->clauses[i];
	if (!has_object(c)) {
		unlock_all(s, NULL);
		return i;
	}
	unlock_all(s, c);
	if (kinds[c->kind]->release)
		kinds[c->kind]->release(c);
	else
		unlock(c);
	return i;
}

static noinline int64_t
run_here(struct select *s)
{
	struct wait_node nodes[HERE];
	uint32_t order[HERE];

	s->nodes = nodes;
	s->order = order;
	return run(s);
}

/* The waiter knows that the nodes are on the heap; see wait.c. */
static noinline int64_t
run_on_heap(struct select *s)
{
	int64_t i;

	s->nodes = green__alloc(s->count *
				(sizeof(*s->nodes) + sizeof(*s->order)));
	if (!s->nodes)
		return -ENOMEM;
	s->order = (uint32_t *)(void *)(s->nodes + s->count);
	i = run(s);
	green__free(s->nodes);
	return i;
}

int
green_select(struct green_clause *clauses, size_t n, int64_t deadline)
{
	struct select s = { .clauses = clauses, .n = n, .deadline = deadline };
	int error;

	green__choice_point(green__worker);
	error = check_all(&s);
	if (error)
		return error;
	return (int)(s.count <= HERE ? run_here(&s) : run_on_heap(&s));
}
