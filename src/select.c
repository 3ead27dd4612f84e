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
 * Descriptors are looked at and polled before the locks are taken (poll.h). If
 * one of them has changed by the time at which the select could begin to wait,
 * or none of its worker's watches it yet, it lets all locks go and begins
 * again; and so it does when a change has woken it, since that may be somebody
 * else's by now. Nothing was handed over, so nothing is lost.
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
#include "poll.h"

#include <stdatomic.h>

#include <green/time.h>

#define N_MAX (1u << 30)
#define HERE WAITER_NODES_ON_STACK
#define AGAIN INT64_MIN /* no result: begin again */

/* The calls of select, from which it can be resumed. */
struct select {
	struct green_clause *clauses;
	size_t n;
	int64_t deadline;
	uint32_t count; /* of clauses with an object */
	bool times;     /* there are clauses without, too */
	bool fds;       /* some of the objects are descriptors */
	bool on_heap;   /* all that follows */
	/* One of each for a clause with an object. */
	struct wait_node *nodes; /* in their order */
	uint32_t *order;         /* indices, by address of the lock */
	/* If there are descriptors, one of each for every clause; for those
	 * without one the number is negative. */
	struct fd_look *looks;
	struct pollfd *polls;
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
	[GREEN_CLAUSE_READABLE] = &green__clause_readable,
	[GREEN_CLAUSE_WRITABLE] = &green__clause_writable,
	[GREEN_CLAUSE_SIGNAL] = &green__clause_signal,
	[GREEN_CLAUSE_CHILD] = &green__clause_child,
};

_Static_assert(sizeof(void *) < 8 || sizeof(struct green_clause) == 64,
	       "for ever");

/* Is it one that waits for an object? */
static inline bool
has_object(const struct green_clause *c)
{
	return c->kind != GREEN_CLAUSE_NONE && c->kind != GREEN_CLAUSE_TIMER;
}

/* Does it wait for a descriptor? */
static inline bool
has_fd(const struct green_clause *c)
{
	return has_object(c) && kinds[c->kind]->fd;
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
	if (!(fields & CLAUSE_FD) && (fields & CLAUSE_ID ? !c->id : c->id != 0))
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
		s->fds |= has_fd(&s->clauses[i]);
		s->times |= s->clauses[i].kind == GREEN_CLAUSE_TIMER;
	}
	return w && green__is_cancelled(w->current) ? -ECANCELED : 0;
}

/* ---- descriptors ------------------------------------------------------- */

/* What no file has: poll(2) says so. */
#define NO_FD INT32_MAX

static int
look_first(struct select *s)
{
	size_t i;
	int error = 0;

	for (i = 0; i < s->n; i++) {
		const struct green_clause *c = &s->clauses[i];
		struct pollfd *p = &s->polls[i];

		p->fd = s->looks[i].fd = -1;
		p->events = p->revents = 0;
		s->looks[i].entry = NULL;
		if (!has_fd(c))
			continue;
		s->looks[i].fd = kinds[c->kind]->fd(c);
		p->events = kinds[c->kind]->events;
		p->fd = NO_FD;
		if (s->looks[i].fd < 0)
			continue;
		p->fd = s->looks[i].fd;
		green__fd_look(p->fd, p->events == POLLIN ? FD_IN : FD_OUT,
			       &s->looks[i]);
		if (green__fd_make(&s->looks[i]))
			error = -ENOMEM;
	}
	return error;
}

/* What was opened for this select. */
static void
close_all(struct select *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct green_clause *c = &s->clauses[i];

		if (has_fd(c) && kinds[c->kind]->close && s->looks[i].fd >= 0)
			kinds[c->kind]->close(s->looks[i].fd);
	}
}

static void
look_again(struct select *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		green__fd_look_again(&s->looks[i]);
}

/* With the locks held: has nothing changed since it was polled? */
static bool
all_settled(const struct select *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->looks[i].entry && !green__fd_is_settled(&s->looks[i]))
			return false;
	return true;
}

/* With the lock held. */
static bool
fd_is_gone(const struct select *s, size_t i)
{
	return s->polls[i].revents & POLLNVAL ||
	       green__fd_is_stale(&s->looks[i]);
}

static bool
fd_is_ready(const struct select *s, size_t i)
{
	return s->polls[i].revents || green__fd_is_stale(&s->looks[i]);
}

/* ---- locks ------------------------------------------------------------- */

/* The lock of a clause with an object; NULL: of an id that never was, or a
 * number that can be no descriptor. */
static void *
lock_of(const struct select *s, size_t i)
{
	const struct green_clause *c = &s->clauses[i];

	if (c->kind == GREEN_CLAUSE_THREAD)
		return green__id_at((uint32_t)c->id &
				    ((1u << ID_INDEX_BITS) - 1));
	if (!has_fd(c))
		return c->object;
	return s->looks[i].entry ? green__fd_lock(&s->looks[i]) : NULL;
}

static void
lock(const struct select *s, size_t i)
{
	void *l = lock_of(s, i);

	if (!l)
		return;
	if (s->clauses[i].kind == GREEN_CLAUSE_THREAD)
		green__id_relock(l);
	else
		green__queue_lock(l);
}

static void
unlock(const struct select *s, size_t i)
{
	void *l = lock_of(s, i);

	if (!l)
		return;
	if (s->clauses[i].kind == GREEN_CLAUSE_THREAD)
		green__id_unlock(l);
	else
		green__queue_unlock(l);
}

/* Is the lock of the clause at place i of the order that of the one before? */
static bool
is_again(const struct select *s, uint32_t i)
{
	return i && lock_of(s, s->order[i]) == lock_of(s, s->order[i - 1]);
}

static void
lock_all(const struct select *s)
{
	uint32_t i;

	for (i = 0; i < s->count; i++)
		if (!is_again(s, i))
			lock(s, s->order[i]);
}

static void
unlock_all(const struct select *s)
{
	uint32_t i;

	for (i = 0; i < s->count; i++)
		if (!is_again(s, i))
			unlock(s, s->order[i]);
}

/* All but the lock of clause k. */
static void
unlock_others(const struct select *s, size_t k)
{
	void *keep = lock_of(s, k);
	uint32_t i;

	for (i = 0; i < s->count; i++)
		if (!is_again(s, i) &&
		    (!keep || lock_of(s, s->order[i]) != keep))
			unlock(s, s->order[i]);
}

/* Let the clause at place i of a heap of size clauses sink: the one with the
 * highest address is at the top. */
static void
sink(const struct select *s, uint32_t i, uint32_t size)
{
	uint32_t *o = s->order, child, t;

	for (; (child = 2 * i + 1) < size; i = child) {
		if (child + 1 < size && (uintptr_t)lock_of(s, o[child + 1]) >
						(uintptr_t)lock_of(s, o[child]))
			child++;
		if ((uintptr_t)lock_of(s, o[i]) >=
		    (uintptr_t)lock_of(s, o[child]))
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
is_ready(const struct select *s, size_t i, int64_t now)
{
	const struct green_clause *c = &s->clauses[i];

	if (c->kind == GREEN_CLAUSE_NONE)
		return false;
	if (c->kind == GREEN_CLAUSE_TIMER)
		return c->time <= now && c->time != GREEN_NEVER;
	if (kinds[c->kind]->fd)
		return fd_is_ready(s, i);
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
		if (times_only && s->clauses[i].kind != GREEN_CLAUSE_TIMER)
			continue;
		if (is_ready(s, i, now) &&
		    (++ready == 1 || random_below(ready) == 0))
			drawn = (int64_t)i;
	}
	return drawn;
}

/* Do one that seems to be ready; false: it would wait after all. */
static bool
act(const struct select *s, size_t i)
{
	struct green_clause *c = &s->clauses[i];

	if (has_fd(c) && fd_is_gone(s, i))
		c->result = s->looks[i].fd < 0 ? s->looks[i].fd : -EBADF;
	else if (!has_object(c))
		c->result = 0;
	else
		return kinds[c->kind]->act(c);
	return true;
}

/* With all locks held: do one that is ready; -1: none is. */
static int64_t
try_all(const struct select *s)
{
	int64_t now = s->times ? green_now() : 0, i;

	while ((i = draw(s, now, false)) >= 0) {
		if (act(s, (size_t)i))
			return i;
		if (has_fd(&s->clauses[i]))
			s->polls[i].revents = 0; /* others were faster */
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
		if (kinds[c->kind]->fd)
			green__fd_link(&s->looks[i], node);
		else
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
	if (kinds[c->kind]->fd && !node->result)
		return AGAIN;
	c->result = node->result;
	if (kinds[c->kind]->fetch)
		kinds[c->kind]->fetch(c, node);
	return c - s->clauses;
}

/* All is locked, and nothing has changed since nothing was ready. */
static int64_t
park(struct select *s)
{
	struct worker *w = green__worker;
	struct waiter waiter;
	int64_t until = first_time(s), i;
	int error;

	green__waiter_init(&waiter, s->nodes, s->count);
	waiter.on_heap = s->on_heap;
	link_all(s, &waiter);
	unlock_all(s);
	if (s->fds)
		green__fd_wait_begin(w);
	error = green__wait(&waiter, until, NULL);
	if (s->fds)
		green__fd_wait_end(w);
	if (!error)
		return chosen(s, waiter.chosen);
	i = error == -ETIMEDOUT && s->times ? draw(s, until, true) : -1;
	if (i < 0)
		return error;
	s->clauses[i].result = 0;
	return i;
}

/* All is locked, and nothing is ready. unless: 0, or why it cannot wait. */
static int64_t
wait_for_one(struct select *s, int64_t unless)
{
	int error = 0;

	if (s->deadline != GREEN_NEVER)
		error = green__deadline_check(s->deadline);
	if (!error && !unless && s->fds && !all_settled(s))
		unless = AGAIN;
	if (!error && !unless)
		return park(s);
	unlock_all(s);
	return error ? error : unless;
}

static int64_t
attempt(struct select *s, int64_t unless)
{
	struct green_clause *c;
	int64_t i;

	lock_all(s);
	i = try_all(s);
	if (i < 0)
		return wait_for_one(s, unless);
	c = &s->clauses[i];
	if (!has_object(c)) {
		unlock_all(s);
		return i;
	}
	unlock_others(s, (size_t)i);
	if (kinds[c->kind]->release)
		kinds[c->kind]->release(c);
	else
		unlock(s, (size_t)i);
	return i;
}

static int64_t
run(struct select *s)
{
	put_in_order(s);
	return attempt(s, 0);
}

/* Poll the descriptors, and see to it that their changes are told from now on.
 * Returns 0, AGAIN: some are ready, so it is not to wait before it has polled
 * them once more; or why it cannot wait. */
static int64_t
poll_all(struct select *s)
{
	int found = green__poll_now(s->polls, s->n);

	if (found || !s->deadline)
		return found > 0 ? AGAIN : found;
	return green__poll_watch(s->looks, s->n);
}

static int64_t
run_with_fds(struct select *s)
{
	int64_t i = look_first(s);

	if (!i) {
		put_in_order(s);
		while ((i = attempt(s, poll_all(s))) == AGAIN)
			look_again(s);
	}
	close_all(s);
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

static noinline int64_t
run_here_with_fds(struct select *s)
{
	struct wait_node nodes[HERE];
	struct fd_look looks[HERE];
	struct pollfd polls[HERE];
	uint32_t order[HERE];

	s->nodes = nodes;
	s->order = order;
	s->looks = looks;
	s->polls = polls;
	return run_with_fds(s);
}

static noinline int64_t
run_on_heap(struct select *s)
{
	size_t size = s->count * (sizeof(*s->nodes) + sizeof(*s->order));
	int64_t i;

	if (s->fds)
		size += s->n * (sizeof(*s->looks) + sizeof(*s->polls));
	s->nodes = green__alloc(size);
	if (!s->nodes)
		return -ENOMEM;
	s->looks = (struct fd_look *)(void *)(s->nodes + s->count);
	if (s->fds) {
		s->polls = (struct pollfd *)(void *)(s->looks + s->n);
		s->order = (uint32_t *)(void *)(s->polls + s->n);
		i = run_with_fds(s);
	} else {
		s->order = (uint32_t *)(void *)s->looks;
		i = run(s);
	}
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
	s.on_heap = (s.fds ? n : s.count) > HERE;
	if (s.on_heap)
		return (int)run_on_heap(&s);
	return (int)(s.fds ? run_here_with_fds(&s) : run_here(&s));
}
