/* SPDX-License-Identifier: MIT */
#ifndef TIMERS_H
#define TIMERS_H

/*
 * Rows of time; sync.h includes this. What a program defines for them:
 *
 *	PEER_HAS_SLEEP		peer_sleep(milliseconds)
 *	PEER_HAS_DEADLINES	peer_wait_hour(s): peer_wait() with a limit that
 *				is never reached
 *
 *	sleeps		THREADS sleep once, 1 to 1000 ms; ms is the CPU time of
 *			their whole lives
 *	timers		a hand-over as in sem, with a limit an hour away, and
 *			without; ns is the difference: the timer's insert and
 *			cancel. Meanwhile THREADS others sleep.
 */

#ifdef PEER_HAS_SLEEP
static void *
sleeper(void *arg)
{
	peer_sleep(1 + (long)((intptr_t)arg * 7919 % 1000));
	return NULL;
}

static void
run_sleeps(void)
{
	double start = cpu_now();

	sync_run(sleeper);
	say("ms", (cpu_now() - start) / 1e6);
	say("ns", (cpu_now() - start) / (double)args.threads);
}
#endif

#ifdef PEER_HAS_DEADLINES
#define TIMER_ROUNDS 10

static double without_timer, with_timer;

static void *
long_sleeper(void *arg)
{
	ADD(started, 1);
	peer_sleep(3600000 + (long)((intptr_t)arg * 7919 % 1000000));
	return NULL;
}

static void
hand_over(long me, int timed)
{
	peer_sem *out = sems[me], *in = sems[me ^ 1];
	double start = cpu_now();
	long i;

	for (i = 0; i < per_thread; i++) {
		if (!me)
			peer_post(out);
		if (timed)
			peer_wait_hour(in);
		else
			peer_wait(in);
		if (me)
			peer_post(out);
	}
	if (!me)
		*(timed ? &with_timer : &without_timer) += cpu_now() - start;
}

static void *
timed_hander(void *arg)
{
	long me = (long)(intptr_t)arg, i;

	for (i = 0; i < TIMER_ROUNDS; i++)
		hand_over(me, (int)(i & 1));
	return NULL;
}

/* The sleepers are not joined: the process ends with them. */
static void
run_timers(void)
{
	peer_sem *two[2] = { peer_sem_make(), peer_sem_make() };
	peer_thread *pair = (peer_thread *)calloc(2, sizeof(*pair));
	double waits;
	long i;

	sems = two;
	for (i = 0; i < args.threads; i++)
		if (peer_spawn(&threads[i], long_sleeper, (void *)(intptr_t)i))
			give_up("could not spawn, threads alive", i);
	while (GET(started) < args.threads)
		peer_yield();
	per_thread = args.count / TIMER_ROUNDS + 1;
	for (i = 0; i < 2; i++)
		if (!pair ||
		    peer_spawn(&pair[i], timed_hander, (void *)(intptr_t)i))
			give_up("could not spawn", i);
	for (i = 0; i < 2; i++)
		peer_join(&pair[i]);
	waits = (double)per_thread * TIMER_ROUNDS;
	say_begin(PEER_NAME, &args);
	say("ns", (with_timer - without_timer) / waits);
	say("handover_ns", with_timer / waits);
}
#endif

#endif
