/* SPDX-License-Identifier: MIT */
/* Proves: the memory of free stacks goes back to the system when asked for,
 * and after a burst bit by bit, each time that the pool wants to be looked at;
 * stacks in use and guards stay as they are; and the high-water mark of a stack
 * is known to the page. */

#include "tap.h"

#include "stacks.h"

#define BURST 3000
#define SECOND 1000000000LL

static struct stack burst[BURST];

static void
check_used(void)
{
	struct stack_pool *pool = green__stack_pool_create();
	struct stack s = take(pool, DEFAULT_CLASS);
	size_t page = green__page_size();
	char *own = mmap(NULL, 25 * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct stack mine = { .lo = own + 100,
			      .size = (uint32_t)(25 * page - 300),
			      .class = STACK_CLASS_OWN };

	is(green__stack_used(&s), 0, "a fresh stack was not used");
	touch(&s, 1);
	is(green__stack_used(&s), page, "one byte uses one page");
	s.lo[s.size - 5 * page] = 1;
	is(green__stack_used(&s), 5 * page, "the deepest page counts");
	s.lo[0] = 1;
	is(green__stack_used(&s), s.size, "all of it");
	madvise(own, 25 * page, MADV_NOHUGEPAGE);
	own[25 * page - 1] = 1;
	is(green__stack_used(&mine), page - 200, "unaligned memory: one page");
	own[0] = 1;
	is(green__stack_used(&mine), mine.size, "unaligned memory: all");
	munmap(own, 25 * page);
	green__stack_pool_destroy(pool);
}

static size_t
burst_resident(void)
{
	size_t sum = 0;

	for (int i = 0; i < BURST; i++)
		sum += resident(&burst[i]);
	return sum;
}

static void
make_burst(struct stack_pool *pool)
{
	for (int i = 0; i < BURST; i++) {
		burst[i] = take(pool, DEFAULT_CLASS);
		touch(&burst[i], 1);
	}
	for (int i = BURST - 1; i >= 0; i--)
		green__stack_give(pool, burst[i]);
}

static void
check_trim(void)
{
	struct stack_pool *pool = green__stack_pool_create();
	size_t page = green__page_size();
	struct stack s;

	make_burst(pool);
	s = take(pool, DEFAULT_CLASS);
	ok(s.lo == burst[0].lo, "the first one is in use again");
	touch(&s, 2 * page);
	is(burst_resident(), BURST + 1, "a burst leaves its pages behind");
	is(green__stack_trim(pool), (BURST - 1) * page, "trim says how much");
	is(burst_resident(), 2, "only the stack in use keeps its pages");
	is(s.lo[s.size - 1], 0x5a, "and what is on it");
	is(green__stack_trim(pool), 0, "a second trim finds nothing");
	s = take(pool, DEFAULT_CLASS);
	ok(s.guard == STACK_GUARD_NONE || faults(s.lo - 1),
	   "a trimmed stack still has its guard");
	is(s.lo[s.size - 1], 0, "and is empty");
	touch(&s, 1);
	green__stack_give(pool, s);
	is(green__stack_trim(pool), page, "trim finds what was used since");
	green__stack_pool_destroy(pool);
}

static void
check_idle(void)
{
	struct stack_pool *pool = green__stack_pool_create();
	int64_t now = 5 * SECOND, next;
	int calls = 0;
	struct stack s;

	is(green__stack_idle(pool, now), INT64_MAX, "nothing, never again");
	make_burst(pool);
	next = green__stack_idle(pool, now);
	is(burst_resident(), BURST, "right after a burst all stays warm");
	ok(next > now && next <= now + SECOND, "to be called within a second");
	/* One long sleep. */
	while (next != INT64_MAX && calls < 1000) {
		if (next <= now)
			break;
		now = next;
		next = green__stack_idle(pool, now);
		calls++;
	}
	is(next, INT64_MAX, "it comes to an end, after %d calls", calls);
	ok(burst_resident() <= 64, "a few warm ones are left: %zu",
	   burst_resident());
	s = take(pool, DEFAULT_CLASS);
	ok(s.lo == burst[0].lo && resident(&s) == 1, "the warmest are");
	green__stack_pool_destroy(pool);
}

static void
check_steady(void)
{
	struct stack_pool *pool = green__stack_pool_create();
	int64_t now = 5 * SECOND;

	make_burst(pool);
	green__stack_idle(pool, now);
	for (int i = 0; i < 20; i++) {
		for (int k = 0; k < BURST; k++)
			burst[k] = take(pool, DEFAULT_CLASS);
		for (int k = 0; k < BURST; k++)
			green__stack_give(pool, burst[k]);
		now += SECOND / 2;
		green__stack_idle(pool, now);
	}
	is(burst_resident(), BURST, "what is needed each second stays warm");
	green__stack_pool_destroy(pool);
}

int
main(void)
{
	check_used();
	check_trim();
	check_idle();
	check_steady();
	return tap_done();
}
