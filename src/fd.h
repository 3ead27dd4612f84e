/* SPDX-License-Identifier: MIT */
#ifndef GREEN__FD_H
#define GREEN__FD_H

/*
 * Descriptors: what is known of each number, and waiting until one is ready.
 *
 * A call that can block goes like this:
 *
 *	green__fd_look(fd, FD_IN, &look);
 *	do
 *		try, without blocking
 *	while (it would have blocked &&
 *	       !(error = green__fd_await(&look, deadline)));
 *
 * Whatever happens to the descriptor between the look and the wait ends the
 * wait. After a wait that has ended with 0, look is up to date again.
 */

#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "wait.h"

enum fd_way {
	FD_IN,
	FD_OUT
};

/* What a number stands for, as far as is known: how it can be used without
 * blocking. */
enum fd_kind {
	FD_UNKNOWN,
	FD_STREAM, /* a TCP socket: a short read has taken all there was */
	FD_SOCKET, /* any other */
	FD_PIPE,   /* and what else can be waited for */
	FD_TTY,
	FD_FILE, /* it is always ready, and may block all the same */
};

struct fd_entry {
	struct wait_queue in; /* the lock is this one's */
	struct wait_queue out;
	/* How many changes were reported: relaxed where only speed depends on
	 * them, under the lock otherwise. */
	_Atomic uint32_t changes[2];
	/* Another for each file that has the number; odd while it is closed. */
	_Atomic uint32_t generation;
	/* When it was found empty: green__fd_when(). */
	_Atomic uint64_t drained;
	/* The last one who waited, and with which node: only to be fetched into
	 * the cache, for they may be gone. */
	const void *_Atomic last_node;
	const void *_Atomic last_thread;
	_Atomic bool special;   /* FD_SPECIAL was reported */
	_Atomic uint8_t kind;   /* enum fd_kind */
	_Atomic bool no_nowait; /* RWF_NOWAIT does not work with it */
};

/* A descriptor as it was before something was tried. */
struct fd_look {
	struct fd_entry *entry; /* NULL: nobody has waited for it so far */
	uint32_t generation;
	uint32_t changes;
	int fd;
	enum fd_way way;
};

/* The moment of a look: which file it was, and after which change. */
static inline uint64_t
green__fd_when(const struct fd_look *look)
{
	return ((uint64_t)look->generation + 1) << 32 | look->changes;
}

/* Of a number, which may be any. Allocates nothing. */
void green__fd_look(int fd, enum fd_way way, struct fd_look *ret);

/* Wait for a change since the look, and look again. Returns 0; -EBADF when it
 * was closed, -EPERM if it cannot be waited for, -ENOMEM, -EMFILE, and what
 * green__queue_wait() returns. */
int green__fd_await(struct fd_look *look, int64_t deadline);

/* poll(2) of one, without waiting, which a signal does not end. */
int green__fd_ask(struct pollfd *p);

/* Wait until it is ready, which it may be: POLLIN or POLLOUT. Returns 0 or
 * what the above returns. */
int green__fd_wait(int fd, int events, int64_t deadline);

/* Was the last thing a read that took all there was? Then the next one need
 * not be tried. */
static inline bool
green__fd_is_drained(const struct fd_look *look)
{
	const struct fd_entry *e = look->entry;

	/* Relaxed: a change that comes just now is one that is waited for. */
	return e && look->way == FD_IN &&
	       atomic_load_explicit(&e->drained, memory_order_relaxed) ==
		       green__fd_when(look);
}

/* A read after the look has taken less than it was asked for. */
void green__fd_drained(const struct fd_look *look);
/* A short read of this one does not say that it is empty. */
void green__fd_note_special(int fd);

/* As if a change had been reported: whoever waits tries again. */
void green__fd_nudge(int fd, enum fd_way way);

/* ---- several at once, see poll.h ---------------------------------------- */

/* An entry for a number that was looked at, if it can have one; if it is made
 * now, that is a first look. Returns 0 or -ENOMEM. */
int green__fd_make(struct fd_look *look);
/* Look again at the same file. Returns 0 or -EBADF. */
int green__fd_look_again(struct fd_look *look);
/* See to it that w watches it. Returns 0, and for what nobody can wait for,
 * too; -EBADF, -ENOMEM, -EMFILE. */
int green__fd_watch(struct worker *w, const struct fd_look *look);
/* Has it been closed, or forgotten, since it was first looked at? */
bool green__fd_is_stale(const struct fd_look *look);
/* With the lock held: has it not changed since the last look? */
bool green__fd_is_settled(const struct fd_look *look);
/* Of one with an entry: its lock, and with the lock held, last in the queue of
 * those who wait. */
struct wait_queue *green__fd_lock(const struct fd_look *look);
void green__fd_link(const struct fd_look *look, struct wait_node *node);
/* Around a wait of the calling thread, whose worker is w, for descriptors. */
void green__fd_wait_begin(struct worker *w);
void green__fd_wait_end(struct worker *w);

/* What kind it is; if that is not known yet, the kernel is asked. Returns
 * enum fd_kind; -EBADF, -EMFILE, -ENOMEM. */
int green__fd_kind(int fd);
/* Does RWF_NOWAIT work with it, as far as is known? */
bool green__fd_no_nowait(int fd);
/* A call with it has failed with errno: because it does not? Remembered. */
bool green__fd_knows_no_nowait(int fd);
/* Send away whoever waits for a number, and forget what is known of it. */
void green__fd_forget(int fd);
/* The same before it is closed, and what is to be called after that, with what
 * the first returned: who has come in between is sent on his way, too. */
uint32_t green__fd_closing(int fd);
void green__fd_closed(int fd, uint32_t closing);
/* Does anybody wait for it? */
bool green__fd_is_busy(int fd);
/* A new descriptor, of a kind that is known, or FD_UNKNOWN: nothing that was
 * known of its number is true of it. Keeps errno. */
void green__fd_born(int fd, enum fd_kind kind);

#endif
