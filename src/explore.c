/* SPDX-License-Identifier: MIT */
/*
 * The explorer: runs a small program again and again, each time in another
 * order, until there is none left.
 *
 * It is stateless and depth first. A run is determined by its choices, one
 * wherever more than one thread can go on; the next run makes the same ones
 * up to the last that has an alternative left, takes that, and after it the
 * first of everything. So an order costs one run, and no memory but its path.
 *
 * The main flow is the explorer. It parks while a run lasts, and is woken
 * when nothing can go on any more: then either all threads have ended, or
 * those that are left wait for each other. They are abandoned, as at the end
 * of an OS thread, when a run fails, which ends the exploration.
 *
 * Options are numbered in the order of the run queue, so that all zeros is
 * first in first out. Where a thread is preempted, its own going on is option
 * 0 and costs nothing; any other is a preemption. One more option, the last,
 * is that the earliest deadline comes first.
 *
 * Rejected: threads of one run that live on in the next (nothing could be
 * told of a program that does not begin anew); partial-order reduction (it
 * needs to know which objects each step touches, and a program's own memory
 * is not among what we see); a run in a forked child (a hundred times slower,
 * and what it found is gone).
 */

#include "config.h"

#include "base.h"
#include "os.h"
#include "sched.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <green/explore.h>
#include <green/runtime.h>
#include <green/thread.h>
#include <green/time.h>

#define START GREEN_SECOND /* of each run's clock */
#define OPTIONS_MAX (sizeof(digits) - 1)
#define CHOICES_MAX (GREEN_SCHEDULE_MAX - 1)
#define ATTR_MIN sizeof(struct green_explore_attr)     /* of the first */
#define RESULT_MIN sizeof(struct green_explore_result) /* release */
#define FLAGS_KNOWN \
	(GREEN_EXPLORE_PREEMPT | GREEN_EXPLORE_TIMEOUTS | GREEN_EXPLORE_QUIET)

static const char digits[] =
	"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

struct explorer {
	struct green_explore_attr attr; /* with the defaults filled in */
	green_fn fn;
	void *arg;
	struct thread *caller;
	uint8_t choice[CHOICES_MAX];  /* of this run */
	uint8_t options[CHOICES_MAX]; /* how many there were; 0: not known */
	uint32_t known;               /* choices that are given */
	uint32_t made;                /* choices made so far */
	uint64_t steps, preemptions;  /* of this run */
	int error;                    /* why this run cannot go on */
	bool over;                    /* nothing of it can go on */
	bool preempting;              /* who yields was made to */
	bool cut;                     /* by a bound: not all was explored */
};

/* ---- the choice -------------------------------------------------------- */

/* One of so many options. */
static uint32_t
decide(struct explorer *x, uint32_t count)
{
	uint32_t i = x->made;

	if (count == 1)
		return 0;
	if (count > OPTIONS_MAX) {
		x->error = -ERANGE;
		return 0;
	}
	if (i >= x->attr.max_choices) {
		x->cut = true;
		return 0;
	}
	x->made++;
	if (i >= x->known)
		x->choice[i] = x->options[i] = 0;
	if (!x->options[i])
		x->options[i] = (uint8_t)count;
	if (x->options[i] != count || x->choice[i] >= count) {
		x->error = -EILSEQ;
		return 0;
	}
	return x->choice[i];
}

/* The run ends here: the caller goes on. */
static uint32_t
stop(struct worker *w, struct explorer *x)
{
	uint32_t i = 0;

	x->over = true;
	green__ready(w, x->caller, 0);
	while (w->ring[(w->head + i) & w->mask].thread != x->caller)
		i++;
	return i;
}

/* Threads that may go on instead of the one that was made to yield, which is
 * one of them. */
static uint32_t
may_preempt(struct explorer *x, uint32_t n)
{
	if (!x->attr.max_preemptions || n == 1 ||
	    x->preemptions < x->attr.max_preemptions)
		return n;
	x->cut = true;
	return 1;
}

/* Where in the queue that option is, if the thread that was made to yield
 * stands at own: it is the first of all options. */
static uint32_t
place_of(struct explorer *x, uint32_t option, uint32_t own)
{
	if (option == 0)
		return own;
	x->preemptions++;
	return option <= own ? option - 1 : option;
}

static uint32_t
choose(struct worker *w, uint32_t n)
{
	struct explorer *x = w->explorer;
	bool preempting = x->preempting;
	uint32_t own = n - 1, count, option;

	x->preempting = false;
	if (x->over)
		return stop(w, x);
	if (++x->steps > x->attr.max_steps)
		x->error = -ELOOP;
	while (!x->error) {
		bool timeout = x->attr.flags & GREEN_EXPLORE_TIMEOUTS &&
			       w->wheel.count;

		count = w->tail - w->head;
		if (preempting)
			count = may_preempt(x, count);
		option = decide(x, count + timeout);
		if (!x->error && option < count)
			return preempting ? place_of(x, option, own) : option;
		if (!x->error) {
			w->clock_now = green__wheel_next(&w->wheel);
			green__timers_expire(w);
		}
	}
	return stop(w, x);
}

/* A select asks, at each further clause that is ready, whether it is that one:
 * 0 says so. */
static uint32_t
draw(struct worker *w, uint32_t n)
{
	(void)n;
	return decide(w->explorer, 2) ? 0 : 1;
}

static void
idle(struct worker *w)
{
	struct explorer *x = w->explorer;

	x->over = true;
	green__ready(w, x->caller, 0);
}

static const struct order exploring = {
	.choose = choose,
	.draw = draw,
	.idle = idle,
};

void
green__choice_point_slow(struct worker *w)
{
	struct explorer *x = w->explorer;

	if (w->current == x->caller || w->current->flags & T_HOOKS)
		return;
	x->preempting = true;
	green_yield();
}

/* ---- schedules --------------------------------------------------------- */

/* Take the choices from text; 0 or -EINVAL. */
static int
read_schedule(struct explorer *x, const char *text)
{
	const char *digit;

	for (x->known = 0; text[x->known]; x->known++) {
		digit = strchr(digits, text[x->known]);
		if (!digit || x->known == CHOICES_MAX)
			return -EINVAL;
		x->choice[x->known] = (uint8_t)(digit - digits);
		x->options[x->known] = 0;
	}
	return 0;
}

/* Those at the end that are the first option anyway are left out. */
static void
write_schedule(const struct explorer *x, char *text)
{
	uint32_t n = x->made, i;

	while (n && !x->choice[n - 1])
		n--;
	for (i = 0; i < n; i++)
		text[i] = digits[x->choice[i]];
	text[n] = '\0';
}

/* What the environment says, if it means this exploration. */
static const char *
schedule_from_environment(const char *name)
{
	const char *text = getenv("GREEN_SCHEDULE");
	const char *colon = text ? strrchr(text, ':') : NULL;
	size_t len = colon ? (size_t)(colon - text) : 0;

	if (!text || strlen(name) != len || strncmp(text, name, len) != 0)
		return NULL;
	return colon ? colon + 1 : text;
}

/* Go on to the next order; false if that was the last. */
static bool
advance(struct explorer *x)
{
	uint32_t n = x->made;

	while (n && x->choice[n - 1] + 1 >= x->options[n - 1])
		n--;
	if (n)
		x->choice[n - 1]++;
	x->known = n;
	return n > 0;
}

/* ---- a run ------------------------------------------------------------- */

/* Until nothing can go on. Returns 0, 1 if the root returned a value, or what
 * is wrong with the run. */
static int
finish_run(struct worker *w, struct explorer *x, green_t root, void **value)
{
	int error;

	x->over = false;
	while (!x->over)
		green__park(w, GREEN_NEVER, NULL);
	if (x->error)
		return x->error;
	error = green_join(root, value, 0);
	/* Stale: detached, or joined by another thread. */
	if (error && error != -ESRCH)
		return -EDEADLK;
	if (x->attr.end)
		*value = x->attr.end(x->arg, *value);
	if (*value)
		return 1;
	if (w->alive > 1)
		return -EDEADLK;
	if (green__worker_blocks(w) > 1)
		return -ECHILD;
	return x->made < x->known ? -EILSEQ : 0;
}

static int
begin_run(struct worker *w, struct explorer *x, green_t *ret_root)
{
	green__clock_set(w, true, START);
	x->made = 0;
	x->steps = x->preemptions = 0;
	x->error = 0;
	*ret_root = 0;
	if (x->attr.begin)
		return x->attr.begin(x->arg, ret_root);
	return green_spawn(ret_root, NULL, x->fn, x->arg);
}

static void
write_failure(const struct explorer *x, uint64_t run, int error,
	      const char *schedule)
{
	struct out o = OUT_INIT(STDERR_FILENO);

	green__out_str(&o, "libgreen: exploration");
	if (*x->attr.name) {
		green__out_str(&o, " \"");
		green__out_str(&o, x->attr.name);
		green__out_str(&o, "\"");
	}
	green__out_str(&o, ", run ");
	green__out_dec(&o, run);
	green__out_str(&o, ": ");
	green__out_str(&o, error > 0 ? "failed" : green_strerror(error));
	green__out_str(&o, "\nlibgreen: GREEN_SCHEDULE=");
	green__out_str(&o, x->attr.name);
	green__out_str(&o, *x->attr.name ? ":" : "");
	green__out_str(&o, schedule);
	green__out_str(&o, " runs it again\n");
	green__out_flush(&o);
}

/* A run has failed, and its threads are still there. */
static void
fail(struct worker *w, const struct explorer *x, int error,
     const struct green_explore_result *r)
{
	if (!(x->attr.flags & GREEN_EXPLORE_QUIET)) {
		write_failure(x, r->runs, error, r->schedule);
		if (w->alive > 1)
			green_dump(STDERR_FILENO);
	}
	if (x->attr.failed)
		x->attr.failed(x->arg, error);
	green__worker_abandon_others(w);
}

/* Run after run. */
static int
explore(struct worker *w, struct explorer *x, struct green_explore_result *r)
{
	green_t root;
	int error;

	do {
		error = begin_run(w, x, &root);
		if (error)
			return error;
		r->runs++;
		error = finish_run(w, x, root, &r->value);
		if (x->made > r->choices)
			r->choices = x->made;
		if (error) {
			write_schedule(x, r->schedule);
			fail(w, x, error, r);
			return error;
		}
		if (x->attr.schedule)
			return 0;
		if (!advance(x)) {
			r->complete = !x->cut;
			return 0;
		}
	} while (r->runs < x->attr.max_runs);
	return 0;
}

/* ---- the call ---------------------------------------------------------- */

static void
default_to(uint64_t *field, uint64_t value)
{
	if (!*field)
		*field = value;
}

static int
read_attr(struct explorer *x, const struct green_explore_attr *attr)
{
	struct green_explore_attr *a = &x->attr;
	int error;

	if (attr) {
		error = green__struct_check(attr, attr->size, ATTR_MIN,
					    sizeof(*a));
		if (error)
			return error;
		*a = *attr;
	}
	default_to(&a->max_runs, UINT64_MAX);
	default_to(&a->max_choices, CHOICES_MAX);
	default_to(&a->max_steps, 1000000);
	if (a->flags & ~(uint64_t)FLAGS_KNOWN || a->max_choices > CHOICES_MAX ||
	    (!a->begin && !x->fn))
		return -EINVAL;
	if (!a->name)
		a->name = "";
	if (!a->schedule)
		a->schedule = schedule_from_environment(a->name);
	return a->schedule ? read_schedule(x, a->schedule) : 0;
}

/* With everything that a run changes put back afterwards. */
static int
enter(struct worker *w, struct explorer *x, struct green_explore_result *r)
{
	const struct order *order = w->order;
	bool clock_virtual = w->clock_virtual;
	int64_t now = w->clock_now;
	int error;

	w->explorer = x;
	w->preempts = x->attr.flags & GREEN_EXPLORE_PREEMPT;
	green__order_set(w, &exploring);
	error = explore(w, x, r);
	w->explorer = NULL;
	w->preempts = false;
	green__order_set(w, order);
	green__clock_set(w, clock_virtual,
			 clock_virtual ? now : green__monotonic());
	return error;
}

int
green_explore(const struct green_explore_attr *attr, green_fn fn, void *arg,
	      struct green_explore_result *ret_result)
{
	struct green_explore_result r = { .size = sizeof(r) };
	struct explorer x = { .fn = fn, .arg = arg };
	struct worker *w;
	int error = read_attr(&x, attr);

	if (!error && ret_result && ret_result->size < RESULT_MIN)
		error = -EINVAL;
	if (error)
		return error;
	w = green__worker_get();
	if (!w)
		return -ENOMEM;
	if (w->alive > 1 || green__worker_blocks(w) > 1)
		return -EBUSY;
	x.caller = w->current;
	error = enter(w, &x, &r);
	if (ret_result) {
		r.size = ret_result->size;
		memset(ret_result, 0, r.size);
		memcpy(ret_result, &r, sizeof(r));
	}
	return error;
}
