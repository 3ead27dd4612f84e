/* SPDX-License-Identifier: MIT */
/*
 * The poller of Linux: epoll, edge-triggered.
 *
 * A descriptor is added once, with both directions, and never changed or taken
 * out: the kernel takes it out when it is closed. If it is not really closed
 * then, because it was duplicated, its events go on with a tag that is out of
 * date, which whoever hears of them knows.
 *
 * Rejected: one-shot or level-triggered events, which cost an epoll_ctl() or a
 * second report for each wait. Rejected: leaving EPOLLOUT out until somebody
 * waits for it, which saves one report in the life of a descriptor and costs an
 * epoll_ctl().
 */

#include "config.h"

#include "poller.h"

#include "base.h"
#include "mem.h"
#include "os.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <green/time.h>

/* Taken at a time. */
#define EVENTS 128

struct poller {
	int fd;
	bool no_pwait2; /* the kernel, or an emulator, does not have it */
	struct epoll_event events[EVENTS];
};

#define BOTH_WAYS (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI)

static int
add(struct poller *p, int fd, uint32_t events, uint64_t tag)
{
	struct epoll_event e = { .events = events | EPOLLET };

	e.data.u64 = tag;
	if (!epoll_ctl(p->fd, EPOLL_CTL_ADD, fd, &e))
		return 0;
	if (errno == EEXIST && !epoll_ctl(p->fd, EPOLL_CTL_MOD, fd, &e))
		return 0;
	/* The limit of fs.epoll.max_user_watches is one of memory. */
	return errno == ENOSPC ? -ENOMEM : -errno;
}

static int
watch(struct poller *p, int fd, uint64_t tag)
{
	return add(p, fd, BOTH_WAYS, tag);
}

/* An entry of the kernel's is one of a number and a file. */
static int
check(struct poller *p, int fd, uint64_t tag)
{
	struct epoll_event e = { .events = BOTH_WAYS | EPOLLET };

	e.data.u64 = tag;
	return epoll_ctl(p->fd, EPOLL_CTL_MOD, fd, &e) ? -errno : 0;
}

static int
can_watch(int fd)
{
	struct poller p = { .fd = epoll_create1(EPOLL_CLOEXEC) };
	int error = p.fd < 0 ? -errno : add(&p, fd, 0, 0);

	if (p.fd >= 0)
		close(p.fd);
	if (error == -EPERM)
		return 0;
	return error ? error : 1;
}

static void
destroy(struct poller *p)
{
	close(p->fd);
	green__free(p);
}

static int
create(struct poller **ret, int wake_fd)
{
	struct poller *p = green__alloc(sizeof(*p));
	int error;

	if (!p)
		return -ENOMEM;
	p->fd = epoll_create1(EPOLL_CLOEXEC);
	if (p->fd < 0) {
		error = -errno;
		green__free(p);
		return error;
	}
	error = add(p, wake_fd, EPOLLIN, POLLER_WAKE_TAG);
	if (error)
		destroy(p);
	else
		*ret = p;
	return error;
}

/* With the milliseconds that every kernel has: not before the deadline. */
static int
wait_coarse(struct poller *p, int64_t ns, const sigset_t *mask)
{
	int64_t ms = ns / GREEN_MILLISECOND + (ns % GREEN_MILLISECOND != 0);

	if (ns == GREEN_NEVER)
		ms = -1;
	else if (ms > INT32_MAX)
		ms = INT32_MAX;
	return epoll_pwait(p->fd, p->events, EVENTS, (int)ms, mask);
}

/* ns: how long, or GREEN_NEVER. */
static int
wait_for(struct poller *p, int64_t ns, const sigset_t *mask)
{
#ifdef HAVE_EPOLL_PWAIT2
	if (ns && ns != GREEN_NEVER && !p->no_pwait2) {
		struct timespec ts = { .tv_sec = (time_t)(ns / GREEN_SECOND),
				       .tv_nsec = (long)(ns % GREEN_SECOND) };
		int n = epoll_pwait2(p->fd, p->events, EVENTS, &ts, mask);

		/* Sandboxes may refuse what they do not know. */
		if (n >= 0 || (errno != ENOSYS && errno != EPERM))
			return n;
		p->no_pwait2 = true;
	}
#endif
	return wait_coarse(p, ns, mask);
}

static unsigned
translate(uint32_t events)
{
	unsigned what = 0;

	if (events & (EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		what |= FD_READABLE;
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		what |= FD_WRITABLE;
	if (events & (EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		what |= FD_SPECIAL;
	return what;
}

/* Wait once; returns the number of events, or -EINTR. */
static int
take(struct poller *p, int64_t ns, const sigset_t *mask,
     void (*expect)(uint64_t tag), void (*report)(uint64_t tag, unsigned what))
{
	int n, i, state;

	/* The scheduler is no place to be cancelled by pthread_cancel(). */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	n = wait_for(p, ns, mask);
	pthread_setcancelstate(state, NULL);
	if (unlikely(n < 0 && errno != EINTR))
		green__die("cannot wait with epoll; was its descriptor "
			   "closed?");
	for (i = 0; i < n; i++)
		if (p->events[i].data.u64 != POLLER_WAKE_TAG)
			expect(p->events[i].data.u64);
	for (i = 0; i < n; i++)
		if (p->events[i].data.u64 != POLLER_WAKE_TAG)
			report(p->events[i].data.u64,
			       translate(p->events[i].events));
	return n < 0 ? -EINTR : n;
}

static int
wait(struct poller *p, int64_t deadline, const sigset_t *mask,
     void (*expect)(uint64_t tag), void (*report)(uint64_t tag, unsigned what))
{
	int64_t ns = deadline;
	int n;

	if (deadline && deadline != GREEN_NEVER) {
		ns = deadline - green__monotonic();
		ns = ns < 0 ? 0 : ns;
	}
	n = take(p, ns, mask, expect, report);
	/* All of them: none is to time out because of the others. */
	while (n == EVENTS)
		n = take(p, 0, mask, expect, report);
	return n < 0 ? n : 0;
}

static int
descriptor(const struct poller *p)
{
	return p->fd;
}

const struct poller_ops green__poller_epoll = {
	.name = "epoll",
	.create = create,
	.destroy = destroy,
	.can_watch = can_watch,
	.watch = watch,
	.check = check,
	.descriptor = descriptor,
	.wait = wait,
};
