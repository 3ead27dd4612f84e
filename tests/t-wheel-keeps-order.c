/* SPDX-License-Identifier: MIT */
/*
 * Proves: whatever is added, deleted and expired in whatever order, the wheel
 * gives out what a naive list would: no timer early, late, twice or never,
 * ticks in order, equal deadlines first in, first out; and it names the
 * earliest deadline exactly.
 *
 * Operations are random. GREEN_STRESS_SEED=<number> replays a failure.
 */

#include "seeds.h"

#include "wheel.h"

#define TIMERS 200
#define ROUNDS 60
#define STEPS 1000
#define TICK 1024

struct entry {
	struct timer timer;
	int64_t tick; /* in which it is to come out */
	uint64_t sequence;
	bool in;
};

static struct entry entry[TIMERS];
static struct wheel wheel;
static int64_t now, tick;
static uint64_t seed, sequence, state;
static const char *wrong;

static uint64_t
rnd(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* Every order of magnitude is equally likely. */
static int64_t
rnd_span(void)
{
	return (int64_t)(rnd() >> (1 + rnd() % 63));
}

static int64_t
plus(int64_t a, int64_t b)
{
	return a > INT64_MAX - 1 - b ? INT64_MAX - 1 : a + b;
}

static int64_t
rnd_deadline(void)
{
	switch (rnd() % 10) {
	case 0:
		return now - rnd_span() % (now + 1);
	case 1:
		return INT64_MAX - 1 - (int64_t)(rnd() % 3);
	case 2: /* one that is taken, or was */
		return entry[rnd() % TIMERS].timer.deadline;
	case 3:
		return -rnd_span();
	case 4:
	case 5:
		return plus(now, (int64_t)(rnd() % (3 * TICK)));
	default:
		return plus(now, rnd_span());
	}
}

static int64_t
tick_of(int64_t ns)
{
	return ns < 0 ? 0 : ns / TICK;
}

static void
add(struct entry *e)
{
	if (e->in)
		return;
	e->timer.deadline = rnd_deadline();
	e->tick = tick_of(e->timer.deadline);
	if (e->tick < tick)
		e->tick = tick;
	e->sequence = sequence++;
	e->in = true;
	green__wheel_add(&wheel, &e->timer);
}

static void
del(struct entry *e)
{
	green__wheel_del(&wheel, &e->timer);
	e->in = false;
}

static bool
before(const struct entry *a, const struct entry *b)
{
	if (a->tick != b->tick)
		return a->tick < b->tick;
	return a->timer.deadline == b->timer.deadline &&
	       a->sequence < b->sequence;
}

/* Is what came out (NULL: nothing) right? */
static void
check_expired(struct entry *got)
{
	if (got && (!got->in || green__timer_armed(&got->timer)))
		wrong = "a timer came out that was not in";
	else if (got && got->timer.deadline > now)
		wrong = "a timer came out early";
	for (int i = 0; i < TIMERS; i++) {
		struct entry *e = &entry[i];

		if (e->in && e->timer.deadline <= now &&
		    (!got || before(e, got)))
			wrong = got ? "out of order" : "a due timer was kept";
	}
	if (got)
		got->in = false;
	if (got || tick < tick_of(now))
		tick = got ? got->tick : tick_of(now);
}

static void
check_state(void)
{
	int64_t first = INT64_MAX;
	uint64_t count = 0;

	for (int i = 0; i < TIMERS; i++) {
		if (entry[i].in != green__timer_armed(&entry[i].timer))
			wrong = "armed or not, the wheel thinks otherwise";
		if (!entry[i].in)
			continue;
		count++;
		if (entry[i].timer.deadline < first)
			first = entry[i].timer.deadline;
	}
	if (wheel.count != count)
		wrong = "wrong count";
	if (green__wheel_next(&wheel) != first)
		wrong = "wrong earliest deadline";
}

static void
advance(void)
{
	int64_t next = green__wheel_next(&wheel), to;

	switch (rnd() % 5) {
	case 0:
		to = next - 1; /* nothing may come out */
		break;
	case 1:
		to = next;
		break;
	case 2:
		to = plus(now, rnd_span() >> 20);
		break;
	default:
		to = plus(now, (int64_t)(rnd() % TICK));
	}
	if (to > now && to != INT64_MAX)
		now = to;
}

/* A clock that steps back must not confuse the wheel. */
static void
expire_earlier(void)
{
	int64_t earlier = now - rnd_span() % (now + 1);
	struct entry *e;

	e = (struct entry *)(void *)green__wheel_expire(&wheel, earlier);
	if (e && e->timer.deadline > earlier)
		wrong = "a timer came out early, the clock had stepped back";
	if (e)
		check_expired(e);
}

static void
expire(void)
{
	unsigned most = rnd() % 4 ? TIMERS : 2;
	struct timer *t;

	if (rnd() % 4 == 0)
		expire_earlier();
	advance();
	while (!wrong && most--) {
		t = green__wheel_expire(&wheel, now);
		check_expired((struct entry *)(void *)t);
		if (!t)
			break;
		if (rnd() % 2)
			add(&entry[rnd() % TIMERS]);
		if (rnd() % 4 == 0)
			del(&entry[rnd() % TIMERS]);
	}
}

static void
run(int round)
{
	memset(entry, 0, sizeof(entry));
	now = round == 0 ? 0 : rnd_span();
	if (round == 0) /* the all-zero wheel is a valid one */
		memset(&wheel, 0, sizeof(wheel));
	else
		green__wheel_init(&wheel, now);
	tick = tick_of(now);
	for (int i = 0; i < STEPS && !wrong; i++) {
		unsigned what = rnd() % 8;

		if (what < 4)
			add(&entry[rnd() % TIMERS]);
		else if (what < 6)
			del(&entry[rnd() % TIMERS]);
		else
			expire();
		if (rnd() % 2)
			check_state();
	}
	now = INT64_MAX - 1;
	while (!wrong && wheel.count)
		check_expired((struct entry *)(void *)green__wheel_expire(
			&wheel, now));
	check_state();
}

int
main(void)
{
	state = seed = stress_seed();
	for (int i = 0; i < ROUNDS; i++) {
		run(i);
		if (!ok(!wrong, "round %d%s%s", i, wrong ? ": " : "",
			wrong ? wrong : "")) {
			printf("# replay with GREEN_STRESS_SEED=%ju\n",
			       (uintmax_t)seed);
			break;
		}
	}
	return tap_done();
}
