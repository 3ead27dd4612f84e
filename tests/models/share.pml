/* SPDX-License-Identifier: MIT */
/*
 * The workers of a runtime share threads that have not started.
 *
 * Two workers, and a pthread that spawns two threads into the runtime, or one
 * that spawns the other where it runs, and may then join it. A thread may keep
 * its worker to itself until both have begun. The second worker may be busy with
 * a thread that yields until both have begun; then it polls. Sleeping in the
 * kernel is one step here; sleep.pml looks into it.
 *
 * Proves:
 * - each thread runs, and runs once, whoever takes it out of a lobby;
 * - none waits while a worker sleeps or polls: those that keep their workers
 *   would wait for ever, an invalid end state;
 * - a thread belongs to the worker that runs it, and one for which there is no
 *   memory where it is goes to where there is some.
 *
 * Spin knows one order of events for everybody. The C code earns that by
 * sequentially consistent operations on the counts of lobbies, `sleeping`,
 * `idle` and `searching`.
 *
 * mirrors src/lobby.c green__lobby_push green__lobby_pop green__lobby_split
 * mirrors src/lobby.c green__lobby_remove
 * mirrors src/share.c green__share_fold let_go adopt wake_one offer any_free
 * mirrors src/share.c green__share_pass_on green__share_work steal
 * mirrors src/share.c green__share_send green__share_push green__share_next
 * mirrors src/share.c green__share_search green__share_look look_around
 * mirrors src/sched.c wait_for_work next_thread_slow pick_fresh
 * mirrors src/sleep.c fall_asleep
 *
 * Each of these must make it fail:
 * mutation LOOK_FIRST: look into the lobbies, then say that it sleeps
 * mutation NO_LOOK: say that it sleeps, and do not look
 * mutation WAKE_FIRST: look whether a worker sleeps, then push
 * mutation NO_PASS: who has found a thread does not look whether there is more
 * mutation PASS_EARLY: it looks, then says that it does not search any more
 * mutation NO_LOCK: take threads out of a lobby without the lock
 * mutation JOIN_BLIND: run what is joined without taking it out of the lobby
 * mutation DROP: lose a thread for which there is no memory
 * mutation KEEP_QUIET: try again now and then, and wake nobody
 * mutation NO_BUSY_LOOK: a worker that polls looks into its own lobby only
 * mutation TAKE_INTO_QUEUE: it puts what it has taken into its run queue
 * mutation BUSY_QUIET: it puts something back, and wakes nobody
 */

#define WORKERS 2
#define THREADS 2
#define DOOR WORKERS /* owns what comes from outside */
#define NONE 9

#define AWAKE 0
#define ASLEEP 1

/* The lobbies. */
byte count[WORKERS];
byte at[THREADS] = NONE; /* in which of them it is */

/* Waking. */
byte sleeping[WORKERS];
byte idle, searching;
bool poor; /* the second worker has no memory for what is not its own */

byte owner[THREADS] = NONE; /* to whom it belongs */

byte begun;
bool ran[THREADS];
bool parent; /* the first spawns the second */
bool busy;   /* the second worker has a thread that yields */

/* What happens under the lock of a lobby is one step. */
inline push(q, x)
{
	atomic { at[x] = q; count[q]++ }
}

inline first(q, x)
{
	if
	:: at[0] == q -> x = 0
	:: at[1] == q -> x = 1
	:: else -> x = NONE
	fi
}

/* Leaves it, or NONE, in x. */
inline take(q, x)
{
#ifdef NO_LOCK
	first(q, x);
	if
	:: x != NONE -> at[x] = NONE; count[q]--
	:: else
	fi
#else
	atomic {
		first(q, x);
		if
		:: x != NONE -> at[x] = NONE; count[q]--
		:: else
		fi
	}
#endif
}

/* Half of what waits at q, which may be one of two or two of three. Leaves them,
 * or NONE, in x and y. */
inline split(q, x, y)
{
	atomic {
		take(q, x);
		if
		:: x != NONE -> take(q, y)
		:: y = NONE
		fi
	}
}

/* One of those who sleep; who it is makes no difference. */
inline wake_one()
{
	atomic {
		if
		:: sleeping[0] == ASLEEP -> sleeping[0] = AWAKE
		:: sleeping[1] == ASLEEP -> sleeping[1] = AWAKE
		:: else
		fi
	}
}

inline offer()
{
	if
	:: idle > 0 && searching == 0 -> wake_one()
	:: else
	fi
}

inline pass_on()
{
	if
	:: idle > 0 && (count[0] > 0 || count[1] > 0) -> offer()
	:: else
	fi
}

/* ---- belonging ------------------------------------------------------------ */

/* Leaves x as it is, or NONE if there was no memory; then it is back in v. */
inline adopt(w, v, x)
{
	if
	:: owner[x] == w
	:: owner[x] != w ->
		if
		:: w == 1 && poor -> starved = true;
#ifndef DROP
			push(v, x);
#endif
			x = NONE
		:: else -> owner[x] = w
		fi
	fi
}

/* ---- a worker ------------------------------------------------------------- */

/* Run t, and whatever it joins. */
inline start()
{
	do
	:: t == NONE -> break
	:: else ->
		atomic {
			assert(owner[t] == me && !ran[t]);
			ran[t] = true;
			begun++
		}
		if
		:: t == 0 && parent -> spawn_one()
		:: else
		fi;
		if
		:: t == 0 && parent -> join_it()
		:: t = NONE /* it ends */
		:: !poor -> begun == THREADS; t = NONE /* keeps the worker */
		fi
	od
}

inline spawn_one()
{
	owner[1] = me;
#ifdef WAKE_FIRST
	offer();
	push(me, 1)
#else
	push(me, 1);
	offer()
#endif
}

/* By the thread that spawned it, which parks: the other, or NONE, in t. */
inline join_it()
{
	t = NONE;
	if
	:: owner[1] == me && !ran[1] ->
#ifdef JOIN_BLIND
		t = 1
#else
		atomic {
			if
			:: at[1] == me -> at[1] = NONE; count[me]--; t = 1
			:: else
			fi
		}
#endif
	:: else
	fi
}

/* What was taken from the other is to be shared. */
inline keep(x)
{
	if
	:: x != NONE -> adopt(me, other, x)
	:: else
	fi;
	if
	:: x != NONE -> push(me, x); x = NONE
	:: else
	fi
}

/* Look into the other lobby, once. Leaves what was found, or NONE, in t. */
inline search()
{
	atomic { searching++; split(other, t, u) }
	if
	:: t != NONE -> adopt(me, other, t)
	:: else
	fi;
	keep(u);
#ifdef PASS_EARLY
	if
	:: t != NONE -> pass_on()
	:: else
	fi;
#endif
	searching--
}

/* At a poll. What it takes others may take from it. */
inline look_elsewhere()
{
	split(other, t, u);
#ifdef TAKE_INTO_QUEUE
	if
	:: t != NONE -> adopt(me, other, t); queue = t; t = NONE
	:: else
	fi;
#else
	keep(t);
#endif
	keep(u);
#ifdef BUSY_QUIET
	if
	:: !starved -> pass_on()
	:: else
	fi
#else
	pass_on()
#endif
}

/* Is there something that a worker which polls can see? Then it goes on. */
#ifdef NO_BUSY_LOOK
#define SEEN (count[me] > 0)
#else
#define SEEN (count[me] > 0 || count[other] > 0)
#endif

/* Its thread has yielded; now it polls. Leaves what is to run, or NONE, in t. */
inline poll()
{
	if
	:: starved ->
		/* It would try for ever; what it did so far must do. */
		if
		:: true
		:: true -> begun == THREADS
		fi;
		starved = false
	:: else
	fi;
#ifndef NO_BUSY_LOOK
	if
	:: count[me] == 0 && count[other] > 0 -> look_elsewhere()
	:: else
	fi;
#endif
	take(me, t);
	if
	:: t != NONE -> adopt(me, me, t)
	:: t == NONE && queue != NONE -> t = queue; queue = NONE
	:: else
	fi;
#ifndef BUSY_QUIET
	if
	:: starved -> pass_on()
	:: else
	fi
#endif
}

/* As long as its thread yields. */
inline be_busy()
{
	do
	:: me == 0 || !busy -> break
	:: else ->
		SEEN || queue != NONE || starved || begun == THREADS;
		if
		:: begun == THREADS -> busy = false; starved = false
		:: else -> poll(); start()
		fi
	od
}

inline announce()
{
	atomic { sleeping[me] = ASLEEP; idle++ }
}

inline look()
{
	calm = (count[0] == 0 && count[1] == 0)
}

proctype worker(byte me)
{
	byte t, u = NONE, queue = NONE, other = 1 - me;
	bool calm, starved, without = true;

	be_busy();
again:
	take(me, t);
	if
	:: t != NONE -> adopt(me, me, t)
	:: t == NONE && without -> search()
	:: else -> without = true; goto again
	fi;
	if
	:: t != NONE ->
#if !defined(PASS_EARLY) && !defined(NO_PASS)
		if
		:: without -> pass_on(); without = false
		:: else
		fi;
#endif
		start();
		goto again
	:: t == NONE && !without -> without = true; goto again
	:: else
	fi;
	/* Nothing found. */
#if defined(LOOK_FIRST)
	look();
	announce();
#elif defined(NO_LOOK)
	announce();
	calm = true;
#else
	announce();
	look();
#endif
	if
	:: calm && !starved ->
end_asleep:
		sleeping[me] == AWAKE
	:: else /* something to do, or a short sleep */
	fi;
	atomic { calm = false; sleeping[me] = AWAKE; idle-- }
	if
	:: starved ->
#ifndef KEEP_QUIET
		pass_on();
#endif
		/* It would try for ever; what it did so far must do. */
		if
		:: true
		:: goto end_poor
		fi;
		starved = false
	:: else
	fi;
	goto again;
end_poor:
	false
}

/* ---- outside, and the end ------------------------------------------------- */

init
{
	byte sent, to;
	bool woken;

	atomic {
		if
		:: parent = true
		:: parent = false
		fi;
		if
		:: poor = true
		:: poor = false
		fi;
		if
		:: busy = true
		:: busy = false
		fi;
		run worker(0);
		run worker(1)
	}
	do
	:: sent == THREADS - parent -> break
	:: else ->
		atomic {
			owner[sent] = DOOR;
			if
			:: to = 0
			:: to = 1
			fi
		}
#ifdef WAKE_FIRST
		offer();
		push(to, sent);
#else
		push(to, sent);
		/* It wakes the one in whose lobby it is. */
		atomic { woken = (sleeping[to] == ASLEEP); sleeping[to] = AWAKE }
		if
		:: !woken -> offer()
		:: else
		fi;
#endif
		atomic { sent++; to = 0; woken = false }
	od;
	begun == THREADS
}
