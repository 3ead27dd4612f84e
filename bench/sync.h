/* SPDX-License-Identifier: MIT */
#ifndef SYNC_H
#define SYNC_H

/*
 * Rows of what threads wait for each other with; threads.h includes this. A
 * program defines, in front of it, what its library has:
 *
 *	PEER_HAS_CHANNELS	peer_chan, *peer_chan_make(capacity),
 *				peer_send(ch, long), long peer_recv(ch)
 *	PEER_HAS_MUTEXES	peer_mutex, *peer_mutex_make(), peer_lock(m),
 *				peer_unlock(m)
 *	PEER_HAS_SEMAPHORES	peer_sem, *peer_sem_make(), peer_post(s),
 *				peer_wait(s); or what comes nearest
 *	PEER_ONE_OS_THREAD	the library knows one OS thread only
 *
 *	pingpong	THREADS / 2 pairs, each with two channels that hold
 *			nothing; ns is of one message
 *	stream-0	the same with one channel: one sends, one receives
 *	stream-128	with channels that hold 128
 *	sem		as pingpong, with two semaphores
 *	mutex-pair	one thread locks and unlocks
 *	mutex-handoff	THREADS lock the same mutex, yield, unlock it. handed:
 *			how often somebody else had it next; where that is not
 *			always, waiters starve and little is handed over
 *	mutex-turns	the same with a yield after the unlock, too, which makes
 *			those hand over that would not
 *	sleeps, timers	see timers.h
 *
 * COUNT is that of all threads together. A row with -shared at its end does the
 * same in a process that has a second OS thread, asleep: some libraries are
 * quicker while there is none.
 */

#include <pthread.h>
#include <stdint.h>

static long party; /* threads that take part */
static long wrong; /* messages that were not what was sent */

static void
sync_begin(void)
{
	if (ADD(started, 1) == party) {
		time_start = cpu_now();
		SET(go, 1);
	}
	while (!GET(go))
		peer_yield();
}

static void
sync_end(void)
{
	if (ADD(ended, 1) == party)
		time_end = cpu_now();
}

/* Run fn in THREADS threads, each of which is given its number. */
maybe_unused static void
sync_run(void *(*fn)(void *))
{
	long i;

	per_thread = args.count / args.threads;
	if (per_thread < 2)
		per_thread = 2;
	party = args.threads;
	for (i = 0; i < party; i++)
		if (peer_spawn(&threads[i], fn, (void *)(intptr_t)i))
			give_up("could not spawn, threads alive", i);
	join_all();
	if (wrong)
		give_up("messages were lost", wrong);
	say_begin(PEER_NAME, &args);
}

maybe_unused static double
sync_ns(long each)
{
	return (time_end - time_start) / (double)per_thread / (double)each;
}

/* ---- channels ----------------------------------------------------------- */

#ifdef PEER_HAS_CHANNELS
static peer_chan **chans; /* two for each pair */

static void *
pingponger(void *arg)
{
	long me = (long)(intptr_t)arg, i;
	peer_chan *out = chans[me], *in = chans[me ^ 1];

	sync_begin();
	for (i = 0; i < per_thread; i++) {
		if (!(me & 1))
			peer_send(out, i);
		if (peer_recv(in) != i)
			ADD(wrong, 1);
		if (me & 1)
			peer_send(out, i);
	}
	sync_end();
	return NULL;
}

static void *
streamer(void *arg)
{
	long me = (long)(intptr_t)arg, i;
	peer_chan *ch = chans[me & ~1L];

	sync_begin();
	for (i = 0; i < per_thread; i++)
		if (!(me & 1))
			peer_send(ch, i);
		else if (peer_recv(ch) != i)
			ADD(wrong, 1);
	sync_end();
	return NULL;
}

static void
run_channels(void *(*fn)(void *), long capacity)
{
	long i;

	args.threads += args.threads & 1;
	chans = (peer_chan **)calloc((size_t)args.threads, sizeof(*chans));
	for (i = 0; chans && i < args.threads; i++)
		chans[i] = peer_chan_make(capacity);
	sync_run(fn);
	say("ns",
	    fn == streamer ? sync_ns(args.threads / 2) : sync_ns(args.threads));
}
#endif

/* ---- mutexes ------------------------------------------------------------ */

#ifdef PEER_HAS_MUTEXES
static peer_mutex *mutex;
static long owner = -1, owners;

static void *
lone_locker(void *arg)
{
	long i;

	for (i = -per_thread / 10; i < per_thread; i++) {
		if (i == 0)
			time_start = cpu_now();
		peer_lock(mutex);
		peer_unlock(mutex);
	}
	time_end = cpu_now();
	return arg;
}

static void
run_mutex_pair(void)
{
	mutex = peer_mutex_make();
	sync_run(lone_locker);
	say("ns", sync_ns(1));
}

static int mutex_turns;

static void *
locker(void *arg)
{
	long me = (long)(intptr_t)arg, i;

	sync_begin();
	for (i = 0; i < per_thread; i++) {
		peer_lock(mutex);
		owners += owner != me;
		owner = me;
		peer_yield();
		peer_unlock(mutex);
		if (mutex_turns)
			peer_yield();
	}
	sync_end();
	return NULL;
}

static void
run_mutex(void)
{
	mutex = peer_mutex_make();
	sync_run(locker);
	say("ns", sync_ns(args.threads));
	say("handed",
	    (double)owners / (double)per_thread / (double)args.threads);
}

static void
run_mutex_turns(void)
{
	mutex_turns = 1;
	run_mutex();
}
#endif

/* ---- semaphores --------------------------------------------------------- */

#ifdef PEER_HAS_SEMAPHORES
static peer_sem **sems; /* two for each pair */

static void *
hander(void *arg)
{
	long me = (long)(intptr_t)arg, i;
	peer_sem *out = sems[me], *in = sems[me ^ 1];

	sync_begin();
	for (i = 0; i < per_thread; i++) {
		if (!(me & 1))
			peer_post(out);
		peer_wait(in);
		if (me & 1)
			peer_post(out);
	}
	sync_end();
	return NULL;
}

static void
run_sem(void)
{
	long i;

	args.threads += args.threads & 1;
	sems = (peer_sem **)calloc((size_t)args.threads, sizeof(*sems));
	for (i = 0; sems && i < args.threads; i++)
		sems[i] = peer_sem_make();
	sync_run(hander);
	say("ns", sync_ns(args.threads));
}
#endif

#include "timers.h"

/* ---- rows --------------------------------------------------------------- */

#ifndef PEER_ONE_OS_THREAD
static void *
asleep(void *arg)
{
	for (;;)
		pause();
	return arg;
}
#endif

static void
share_process(void)
{
#ifdef PEER_ONE_OS_THREAD
	give_up("knows one OS thread only", 1);
#else
	pthread_t other;

	if (pthread_create(&other, NULL, asleep, NULL))
		give_up("could not make an OS thread", 1);
#endif
}

#ifdef PEER_HAS_CHANNELS
static void
run_pingpong(void)
{
	run_channels(pingponger, 0);
}

static void
run_stream_0(void)
{
	run_channels(streamer, 0);
}

static void
run_stream_128(void)
{
	run_channels(streamer, 128);
}
#endif

static const struct sync_row {
	const char *name;
	void (*run)(void);
} sync_rows[] = {
#ifdef PEER_HAS_CHANNELS
	{ "pingpong", run_pingpong },
	{ "stream-0", run_stream_0 },
	{ "stream-128", run_stream_128 },
#endif
#ifdef PEER_HAS_MUTEXES
	{ "mutex-pair", run_mutex_pair },
	{ "mutex-handoff", run_mutex },
	{ "mutex-turns", run_mutex_turns },
#endif
#ifdef PEER_HAS_SEMAPHORES
	{ "sem", run_sem },
#endif
#ifdef PEER_HAS_SLEEP
	{ "sleeps", run_sleeps },
#endif
#ifdef PEER_HAS_DEADLINES
	{ "timers", run_timers },
#endif
	{ NULL, NULL },
};

/* Run this row, if there is one of that name. */
static int
run_sync(const char *row)
{
	size_t length = strlen(row);
	const char *shared = length > 7 ? row + length - 7 : "";
	const struct sync_row *r = sync_rows;

	if (!strcmp(shared, "-shared")) {
		share_process();
		length -= 7;
	}
	for (; r->name; r++)
		if (strlen(r->name) == length &&
		    !strncmp(r->name, row, length)) {
			r->run();
			return 1;
		}
	return 0;
}

#endif
