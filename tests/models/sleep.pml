/* SPDX-License-Identifier: MIT */
/*
 * A worker falls asleep while other OS threads wake threads of it.
 *
 * Proves: no wake-up is lost, on the futex, on the eventfd, and when the
 * worker goes from one to the other; it does not sleep while its inbox has
 * something. A loss shows as an invalid end state: everybody has sent, and the
 * worker sleeps.
 *
 * Spin knows one order of events for everybody. The C code earns that by
 * sequentially consistent operations on both sides: the store to `sleeping`
 * and the look at the inbox here, the fence between the push and the exchange
 * there.
 *
 * mirrors src/sched.c wait_for_work green__inbox_drain green__wake
 * mirrors src/sleep.c fall_asleep sleep_on_futex sleep_on_eventfd
 * mirrors src/sleep.c green__worker_notify
 *
 * Each of these must make it fail:
 * mutation LOOK_FIRST: look at the inbox, then announce the sleep
 * mutation NO_LOOK: announce the sleep and do not look
 * mutation NOTIFY_FIRST: look whether the worker sleeps, then push
 * mutation FUTEX_BLIND: wait on the futex without comparing its value
 * mutation DRAIN_LATE: empty the eventfd between the look and the sleep
 */

#define SENDERS 2
#define EACH 2 /* wake-ups by each */

#define AWAKE 0
#define ON_FUTEX 1
#define ON_EVENTFD 2

byte inbox;	/* threads in it */
byte sleeping;	/* enum worker_sleep, and the futex */
bool queued;	/* the kernel has the worker on the futex's queue */
byte event;	/* count of the eventfd */
byte woken;	/* threads that the worker took in */
byte alarms = 1; /* sleeps that a deadline or a signal may end */

inline announce(how)
{
	sleeping = how
}

/* Fall asleep? Leaves the answer in calm. */
inline look()
{
	calm = (inbox == 0)
}

inline fall_asleep(how)
{
#if defined(LOOK_FIRST)
	look();
	announce(how)
#elif defined(NO_LOOK)
	announce(how);
	calm = true
#else
	announce(how);
	look()
#endif
}

/* The kernel compares and queues in one step. */
inline futex_wait()
{
	atomic {
#ifndef FUTEX_BLIND
		if
		:: sleeping != ON_FUTEX
		:: else -> queued = true
		fi
#else
		queued = true
#endif
	}
	do
	:: atomic { queued && alarms > 0 -> alarms--; queued = false }
	:: !queued -> break
	od
}

inline eventfd_wait()
{
#ifdef DRAIN_LATE
	event = 0;
#endif
	if
	:: event > 0
	:: atomic { alarms > 0 -> alarms-- }
	fi
}

active proctype worker()
{
	bool calm;

	do
	:: atomic { woken = woken + inbox; inbox = 0 }
		if
		:: woken == SENDERS * EACH -> break
		:: else
		fi;
		if
		:: fall_asleep(ON_FUTEX);
			if
			:: calm -> futex_wait()
			:: else
			fi;
			sleeping = AWAKE
		:: fall_asleep(ON_EVENTFD);
			if
			:: calm -> eventfd_wait()
			:: else
			fi;
			sleeping = AWAKE;
#ifndef DRAIN_LATE
			event = 0 /* read(2) */
#endif
		fi
	od;
	assert(inbox == 0 && !queued)
}

inline exchange()
{
	atomic { how = sleeping; sleeping = AWAKE }
}

active [SENDERS] proctype sender()
{
	byte how, sent;

	do
	:: sent == EACH -> break
	:: else ->
#ifdef NOTIFY_FIRST
		exchange();
		inbox++;
#else
		inbox++;
		exchange();
#endif
		if
		:: how == ON_FUTEX -> queued = false
		:: how == ON_EVENTFD -> event++
		:: else
		fi;
		sent++
	od
}
