/* SPDX-License-Identifier: MIT */
/*
 * A select that waits for two objects, against two OS threads of which each
 * gives something to one of them, a deadline, and a cancellation, which may
 * be no more than a wake-up without need.
 *
 * Four OS threads: the worker with the green thread that waits (or, drawn at
 * the beginning, a plain pthread that waits), the two that give, and the one
 * that cancels. The thread selects twice, so that what comes late from the
 * first time meets it in the second, and then ends.
 *
 * Proves:
 * - what each gives is got once, or is still there; with no deadline and no
 *   cancellation both are got, so no wake-up is lost;
 * - the thread is in the inbox at most once;
 * - its waiter is touched only while it is there, its control block and its
 *   worker only before they are gone.
 *
 * mirrors src/wait.h green__node_choose green__queue_choose green__queue_link
 * mirrors src/wait.h green__waiter_wake
 * mirrors src/wait.c give_up leave leave_all park_on sleep_on green__wait_end
 * mirrors src/wait.c green__wait wait_on wait_once
 * mirrors src/sched.c green__wake green__inbox_drain
 * mirrors src/select.c run try_all wait_for_one
 * mirrors src/sem.c green_sem_post
 * mirrors src/cancel.c green_cancel
 * mirrors src/join.c green__finish
 *
 * Each of these must make it fail:
 * mutation CHOOSE_BLINDLY: choose without compare and exchange
 * mutation GIVE_UP_BLINDLY: a deadline ends the wait without it
 * mutation NO_PASS: whoever was chosen goes on without passing the locks
 * mutation UNLOCK_FIRST: whoever gives wakes after it has unlocked
 * mutation KEEP_LINKED: whoever gives up leaves its nodes in the queues
 * mutation LOOK_UNLOCKED: look whether something is there without the locks
 * mutation LOOK_ONCE: go on after any wake-up
 * mutation LOOK_FIRST: look why one was woken, then clear the mark
 * mutation NO_MARK: push to the inbox without looking for the mark
 * mutation NO_DRAIN: end with the wake-up in the inbox
 * mutation NO_LOCK: the end of the thread does not lock its entry
 */

#define WAITS 0
#define CHOSEN 1
#define GIVEN_UP 2

/* The objects: what is there, their locks, and whether the node is linked. */
bool stock[2];
bool locked[2];
bool linked[2];

/* The waiter. */
bool there;
byte done;
byte by = 2; /* the object whose node was chosen; 2: not told yet */

/* The thread and its worker. */
bool plain; /* a pthread: has no worker */
bool entry_locked, cancelled;
bool sent, inbox;
bool gone;

byte got;
bool in_vain;  /* a wait ended for another reason */

inline lock(i)
{
	atomic { !locked[i] -> locked[i] = true }
}

inline unlock(i)
{
	locked[i] = false
}

/* From another OS thread; was: whether it had been sent already. */
inline wake_green(was)
{
	assert(!gone);
	d_step { was = sent; sent = true };
#ifdef NO_MARK
	was = false;
#endif
	if
	:: was
	:: else ->
		atomic {
			assert(!gone && !inbox);
			inbox = true
		};
		/* Notify: looks at the worker's `sleeping`. */
		assert(!gone)
	fi
}

inline wake(was)
{
	assert(there);
	if
	:: plain /* the futex is `done` itself */
	:: else -> wake_green(was)
	fi
}

/* ---- those who give -------------------------------------------------------- */

proctype giver(byte i)
{
	bool was, chosen = false;

	lock(i);
	if
	:: linked[i] ->
		assert(there);
		linked[i] = false;
#ifdef CHOOSE_BLINDLY
		chosen = (done == WAITS);
		if
		:: chosen -> done = CHOSEN
		:: else
		fi;
#else
		d_step {
			chosen = (done == WAITS);
			if
			:: chosen -> done = CHOSEN
			:: else
			fi
		};
#endif
	:: else
	fi;
	if
	:: chosen ->
		assert(there && by == 2);
		by = i;
#ifdef UNLOCK_FIRST
		unlock(i);
		wake(was)
#else
		wake(was);
		unlock(i)
#endif
	:: else ->
		stock[i] = true;
		unlock(i)
	fi
}

proctype canceller()
{
	bool was;

	atomic { !entry_locked -> entry_locked = true };
	if
	:: gone /* the id is stale */
	:: else ->
		cancelled = true;
		wake_green(was)
	fi;
	entry_locked = false
}

/* ---- the one that waits ----------------------------------------------------- */

/* The worker takes it out of the inbox, when it parks or polls. */
inline drain()
{
	if
	:: atomic { inbox -> inbox = false };
#ifdef LOOK_FIRST
		seen = (done == CHOSEN);
#endif
		sent = false;
#ifndef LOOK_FIRST
		seen = (done == CHOSEN);
#endif
	:: else
	fi
}

/* Parked, until chosen or until there is another reason to go on. */
inline park()
{
	seen = (done == CHOSEN);
	do
	:: seen -> break
	:: !seen && cancelled && !shielded -> break
	:: !seen && (!cancelled || shielded) ->
		if
		:: deadline && !seen -> break
		:: inbox ->
			drain();
#ifdef LOOK_ONCE
			break
#endif
		fi
	od;
	/* It is ready, and before it runs the worker may poll. */
	if
	:: drain()
	:: true
	fi
}

inline sleep_on_futex()
{
	if
	:: done == CHOSEN
	:: deadline
	fi
}

inline leave(i)
{
#ifdef NO_PASS
	if
	:: linked[i] -> lock(i); linked[i] = false; unlock(i)
	:: else
	fi
#else
	lock(i);
#ifdef KEEP_LINKED
	if
	:: done == CHOSEN -> linked[i] = false
	:: else
	fi;
#else
	linked[i] = false;
#endif
	unlock(i)
#endif
}

inline end_wait()
{
	if
#ifdef GIVE_UP_BLINDLY
	:: done == CHOSEN -> seen = true
	:: else -> done = GIVEN_UP; seen = false
#elif defined LOOK_ONCE
	:: seen = (done == CHOSEN || !deadline)
#else
	:: d_step {
		seen = (done == CHOSEN);
		if
		:: seen
		:: else -> done = GIVEN_UP
		fi
	}
#endif
	fi;
	leave(0);
	leave(1);
	there = false;
	if
	:: seen -> assert(by < 2); got++
	:: else -> in_vain = true
	fi;
	by = 2;
	if
	:: !plain && sent -> drain()
	:: else
	fi
}

inline choose()
{
	if
	:: deadline = true
	:: deadline = false
	fi;
#ifdef LOOK_UNLOCKED
	seen = (stock[0] || stock[1]);
	lock(0);
	lock(1);
#else
	lock(0);
	lock(1);
	seen = (stock[0] || stock[1]);
#endif
	if
	:: seen && stock[0] -> stock[0] = false; got++; unlock(1); unlock(0)
	:: seen && stock[1] -> stock[1] = false; got++; unlock(1); unlock(0)
	:: !seen ->
		done = WAITS;
		there = true;
		linked[0] = true;
		linked[1] = true;
		unlock(1);
		unlock(0);
		if
		:: plain -> sleep_on_futex()
		:: else -> park()
		fi;
		end_wait()
	fi
}

proctype waiter(bool shielded)
{
	bool deadline, seen;
	byte round = 0;

	do
	:: round == 2 -> break
	:: round < 2 && cancelled && !shielded -> in_vain = true; break
	:: round < 2 && (!cancelled || shielded) -> choose(); round++
	od;
	/* The thread ends. */
#ifndef NO_LOCK
	atomic { !entry_locked -> entry_locked = true };
#endif
#ifndef NO_DRAIN
	if
	:: sent -> inbox = false; sent = false
	:: else
	fi;
#endif
	atomic {
		assert(!there && !linked[0] && !linked[1]);
		assert(!inbox && !sent);
		gone = true
	};
#ifndef NO_LOCK
	entry_locked = false
#endif
}

/* Starts the others, and judges when all is over. */
init
{
	bool shielded;

	atomic {
		if
		:: plain = true
		:: plain = false
		fi;
		if
		:: shielded = true
		:: shielded = false
		fi;
		run giver(0);
		run giver(1);
		if
		:: !plain -> run canceller()
		:: true
		fi;
		run waiter(shielded)
	};
	(_nr_pr == 1);
	assert(got + stock[0] + stock[1] == 2);
	assert(in_vain || got == 2);
	assert(!locked[0] && !locked[1] && !entry_locked && !inbox)
}
