/* SPDX-License-Identifier: MIT */
/*
 * A mutex: the word that is changed with and without the lock of its queue,
 * among three OS threads, one of which may give up waiting, and one of which
 * frees the memory when it is the last.
 *
 * Proves:
 * - one at a time holds it;
 * - everybody who waits is served, or gives up: no invalid end state;
 * - a mutex that others wait for is never free;
 * - whoever has unlocked it does not touch it again, once the next one may
 *   have freed it.
 *
 * mirrors src/mutex.c take take_or_await lock_slow
 * mirrors src/mutex.c hand_over let_go unlock_slow
 * mirrors src/wait.c green__wait green__queue_wait green__queue_lock_shared
 * mirrors src/wait.h green__queue_choose green__node_choose
 *
 * Each of these must make it fail:
 * mutation BARGE: unlock to whoever comes first, while others wait
 * mutation FORGET_TO_AWAIT: begin to wait without saying so
 * mutation LINK_BLINDLY: begin to wait without looking at the word again
 * mutation FREE_UNDER_LOCK: make it free under the lock of its queue
 * mutation KEEP_NODE: leave the node in the queue when giving up
 * mutation HELD_TOO_EARLY: say that nobody waits while somebody does
 * mutation WAKE_TWICE: hand over to one that has given up
 */

#define THREADS 3

#define FREE 0
#define HELD 1
#define AWAITED 2

#define WAITS 0
#define CHOSEN 1
#define GIVEN_UP 2

byte state = FREE;
bool locked; /* the queue */
chan queue = [THREADS] of { byte };
byte done[THREADS];
bool linked[THREADS];
bool there[THREADS]; /* its waiter is on its stack */

byte holding; /* how many believe that they hold it */
byte left = THREADS;
bool gone; /* the memory */

inline touch()
{
	assert(!gone)
}

inline lock_queue()
{
	atomic { !locked -> touch(); locked = true }
}

inline unlock_queue()
{
	atomic { touch(); locked = false }
}

/* Compare and exchange: came says whether it did. */
inline change(from, to)
{
	atomic {
		touch();
		if
		:: state == from -> state = to; came = true
		:: else -> came = false
		fi
	}
}

/* Under the lock. Whoever was chosen goes through the lock afterwards. */
inline hand_over()
{
	atomic {
		touch();
		came = false;
		if
		:: state != AWAITED -> skip_over = true
		:: else -> skip_over = false
		fi
	}
	if
	:: skip_over
	:: else ->
		lock_queue();
		do
		:: len(queue) > 0 && !came ->
			queue ? node;
			linked[node] = false;
			assert(there[node]);
			atomic {
#ifdef WAKE_TWICE
				came = true;
#else
				if
				:: done[node] == WAITS -> came = true
				:: else
				fi;
#endif
				if
				:: came -> done[node] = CHOSEN
				:: else
				fi
			}
		:: else -> break
		od;
#ifdef BARGE
		state = FREE;
#else
#ifdef HELD_TOO_EARLY
		state = HELD;
#else
		if
		:: len(queue) == 0 -> state = HELD
		:: else
		fi;
#endif
#endif
#ifdef FREE_UNDER_LOCK
		if
		:: !came -> state = FREE; came = true
		:: else
		fi;
#endif
		unlock_queue()
	fi
}

inline unlock()
{
	do
	:: hand_over();
		if
		:: came -> break
		:: else
		fi;
		change(HELD, FREE);
		if
		:: came -> break
		:: else
		fi
	od
}

/* Under the lock: came says whether it is ours. */
inline take_or_await()
{
	do
	:: change(FREE, HELD);
		if
		:: came -> break
		:: else
		fi;
#ifdef FORGET_TO_AWAIT
		came = false;
		break;
#endif
#ifdef LINK_BLINDLY
		atomic {
			if
			:: state == HELD -> state = AWAITED
			:: else
			fi;
			came = false;
		}
		break;
#endif
		change(HELD, AWAITED);
		if
		:: came -> came = false; break
		:: else
		fi;
		atomic {
			touch();
			if
			:: state == AWAITED -> break
			:: else
			fi
		}
	od
}

/* got says whether we hold it. */
inline lock(me, may_give_up)
{
	change(FREE, HELD);
	got = came;
	if
	:: got
	:: else ->
		lock_queue();
		take_or_await();
		got = came;
		if
		:: got -> unlock_queue()
		:: else ->
			done[me] = WAITS;
			there[me] = true;
			linked[me] = true;
			queue ! me;
			unlock_queue();
			got = true;
			if
			:: done[me] == CHOSEN
			:: may_give_up ->
				atomic {
					if
					:: done[me] == WAITS ->
						done[me] = GIVEN_UP;
						got = false
					:: else
					fi
				}
			fi;
			/* Nobody is at the node any more after this. */
			lock_queue();
#ifndef KEEP_NODE
			if
			:: linked[me] -> queue ?? eval(me); linked[me] = false
			:: else
			fi;
#endif
			unlock_queue();
			there[me] = false
		fi
	fi
}

active [THREADS] proctype thread()
{
	bool came, got, skip_over, last;
	byte node;

	lock(_pid, _pid == 0);
	if
	:: got ->
		holding++;
		assert(holding == 1);
		assert(state != FREE);
		left--;
		last = left == 0;
		holding--;
		unlock()
	:: else -> atomic { left--; last = false } /* gave up */
	fi;
	/* A count under the mutex said that nobody else will come. */
	if
	:: last && got -> gone = true
	:: else
	fi
}

/* Whoever is in the queue can rely on the word. */
active proctype judge()
{
end:
	if
	:: atomic { !locked && len(queue) > 0 && state == FREE ->
		assert(false) }
	fi
}
