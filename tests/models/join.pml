/* SPDX-License-Identifier: MIT */
/*
 * The end of a green thread against those who join and detach it from other
 * OS threads, one of which may give up, or end itself, at any moment.
 *
 * Four OS threads: the worker that has the thread (`owner`), a worker whose
 * green thread joins it (`worker`), a plain pthread that joins it (`pthread`),
 * and one that detaches it.
 *
 * Proves:
 * - the value is handed over exactly once, unless the thread was detached or
 *   abandoned, and its control block is released exactly once;
 * - a waiter is written to only while it is there, and a joiner that was
 *   waiting finds the id stale only when its waiter is done;
 * - nobody touches a control block that is gone, pushes a joiner that does not
 *   wait to the inbox, or touches a worker that has ended;
 * - everybody gets an answer: no invalid end state.
 *
 * mirrors src/join.c hand_over green__finish release green__join_leave
 * mirrors src/join.c green__join_abandon join_alive
 * mirrors src/wait.c green__wait
 * mirrors src/join.c green_join green_detach
 * mirrors src/abandon.c abandon_wait abandon green__abandon_all
 * mirrors src/worker.c green__worker_free
 * mirrors src/id.c green__id_lock_shared green__id_unlock_shared
 * mirrors src/id.h green__id_retire
 * mirrors src/thread.c green__thread_release
 *
 * Each of these must make it fail:
 * mutation TRUST_DONE: a joiner that was not woken goes on when it is done
 * mutation RETIRE_FIRST: make the id stale, then hand the value over
 * mutation NO_DRAIN: leave the wake-up in the inbox
 * mutation KEEP_WAITER: an OS thread that ends leaves its waiters behind
 * mutation TELL_NOBODY: an abandoned thread does not answer its joiner
 * mutation STOP_EARLY: the end of a worker trusts a count of remote releases
 * mutation NO_LOCK: the end of a thread does not lock its entry
 */

#define GREEN 0	  /* the green joiner's waiter */
#define PTHREAD 1 /* the pthread's */
#define NOBODY 2

#define ALIVE 0
#define DETACHED 1
#define WAITING 2 /* ended, with a value */

/* The entry of the table, and the thread's control block. */
byte generation;
bool locked;
byte end = ALIVE;
byte joiner = NOBODY;
bool block_gone;
bool owner_gone; /* its slab, too */
bool counted;	 /* the owner knows of a release by another OS thread */

/* A waiter each. */
bool there[2];
bool done[2];
bool failed[2]; /* its error: abandoned */

/* The green joiner and its worker. */
bool inbox;	  /* has the joiner */
bool worker_gone; /* the joiner, too */

/* What came of it all. */
byte fetched;  /* joins that returned the value */
byte released; /* releases of the control block */
bool detached, abandoned; /* or its value was, with its OS thread */

inline lock()
{
	atomic { !locked -> locked = true }
}

/* By id; found says whether it is not stale. As in C, a stale id is seen
 * whether the entry is locked or not. */
inline lock_id(found)
{
	atomic {
		if
		:: generation != 0 -> found = false
		:: generation == 0 && !locked -> locked = true; found = true
		fi
	}
}

inline unlock()
{
	locked = false
}

inline wake_green()
{
	atomic {
		assert(!worker_gone && !inbox && there[GREEN]);
		inbox = true
	}
	/* Notify: looks at the worker's `sleeping`. */
	assert(!worker_gone)
}

inline hand_over(error)
{
	assert(there[joiner]);
	failed[joiner] = error;
	done[joiner] = true;
	if
	:: joiner == GREEN -> wake_green()
	:: else /* the pthread's futex */
	fi
}

/* The entry is locked; ends with the lock released. */
inline release(own)
{
	counted = !own;
	assert(!block_gone);
	joiner = NOBODY;
	generation = 1;
	block_gone = true;
	released++;
	if
	:: own
	:: !own -> assert(!owner_gone) /* its slab takes the block back */
	fi;
	unlock()
}

/* When all is over. The first process, because spin lets them end in the
 * opposite order. */
active proctype judge()
{
	(_nr_pr == 1);
	assert(!locked && !there[GREEN] && !there[PTHREAD]);
	if
	:: generation == 0 ->
		/* Ended, and its value waits for a join to come. */
		assert(end == WAITING && !released && !fetched)
	:: else ->
		assert(released == 1 && block_gone);
		if
		:: fetched == 1 -> assert(!detached && !abandoned)
		:: else -> assert(!fetched && (detached || abandoned))
		fi
	fi
}

/* ---- the OS thread of the thread ----------------------------------------- */

inline finish()
{
#ifndef NO_LOCK
	lock();
#endif
	if
	:: joiner != NOBODY ->
#ifdef RETIRE_FIRST
		generation = 1;
#endif
		hand_over(false);
		release(true)
	:: joiner == NOBODY && end == DETACHED -> release(true)
	:: else -> end = WAITING; unlock()
	fi
}

inline abandon()
{
	lock();
	if
	:: generation != 0 -> unlock()
	:: else ->
		abandoned = true;
#ifndef TELL_NOBODY
		if
		:: joiner != NOBODY -> hand_over(true)
		:: else
		fi;
#endif
		release(true)
	fi
}

active proctype owner()
{
	if
	:: finish()
	:: true /* the OS thread ends before the thread does */
	fi;
	if
	:: true -> /* the OS thread ends */
#ifdef STOP_EARLY
		if
		:: counted /* so there is nothing left to release */
		:: else -> abandon()
		fi;
#else
		abandon();
#endif
		owner_gone = true
	:: generation != 0 || end == WAITING /* it lives on */
	fi
}

/* ---- a green thread joins -------------------------------------------------- */

/* Look the thread up, and begin to wait if it has not ended: then there[me] is
 * set. */
inline join_begin(me)
{
	lock_id(found);
	if
	:: !found
	:: found && end == DETACHED -> unlock()
	:: found && end == WAITING -> fetched++; release(false)
	:: found && end == ALIVE ->
		assert(!block_gone);
		if
		:: joiner != NOBODY /* -EBUSY */
		:: else ->
			done[me] = false;
			failed[me] = false;
			there[me] = true;
			joiner = me
		fi;
		unlock()
	fi
}

/* Take the waiter out; found says whether it was still waiting. */
inline withdraw(me)
{
	lock_id(found);
	if
	:: found ->
		assert(joiner == me && !block_gone);
		joiner = NOBODY;
		unlock()
	:: !found -> assert(done[me])
	fi
}

inline answered(me)
{
	if
	:: failed[me]
	:: else -> fetched++
	fi
}

active proctype worker()
{
	bool found, early;

again:
	early = false;
	join_begin(GREEN);
	if
	:: !there[GREEN] -> goto ended
	:: else
	fi;
	/* Parked. */
	if
	:: atomic { inbox -> inbox = false }
	:: early = true	/* deadline or interruption */
	:: goto forget	/* the main flow ends, and the OS thread */
	fi;
#ifdef TRUST_DONE
	if
	:: early && done[GREEN] -> found = false
	:: else -> withdraw(GREEN)
	fi;
#else
	withdraw(GREEN);
#endif
#ifndef NO_DRAIN
	inbox = false;
#endif
	there[GREEN] = false;
	if
	:: found -> /* gave up */
		assert(early);
		if
		:: goto again
		:: goto ended
		fi
	:: else -> answered(GREEN)
	fi;
	goto ended;
forget:
#ifndef KEEP_WAITER
	withdraw(GREEN);
	if
	:: !found -> answered(GREEN) /* and nobody looks at it */
	:: else
	fi;
#endif
	/* Nobody looks at the inbox any more. */
	inbox = false;
	there[GREEN] = false;
ended:
	/* The thread goes on to wait for something else, or ends; so does its
	 * worker. Either way no wake-up may be under way. */
	atomic {
		assert(!inbox);
		worker_gone = true
	}
}

/* ---- a pthread joins, another one detaches --------------------------------- */

active proctype pthread()
{
	bool found;

again:
	join_begin(PTHREAD);
	if
	:: !there[PTHREAD] -> goto ended
	:: else
	fi;
	if
	:: done[PTHREAD]
	:: true -> /* deadline */
		withdraw(PTHREAD);
		if
		:: found ->
			there[PTHREAD] = false;
			if
			:: goto again
			:: goto ended
			fi
		:: else
		fi
	fi;
	there[PTHREAD] = false;
	answered(PTHREAD);
ended:
	skip
}

active proctype detacher()
{
	bool found;

	if
	:: true -> goto ended /* or nobody detaches */
	:: lock_id(found)
	fi;
	if
	:: !found
	:: found && end == WAITING -> detached = true; release(false)
	:: found && end == ALIVE && joiner == NOBODY ->
		detached = true;
		end = DETACHED;
		unlock()
	:: else -> unlock()
	fi;
ended:
	skip
}
