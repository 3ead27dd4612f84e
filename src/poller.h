/* SPDX-License-Identifier: MIT */
#ifndef GREEN__POLLER_H
#define GREEN__POLLER_H

/*
 * A poller: how a worker asks the kernel which descriptors have become ready.
 * One per worker, used by its OS thread only; the wake-up descriptor is how
 * others end its sleep.
 *
 * Each kind of poller is a table of functions. What they have in common: they
 * report *changes*. A descriptor that is watched is reported when it is ready
 * at that moment, and afterwards whenever more has come, or there is room
 * again, since it was last reported; reporting more often is harmless. So
 * whoever found it not ready, after it was watched, will hear of the next
 * change.
 */

#include <signal.h>
#include <stdint.h>

/* What a poller says of a descriptor. */
enum {
	FD_READABLE = 1 << 0,
	FD_WRITABLE = 1 << 1,
	/* The other side is gone, an error is pending, or there is urgent
	 * data: more than bytes may be waiting. With the two above. */
	FD_SPECIAL = 1 << 2,
};

/* Of the wake-up descriptor; never reported. */
#define POLLER_WAKE_TAG UINT64_MAX

struct poller;

struct poller_ops {
	const char *name; /* that of GREEN_POLLER */
	/* wake_fd, an eventfd, is watched from the beginning and never read.
	 * Returns 0 or -errno. */
	int (*create)(struct poller **ret, int wake_fd);
	/* Also in the child of fork(), where it must leave that of the parent
	 * as it is. */
	void (*destroy)(struct poller *p);
	/* Could this descriptor be watched? 1; 0 for a file that is always
	 * ready; -EBADF, or what was missing to find it out. */
	int (*can_watch)(int fd);
	/* Watch both directions of a descriptor from now on, until it is
	 * closed. tag: what is reported with it. If it is watched already, with
	 * another tag, that changes. Returns 0; -EPERM for one that nobody can
	 * wait for, -EBADF, -ENOMEM, ... */
	int (*watch)(struct poller *p, int fd, uint64_t tag);
	/* For debugging: is it what is watched under this number? 0; -ENOENT:
	 * another file is; other errors if that cannot be said. tag: the one
	 * it has. */
	int (*check)(struct poller *p, int fd, uint64_t tag);
	/* A descriptor that can be read from while wait() would not have to
	 * wait for a change or the wake-up descriptor. */
	int (*descriptor)(const struct poller *p);
	/* Wait until a deadline (CLOCK_MONOTONIC, 0: do not wait) for changes,
	 * a signal or the wake-up descriptor, and report the changes. mask:
	 * signals to be blocked meanwhile; NULL: as they are. expect is called
	 * for each of them before the first report. Returns 0 or -EINTR. */
	int (*wait)(struct poller *p, int64_t deadline, const sigset_t *mask,
		    void (*expect)(uint64_t tag),
		    void (*report)(uint64_t tag, unsigned what));
};

extern const struct poller_ops green__poller_epoll;

#endif
