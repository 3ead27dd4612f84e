/* SPDX-License-Identifier: MIT */
/*
 * Lobbies: three lists under a lock of one word. tests/models/share.pml has the
 * protocol of which they are a part.
 */

#include "config.h"

#include "lobby.h"

#include "base.h"
#include "thread.h"

#include <sched.h>
#include <string.h>

static void
lock(struct lobby *l)
{
	unsigned spins = 0;

	/* Acquire pairs with the release store in unlock(). */
	while (atomic_exchange_explicit(&l->lock, 1, memory_order_acquire))
		while (atomic_load_explicit(&l->lock, memory_order_relaxed))
			/* Its holder may have been preempted. */
			if (++spins % 64 == 0)
				sched_yield();
}

static void
unlock(struct lobby *l)
{
	/* Release pairs with the acquire exchange in lock(). */
	atomic_store_explicit(&l->lock, 0, memory_order_release);
}

static struct lobby_line *
line_of(struct lobby *l, const struct thread *t)
{
	if (t->flags & T_NEWEST)
		return &l->line[LOBBY_NEWEST];
	return &l->line[t->flags & T_PINNED ? LOBBY_PINNED : LOBBY_FREE];
}

/* The count changes under the lock only. See green__lobby_free(). */
static void
count(struct lobby_line *line, uint32_t n)
{
	atomic_store(&line->count, n);
}

static uint32_t
counted(const struct lobby_line *line)
{
	return atomic_load_explicit(&line->count, memory_order_relaxed);
}

void
green__lobby_init(struct lobby *l)
{
	memset(l, 0, sizeof(*l));
}

void
green__lobby_push(struct lobby *l, struct thread *t)
{
	struct lobby_line *line;

	lock(l);
	line = line_of(l, t);
	t->place.next = NULL;
	t->place.prev = line->last;
	t->place.lobby = l;
	if (line->last)
		line->last->place.next = t;
	else
		line->first = t;
	line->last = t;
	count(line, counted(line) + 1);
	unlock(l);
}

/* With the lock held. Leaves the thread as clean as its timer must be. */
static void
unlink(struct lobby_line *line, struct thread *t)
{
	struct lobby_place *p = &t->place;

	if (p->prev)
		p->prev->place.next = p->next;
	else
		line->first = p->next;
	if (p->next)
		p->next->place.prev = p->prev;
	else
		line->last = p->prev;
	*p = (struct lobby_place){ NULL, NULL, NULL };
	count(line, counted(line) - 1);
}

struct thread *
green__lobby_pop(struct lobby *l)
{
	struct lobby_line *line = NULL;
	struct thread *t;
	unsigned i;

	/* Only others put some in and take some out; the owner looks again
	 * before it sleeps. */
	for (i = 0; i < LOBBY_KINDS && !counted(&l->line[i]); i++)
		continue;
	if (i == LOBBY_KINDS)
		return NULL;
	lock(l);
	for (i = 0; i < LOBBY_KINDS && (!line || !line->first); i++) {
		l->turn = (l->turn + 1) % LOBBY_KINDS;
		line = &l->line[l->turn];
	}
	t = l->turn == LOBBY_NEWEST ? line->last : line->first;
	if (t)
		unlink(line, t);
	unlock(l);
	return t;
}

struct thread *
green__lobby_split(struct lobby *l, uint32_t most)
{
	struct thread *first = NULL, **end = &first, *t;
	struct lobby_line *line = &l->line[LOBBY_FREE];
	uint32_t n;

	if (!green__lobby_free(l))
		return NULL;
	lock(l);
	if (!line->first)
		line = &l->line[LOBBY_NEWEST];
	n = counted(line) / 2 + counted(line) % 2;
	for (n = n < most ? n : most; n; n--) {
		t = line->first;
		unlink(line, t);
		*end = t;
		end = &t->place.next;
	}
	unlock(l);
	return first;
}

bool
green__lobby_remove(struct lobby *l, struct thread *t)
{
	bool found;

	lock(l);
	found = t->place.lobby == l;
	if (found)
		unlink(line_of(l, t), t);
	unlock(l);
	return found;
}
