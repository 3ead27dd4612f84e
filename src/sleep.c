/* SPDX-License-Identifier: MIT */
/*
 * How a worker sleeps, and is woken.
 *
 * The worker writes into `sleeping` how it is about to sleep, looks at its
 * inbox once more, and sleeps only if that is empty. Whoever pushes to the
 * inbox looks at `sleeping` afterwards, and wakes. Both write first and read
 * second, with sequentially consistent operations, so at least one of them
 * sees the other: no wake-up is lost. tests/models/sleep.pml is this.
 *
 * Without hooks it sleeps on a futex, or in the poller (fd.c) if threads of its
 * own wait for descriptors; an eventfd, which the poller watches, wakes it
 * there. With a before_sleep hook it blocks all
 * signals, calls the hook (which may see what a handler has noted), and waits
 * in ppoll(2), which unblocks them and sleeps in one step: a signal that comes
 * in between ends the sleep at once.
 */

#include "config.h"

#include "base.h"
#include "os.h"
#include "sched.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* What a worker without a descriptor, or without memory for a thread that
 * waits to be started, sleeps at most: 10 ms. */
#define BLIND_SLEEP 10000000LL

/* Announce the sleep; false if there is something to do instead. */
static bool
fall_asleep(struct worker *w, enum worker_sleep how)
{
	atomic_store(&w->sleeping, how);
	if (w->runtime)
		green__share_idle(w, true);
	if (!atomic_load(&w->inbox) && !(w->runtime && green__share_work(w)))
		return true;
	atomic_store(&w->sleeping, WORKER_AWAKE);
	return false;
}

/* It sleeps no more. in_vain: and nothing has come. */
static void
awake(struct worker *w, bool in_vain)
{
	atomic_store(&w->sleeping, WORKER_AWAKE);
	if (!w->runtime)
		return;
	green__share_idle(w, false);
	/* There is still no memory here; perhaps elsewhere. */
	if (w->starved && in_vain)
		green__share_pass_on(w);
}

bool
green__worker_doze(struct worker *w)
{
	return fall_asleep(w, WORKER_ON_EVENTFD);
}

static void
sleep_on_futex(struct worker *w, int64_t deadline)
{
	int error = 0;

	if (fall_asleep(w, WORKER_ON_FUTEX))
		error = green__futex_wait(&w->sleeping, WORKER_ON_FUTEX,
					  deadline);
	awake(w, error == -ETIMEDOUT);
}

/* In the poller, in which the eventfd is. */
static int
sleep_on_poller(struct worker *w, int64_t deadline, const sigset_t *mask)
{
	int error = 0;

	if (fall_asleep(w, WORKER_ON_EVENTFD))
		error = green__fds_sleep(w, deadline, mask);
	/* One that was woken by such a one must not wake it in return. */
	awake(w, w->head == w->tail && green__monotonic() >= deadline);
	return error;
}

/* How long ppoll(2) may sleep; NULL: for ever. Without an eventfd nobody can
 * wake it, so it looks around now and then if there is somebody. */
static const struct timespec *
ppoll_time(const struct worker *w, int64_t deadline, struct timespec *ts)
{
	int64_t now = green__monotonic();

	if (w->event_fd < 0 && !green__alone() && deadline - now > BLIND_SLEEP)
		deadline = now + BLIND_SLEEP;
	if (deadline == GREEN_NEVER)
		return NULL;
	if (deadline < now)
		deadline = now;
	ts->tv_sec = (time_t)((deadline - now) / GREEN_SECOND);
	ts->tv_nsec = (long)((deadline - now) % GREEN_SECOND);
	return ts;
}

/* Where no eventfd could be had, without: ppoll() ignores the negative one. */
static int
sleep_on_eventfd(struct worker *w, int64_t deadline, const sigset_t *mask)
{
	struct pollfd fd = { .fd = w->event_fd, .events = POLLIN };
	struct timespec ts;
	uint64_t drained;
	int error = 0;

	if (fall_asleep(w,
			w->event_fd < 0 ? WORKER_AWAKE : WORKER_ON_EVENTFD) &&
	    ppoll(&fd, w->event_fd >= 0, ppoll_time(w, deadline, &ts), mask) <
		    0)
		error = -errno;
	atomic_store(&w->sleeping, WORKER_AWAKE);
	/* Non-blocking: nothing there is fine. */
	if (w->event_fd >= 0 &&
	    read(w->event_fd, &drained, sizeof(drained)) < 0 && errno != EAGAIN)
		green__die("cannot read an eventfd");
	return error;
}

static void
sleep_with_hooks(struct worker *w, int64_t deadline,
		 const struct green_hooks *h)
{
	sigset_t all, old;
	int error, state;

	if (w->event_fd < 0)
		w->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	/* Hooks are slow; perhaps there is no need to sleep. */
	if (w->fd_waits)
		green__fds_poll(w);
	if (w->head != w->tail)
		return;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (h->before_sleep && h->before_sleep(w->main->user))
		error = -EINTR;
	else if (w->fd_waits)
		error = sleep_on_poller(w, deadline, &old);
	else
		error = sleep_on_eventfd(w, deadline, &old);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (h->after_wake)
		h->after_wake(w->main->user, error == -EINTR);
	pthread_setcancelstate(state, NULL);
}

void
green__worker_sleep(struct worker *w, int64_t deadline)
{
	const struct green_hooks *h = w->main ? w->main->hooks : NULL;

	atomic_fetch_add_explicit(&w->sleeps, 1, memory_order_relaxed);
	/* Memory may be there without anybody telling. */
	if (w->starved && deadline - green__monotonic() > BLIND_SLEEP)
		deadline = green__monotonic() + BLIND_SLEEP;
	if (h && (h->before_sleep || h->after_wake))
		sleep_with_hooks(w, deadline, h);
	else if (w->fd_waits)
		sleep_on_poller(w, deadline, NULL);
	else
		sleep_on_futex(w, deadline);
}

bool
green__worker_notify(struct worker *w)
{
	uint64_t one = 1;
	int saved = errno;

	atomic_thread_fence(memory_order_seq_cst);
	switch (atomic_exchange(&w->sleeping, WORKER_AWAKE)) {
	case WORKER_ON_FUTEX:
		green__futex_wake(&w->sleeping);
		return true;
	case WORKER_ON_EVENTFD:
		if (green__write(w->event_fd, &one, sizeof(one)) < 0 &&
		    errno != EAGAIN)
			green__die("cannot write an eventfd");
		errno = saved;
		return true;
	default:
		return false;
	}
}
