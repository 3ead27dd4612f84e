/* SPDX-License-Identifier: MIT */
/*
 * The table of descriptors, and waiting for them.
 *
 * A number has an entry from the first time on that somebody must wait for it.
 * An entry stays for ever, in a chunk of many, so it is found without a lock.
 * Everything in it that others depend on is under the lock of its queue of
 * readers.
 *
 * Each worker watches, in its own poller, the descriptors that its threads have
 * waited for; `watched` of the poller says for which generation of each number.
 * So a descriptor which one worker uses is watched once in its life, and a
 * thread is woken by its own worker, without any other.
 *
 * No change is missed: whoever is about to wait has counted the changes before
 * it tried, is being watched, and counts again under the lock. A change that
 * was reported in between shows in the count; one that is reported later finds
 * the thread in the queue. Which worker reports it makes no difference.
 *
 * A read that took less than it could have has emptied a TCP socket, if nothing
 * has changed since before it. Then the next one need not be tried, as long as
 * the worker that found it so watches it: the next change will be reported. The
 * end of the stream and errors are changes that stay, so after one of them
 * every read is tried.
 *
 * Generations. A number that libgreen hands out, closes or is told to forget
 * gets the next one; those who wait for the last one are sent away. Reports
 * carry the generation for which the descriptor is watched: those of another
 * one are about a file that is gone. It is odd while the number is being
 * closed, from before close(2) until after it: who comes in between cannot know
 * whether he has the old file, or a new one that was opened by others; so when
 * that is over he tries again.
 *
 * Rejected: one poller for all workers, at which they would all meet, and who
 * is woken by a worker that does not run it pays for a futex. Rejected: asking
 * the kernel at each wait (epoll_ctl() costs as much as the read itself).
 */

#include "config.h"

#include "fd.h"

#include "base.h"
#include "mem.h"
#include "poller.h"
#include "select.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <green/time.h>

#define CHUNK 512
#define CHUNKS 8192 /* four million descriptors */
#define TICKS_WITH_FDS 64

static struct fd_entry *_Atomic chunks[CHUNKS];

/* ---- the table --------------------------------------------------------- */

static struct fd_entry *
find(int fd)
{
	struct fd_entry *chunk;

	if (fd < 0 || fd >= CHUNK * CHUNKS)
		return NULL;
	/* Acquire pairs with the exchange in add_chunk(). */
	chunk = atomic_load_explicit(&chunks[fd / CHUNK], memory_order_acquire);
	return chunk ? &chunk[fd % CHUNK] : NULL;
}

static int
add_chunk(int fd)
{
	struct fd_entry *chunk, *none = NULL;

	if (fd < 0)
		return -EBADF;
	if (fd >= CHUNK * CHUNKS)
		return -EMFILE;
	chunk = green__map(CHUNK * sizeof(*chunk));
	if (!chunk)
		return -ENOMEM;
	/* Pairs with the load in find(). */
	if (!atomic_compare_exchange_strong(&chunks[fd / CHUNK], &none, chunk))
		green__unmap(chunk, CHUNK * sizeof(*chunk));
	return 0;
}

int
green__fd_number(const struct wait_queue *q)
{
	const struct fd_entry *e = (const void *)q;
	int i;

	for (i = 0; i < CHUNKS; i++) {
		const struct fd_entry *chunk = atomic_load(&chunks[i]);

		if (chunk && e >= chunk && e < chunk + CHUNK)
			return i * CHUNK + (int)(e - chunk);
	}
	return -1;
}

static inline uint32_t
generation(const struct fd_entry *e)
{
	return atomic_load_explicit(&e->generation, memory_order_acquire);
}

/* ---- changes ----------------------------------------------------------- */

/* With the lock held. */
static void
wake_all(struct wait_queue *q, int result)
{
	struct wait_node *node;

	while ((node = green__queue_choose(q))) {
		node->result = result;
		green__waiter_wake(node->waiter);
	}
}

static void
changed(struct fd_entry *e, enum fd_way way)
{
	struct wait_queue *q = way == FD_IN ? &e->in : &e->out;
	uint32_t n = atomic_load_explicit(&e->changes[way],
					  memory_order_relaxed);

	/* Only under the lock, so nothing comes in between. Pairs with the
	 * loads in green__fd_look() and await(). */
	atomic_store_explicit(&e->changes[way], n + 1, memory_order_release);
	if (q->head)
		wake_all(q, 0);
}

/* Who waited is elsewhere, and has been out of the caches since: one miss after
 * the other would cost more than all else here. Those of several reports come
 * at the same time. Relaxed, for nothing is read there. */
static void
expect(uint64_t tag)
{
	struct fd_entry *e = find((int)(uint32_t)tag);
	const char *node = atomic_load_explicit(&e->last_node,
						memory_order_relaxed);

	__builtin_prefetch(node);
	__builtin_prefetch(node + 63);
	__builtin_prefetch(
		atomic_load_explicit(&e->last_thread, memory_order_relaxed));
}

static void
report(uint64_t tag, unsigned what)
{
	struct fd_entry *e = find((int)(uint32_t)tag);

	green__queue_lock(&e->in);
	if (generation(e) == (uint32_t)(tag >> 32)) {
		if (what & FD_SPECIAL)
			atomic_store_explicit(&e->special, true,
					      memory_order_relaxed);
		if (what & FD_READABLE)
			changed(e, FD_IN);
		if (what & FD_WRITABLE)
			changed(e, FD_OUT);
	}
	green__queue_unlock(&e->in);
}

static uint64_t
make_tag(int fd, uint32_t generation)
{
	return (uint64_t)generation << 32 | (uint32_t)fd;
}

/* ---- a worker's poller -------------------------------------------------- */

struct fd_poller {
	const struct poller_ops *ops;
	struct poller *poller;
	uint32_t *watched; /* by number: one more than the generation */
	int size;          /* of watched */
	/* For whoever polls the poller's descriptor: see green__fds_shown(). */
	int timer_fd;  /* or negative */
	int64_t timer; /* what it is set to */
};

void
green__fds_poll(struct worker *w)
{
	w->fds->ops->wait(w->fds->poller, 0, NULL, expect, report);
}

int
green__fds_sleep(struct worker *w, int64_t deadline, const sigset_t *mask)
{
	return w->fds->ops->wait(w->fds->poller, deadline, mask, expect,
				 report);
}

void
green__fds_leave(struct worker *w)
{
	struct fd_poller *p = w->fds;

	w->fds = NULL;
	w->fd_waits = 0;
	if (!p)
		return;
	p->ops->destroy(p->poller);
	if (p->timer_fd >= 0)
		close(p->timer_fd);
	green__free(p->watched);
	green__free(p);
}

static noinline int
make_poller(struct worker *w)
{
	struct fd_poller *p;
	int error = 0;

	if (w->event_fd < 0)
		w->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->event_fd < 0)
		return -errno;
	p = green__alloc(sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->timer_fd = -1;
	p->timer = GREEN_NEVER;
	p->ops = &green__poller_epoll;
	error = p->ops->create(&p->poller, w->event_fd);
	if (error)
		green__free(p);
	else
		w->fds = p;
	return error;
}

static int
grow_watched(struct fd_poller *p, int fd)
{
	int size = p->size ? p->size : 64;
	uint32_t *watched, *old = p->watched;

	while (size <= fd)
		size *= 2;
	watched = green__alloc((size_t)size * sizeof(*watched));
	if (!watched)
		return -ENOMEM;
	if (old)
		memcpy(watched, old, (size_t)p->size * sizeof(*watched));
	/* Another OS thread may fork at any time: its child is to find a table
	 * that it can free. */
	p->watched = watched;
	atomic_signal_fence(memory_order_seq_cst);
	p->size = size;
	green__free(old);
	return 0;
}

static inline bool
is_watched(const struct worker *w, int fd, uint32_t generation)
{
	return w->fds && fd < w->fds->size &&
	       w->fds->watched[fd] == generation + 1;
}

static noinline int
watch(struct worker *w, int fd, uint32_t generation)
{
	int error = w->fds ? 0 : make_poller(w);

	if (!error && fd >= w->fds->size)
		error = grow_watched(w->fds, fd);
	if (!error)
		error = w->fds->ops->watch(w->fds->poller, fd,
					   make_tag(fd, generation));
	if (!error)
		w->fds->watched[fd] = generation + 1;
	return error;
}

/* The timer is watched like the eventfd: what it reports is of no generation
 * that a number has, and of none that is known. */
static int
make_timer(struct fd_poller *p)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	int error;

	if (fd < 0)
		return -errno;
	error = p->ops->watch(p->poller, fd, POLLER_WAKE_TAG);
	if (error)
		close(fd);
	else
		p->timer_fd = fd;
	return error;
}

int
green__fds_shown(struct worker *w)
{
	int error = w->fds ? 0 : make_poller(w);

	if (!error && w->fds->timer_fd < 0)
		error = make_timer(w->fds);
	return error ? error : w->fds->ops->descriptor(w->fds->poller);
}

void
green__fds_alarm(struct worker *w, int64_t deadline)
{
	struct itimerspec when = { .it_value = { 0 } };

	if (!w->fds || w->fds->timer_fd < 0)
		return;
	/* One that has rung does not ring again by itself. */
	if (w->fds->timer == deadline &&
	    (deadline == GREEN_NEVER || deadline > green__monotonic()))
		return;
	w->fds->timer = deadline;
	if (deadline != GREEN_NEVER) {
		when.it_value.tv_sec = (time_t)(deadline / GREEN_SECOND);
		when.it_value.tv_nsec = (long)(deadline % GREEN_SECOND);
	}
	/* It fails for nothing that is given to it here. */
	timerfd_settime(w->fds->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/* ---- debugging ---------------------------------------------------------- */

/* Does GREEN_DEBUG say "fds"? Asked once. */
enum {
	CHECKS_UNKNOWN,
	CHECKS_OFF,
	CHECKS_ON
};
static _Atomic uint8_t checks;

static noinline bool
ask_environment(void)
{
	const char *at = getenv("GREEN_DEBUG");
	bool on = false;

	while (at && *at) {
		size_t n = strcspn(at, ",");

		on |= n == 3 && !strncmp(at, "fds", n);
		at += n + (at[n] == ',');
	}
	/* Relaxed: who does not see it asks, too. */
	atomic_store_explicit(&checks, on ? CHECKS_ON : CHECKS_OFF,
			      memory_order_relaxed);
	return on;
}

static inline bool
is_checking(void)
{
	uint8_t n = atomic_load_explicit(&checks, memory_order_relaxed);

	return unlikely(n != CHECKS_OFF) &&
	       (n == CHECKS_ON || ask_environment());
}

_Noreturn static void
die_of_stale(int fd, const char *what)
{
	struct out o = OUT_INIT(STDERR_FILENO);

	green__out_str(&o, "libgreen: descriptor ");
	green__out_dec(&o, (uint64_t)fd);
	green__out_str(&o, what);
	green__out_str(&o, ": it was closed and used again without "
			   "green_close() or green_fd_forget()\n");
	green__out_flush(&o);
	abort();
}

/* Who closes a number as he should has changed the generation before. */
static noinline void
check_watched(const struct worker *w, const struct fd_look *look)
{
	const struct fd_poller *p = w->fds;

	if (p->ops->check(p->poller, look->fd,
			  make_tag(look->fd, look->generation)) == -ENOENT &&
	    generation(look->entry) == look->generation)
		die_of_stale(look->fd, " is watched for another file");
}

/* ---- looking and waiting ------------------------------------------------ */

void
green__fd_look(int fd, enum fd_way way, struct fd_look *ret)
{
	struct fd_entry *e = find(fd);

	ret->fd = fd;
	ret->way = way;
	ret->entry = e;
	ret->generation = ret->changes = 0;
	if (!e)
		return;
	/* Acquire pairs with the one who gave the number its generation, and
	 * with changed(). */
	ret->generation = generation(e);
	ret->changes = atomic_load_explicit(&e->changes[way],
					    memory_order_acquire);
}

/* An entry for one that was looked at when there was none, or a new one: what
 * has happened since then shows in it. */
static int
make_entry(struct fd_look *look)
{
	int error;

	if (likely(look->entry != NULL))
		return 0;
	error = find(look->fd) ? 0 : add_chunk(look->fd);
	look->entry = find(look->fd);
	return error;
}

/* A number that was being closed then may be another file's by now, of which
 * nobody has told us: that is for the next try to find out. */
bool
green__fd_is_stale(const struct fd_look *look)
{
	uint32_t now = look->entry ? generation(look->entry) : 0;

	return look->entry && now != look->generation &&
	       !(look->generation & 1 && now == look->generation + 1);
}

int
green__fd_look_again(struct fd_look *look)
{
	if (!look->entry)
		return 0;
	if (green__fd_is_stale(look))
		return -EBADF;
	look->generation = generation(look->entry);
	/* Acquire pairs with changed(). */
	look->changes = atomic_load_explicit(&look->entry->changes[look->way],
					     memory_order_acquire);
	return 0;
}

bool
green__fd_is_settled(const struct fd_look *look)
{
	const struct fd_entry *e = look->entry;

	/* Pairs with changed(), which has the lock, too. */
	return generation(e) == look->generation &&
	       atomic_load_explicit(&e->changes[look->way],
				    memory_order_relaxed) == look->changes;
}

struct wait_queue *
green__fd_lock(const struct fd_look *look)
{
	return &look->entry->in;
}

/* With the lock held. */
static struct wait_queue *
queue_of(const struct fd_look *look)
{
	struct fd_entry *e = look->entry;

	/* Once: who leaves the queue reads it without the lock. */
	if (unlikely(!e->out.flags))
		e->out.flags = QUEUE_SECOND;
	return look->way == FD_IN ? &e->in : &e->out;
}

static uint8_t
wait_kind(const struct fd_look *look)
{
	return look->way == FD_IN ? WAIT_READABLE : WAIT_WRITABLE;
}

void
green__fd_link(const struct fd_look *look, struct wait_node *node)
{
	node->kind = wait_kind(look);
	green__queue_link(queue_of(look), node);
}

void
green__fd_wait_begin(struct worker *w)
{
	w->fd_waits++;
	if (w->tick > TICKS_WITH_FDS)
		w->tick = TICKS_WITH_FDS;
}

void
green__fd_wait_end(struct worker *w)
{
	w->fd_waits--;
}

/* With the lock held, which is released. */
static int
await(struct worker *w, const struct fd_look *look, int64_t deadline)
{
	struct fd_entry *e = look->entry;
	struct wait_node node;
	int error;

	node.kind = wait_kind(look);
	/* Relaxed: see expect(). */
	atomic_store_explicit(&e->last_node, &node, memory_order_relaxed);
	atomic_store_explicit(&e->last_thread, w->current,
			      memory_order_relaxed);
	green__fd_wait_begin(w);
	error = green__queue_wait(queue_of(look), &node, deadline);
	green__fd_wait_end(w);
	return error;
}

int
green__fd_await(struct fd_look *look, int64_t deadline)
{
	struct worker *w;
	struct fd_entry *e;
	int error;

	if (deadline <= 0)
		return deadline ? -EINVAL : -EAGAIN;
	w = green__worker_get();
	if (unlikely(!w))
		return -ENOMEM;
	error = make_entry(look);
	if (!error && !is_watched(w, look->fd, look->generation))
		error = watch(w, look->fd, look->generation);
	else if (!error && is_checking())
		check_watched(w, look);
	if (error)
		return error;
	e = look->entry;
	green__queue_lock(&e->in);
	if (green__fd_is_settled(look))
		error = await(w, look, deadline);
	else
		green__queue_unlock(&e->in);
	/* It may have been closed after it was found ready. */
	return error ? error : green__fd_look_again(look);
}

int
green__fd_make(struct fd_look *look)
{
	int error = make_entry(look);

	/* No file has such a number, or none that can be waited for. */
	return error == -EBADF || error == -EMFILE ? 0 : error;
}

int
green__fd_watch(struct worker *w, const struct fd_look *look)
{
	int error;

	if (!look->entry)
		return look->fd < 0 ? -EBADF : -EMFILE;
	if (is_watched(w, look->fd, look->generation)) {
		if (is_checking())
			check_watched(w, look);
		return 0;
	}
	error = watch(w, look->fd, look->generation);
	return error == -EPERM ? 0 : error;
}

int
green__fd_ask(struct pollfd *p)
{
	int n;

	/* Even poll(2) with no time to wait ends so when a signal is there. */
	do
		n = poll(p, 1, 0);
	while (n < 0 && errno == EINTR);
	return n;
}

int
green__fd_wait(int fd, int events, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = (short)events };
	struct fd_look look;
	int n, error;

	green__fd_look(fd, events & POLLIN ? FD_IN : FD_OUT, &look);
	do {
		n = green__fd_ask(&p);
		if (n)
			return p.revents & POLLNVAL ? -EBADF : 0;
		error = green__fd_await(&look, deadline);
	} while (!error);
	return error;
}

void
green__fd_drained(const struct fd_look *look)
{
	struct worker *w = green__worker;
	struct fd_entry *e = look->entry;

	if (!e || !w || !is_watched(w, look->fd, look->generation) ||
	    atomic_load_explicit(&e->kind, memory_order_relaxed) != FD_STREAM ||
	    atomic_load_explicit(&e->special, memory_order_relaxed))
		return;
	/* Relaxed, for whoever reads compares it with his look. */
	atomic_store_explicit(&e->drained, green__fd_when(look),
			      memory_order_relaxed);
}

void
green__fd_note_special(int fd)
{
	/* Asked so that there is an entry. */
	struct fd_entry *e = green__fd_kind(fd) < 0 ? NULL : find(fd);

	if (e)
		atomic_store_explicit(&e->special, true, memory_order_relaxed);
}

void
green__fd_nudge(int fd, enum fd_way way)
{
	struct fd_entry *e = find(fd);

	if (!e)
		return;
	green__queue_lock(&e->in);
	changed(e, way);
	green__queue_unlock(&e->in);
}

/* ---- what a number stands for ------------------------------------------- */

static enum fd_kind
socket_kind(int fd)
{
	int type = 0, protocol = 0;
	socklen_t size = sizeof(type);

	if (!getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) &&
	    type == SOCK_STREAM &&
	    !getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) &&
	    protocol == IPPROTO_TCP)
		return FD_STREAM;
	return FD_SOCKET;
}

static int
find_kind(int fd)
{
	struct stat st;
	int can;

	if (fstat(fd, &st))
		return -errno;
	switch (st.st_mode & S_IFMT) {
	case S_IFSOCK:
		return socket_kind(fd);
	case S_IFIFO:
		return FD_PIPE;
	case S_IFREG:
	case S_IFDIR:
	case S_IFBLK:
		return FD_FILE;
	case S_IFCHR:
		if (isatty(fd))
			return FD_TTY;
		break;
	default: /* what has no name in any folder: eventfd, timerfd, ... */
		break;
	}
	can = green__poller_epoll.can_watch(fd);
	if (can < 0)
		return can;
	return can ? FD_PIPE : FD_FILE;
}

/* It may be more special than was known, and a terminal that has hung up is
 * none. */
static noinline void
check_kind(int fd, const struct fd_entry *e, int kind)
{
	uint32_t before = generation(e);
	int now = find_kind(fd);

	if (now >= 0 && now != kind && kind != FD_TTY &&
	    !(kind == FD_SOCKET && now == FD_STREAM) &&
	    atomic_load_explicit(&e->kind, memory_order_relaxed) == kind &&
	    generation(e) == before)
		die_of_stale(fd, " was of another kind");
}

int
green__fd_kind(int fd)
{
	struct fd_entry *e = find(fd);
	uint32_t before = e ? generation(e) : 0;
	int kind = FD_UNKNOWN;

	if (likely(e != NULL))
		kind = atomic_load_explicit(&e->kind, memory_order_relaxed);
	if (likely(kind != FD_UNKNOWN)) {
		if (is_checking())
			check_kind(fd, e, kind);
		return kind;
	}
	kind = find_kind(fd);
	/* Without an entry it is asked each time. */
	if (kind < 0 || (!e && add_chunk(fd)))
		return kind;
	e = find(fd);
	green__queue_lock(&e->in);
	if (generation(e) == before)
		atomic_store_explicit(&e->kind, (uint8_t)kind,
				      memory_order_relaxed);
	green__queue_unlock(&e->in);
	return kind;
}

bool
green__fd_no_nowait(int fd)
{
	const struct fd_entry *e = find(fd);

	return e && atomic_load_explicit(&e->no_nowait, memory_order_relaxed);
}

bool
green__fd_knows_no_nowait(int fd)
{
	struct fd_entry *e = find(fd);

	if (errno != EOPNOTSUPP && errno != ENOSYS)
		return false;
	/* Relaxed: who does not know it yet finds it out. */
	if (e)
		atomic_store_explicit(&e->no_nowait, true,
				      memory_order_relaxed);
	return true;
}

/* ---- generations --------------------------------------------------------- */

/* With the lock held: another file, or none. What was known of the last one is
 * forgotten, and who waits for it is told. */
static void
renew(struct fd_entry *e, uint32_t next, enum fd_kind kind, int result)
{
	wake_all(&e->in, result);
	wake_all(&e->out, result);
	atomic_store_explicit(&e->drained, 0, memory_order_relaxed);
	atomic_store_explicit(&e->special, false, memory_order_relaxed);
	atomic_store_explicit(&e->no_nowait, false, memory_order_relaxed);
	atomic_store_explicit(&e->kind, (uint8_t)kind, memory_order_relaxed);
	/* Release pairs with the acquire in green__fd_look(). */
	atomic_store_explicit(&e->generation, next, memory_order_release);
}

/* The next even one, which is not that of a number that is being closed. */
static void
renew_file(struct fd_entry *e, enum fd_kind kind)
{
	green__queue_lock(&e->in);
	renew(e, (generation(e) + 3) & ~1u, kind, -EBADF);
	green__queue_unlock(&e->in);
}

uint32_t
green__fd_closing(int fd)
{
	struct fd_entry *e = find(fd);
	uint32_t next;

	/* Somebody may be about to wait who finds no entry either. */
	if (!e && !add_chunk(fd))
		e = find(fd);
	if (!e)
		return 0;
	green__queue_lock(&e->in);
	next = (generation(e) + 1) | 1;
	renew(e, next, FD_UNKNOWN, -EBADF);
	green__queue_unlock(&e->in);
	return next;
}

void
green__fd_closed(int fd, uint32_t closing)
{
	struct fd_entry *e = find(fd);

	if (!e)
		return;
	green__queue_lock(&e->in);
	if (generation(e) == closing)
		renew(e, closing + 1, FD_UNKNOWN, 0);
	green__queue_unlock(&e->in);
}

void
green__fd_forget(int fd)
{
	struct fd_entry *e = find(fd);

	if (e)
		renew_file(e, FD_UNKNOWN);
}

bool
green__fd_is_busy(int fd)
{
	struct fd_entry *e = find(fd);
	bool busy;

	if (!e)
		return false;
	green__queue_lock(&e->in);
	busy = green__queue_busy(&e->in) || green__queue_busy(&e->out);
	green__queue_unlock(&e->in);
	return busy;
}

void
green__fd_born(int fd, enum fd_kind kind)
{
	struct fd_entry *e;
	int saved = errno;

	/* Without memory for an entry there is nothing to forget, either. */
	if (!find(fd) && kind != FD_UNKNOWN)
		add_chunk(fd);
	e = find(fd);
	if (e)
		renew_file(e, kind);
	errno = saved;
}

/* ---- in a select --------------------------------------------------------- */

static int
clause_fd(const struct green_clause *c)
{
	return c->id > INT32_MAX ? -EBADF : (int)c->id;
}

static bool
act(struct green_clause *c)
{
	c->result = 0;
	return true;
}

const struct clause_ops green__clause_readable = {
	.fields = CLAUSE_FD,
	.fd = clause_fd,
	.events = POLLIN,
	.act = act,
};

const struct clause_ops green__clause_writable = {
	.fields = CLAUSE_FD,
	.fd = clause_fd,
	.events = POLLOUT,
	.act = act,
};

/* ---- fork ---------------------------------------------------------------- */

/* Whoever had the lock may have been anywhere. What was never used stays
 * untouched memory. */
static void
empty(struct wait_queue *q)
{
	if (q->head || q->tail || q->length || q->users) {
		q->head = q->tail = NULL;
		q->length = 0;
		q->users = 0;
	}
	if (atomic_load(&q->lock))
		atomic_store(&q->lock, 0);
}

void
green__fds_fork(void)
{
	int i, j;

	for (i = 0; i < CHUNKS; i++) {
		struct fd_entry *chunk = atomic_load(&chunks[i]);

		for (j = 0; chunk && j < CHUNK; j++) {
			empty(&chunk[j].in);
			empty(&chunk[j].out);
		}
	}
}
