/* SPDX-License-Identifier: MIT */
/*
 * Signals that are waited for.
 *
 * A handler counts the signal in each object that has it, and writes to the
 * object's eventfd, for which threads wait like for any other descriptor. So it
 * makes no difference which OS thread the handler runs on.
 *
 * - Handlers go along the list of objects without a lock. Objects are linked
 *   and taken out under `lock`; one that was taken out is given back when no
 *   handler runs that may still see it.
 * - A handler counts, then writes. Whoever takes a signal empties the eventfd,
 *   then looks at the counts; if more are left, it writes itself. So the
 *   eventfd can be read from whenever there is something to take; it may be for
 *   nothing, and who finds that waits again.
 * - The lock of an object is for those who take. It is the last that anybody
 *   takes: a select holds that of the descriptor's entry.
 *
 * fork(): the child would share the eventfds with its parent, so it makes its
 * own, with all signals blocked from before: those that the parent had are
 * forgotten, those that come to the child are not.
 *
 * Rejected: signalfd(2), for which the signal has to be blocked in each OS
 * thread, also in those that other libraries make. Rejected: a pipe with a
 * siginfo_t for each signal, which is full some day, of SIGWINCH, when SIGTERM
 * comes. Rejected: an OS thread in sigwait(), for the same reason as the first,
 * and for what it costs.
 */

#include "config.h"

#include "base.h"
#include "fd.h"
#include "mem.h"
#include "os.h"
#include "select.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <green/signal.h>

#define SIGNALS NSIG /* one more than the greatest */

struct green_signal {
	struct wait_queue take; /* only its lock is used */
	struct green_signal *_Atomic next;
	int fd;
	sigset_t set;
	/* How often each came, and was not taken. */
	_Atomic uint32_t counts[SIGNALS];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct green_signal *_Atomic objects; /* changed under the lock */
static uint32_t users[SIGNALS];              /* how many have the signal */
static struct sigaction before[SIGNALS];     /* the first of them came */
static _Atomic uint32_t running;             /* handlers */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int once_error;

/* ---- the handler --------------------------------------------------------- */

static void
tell(const struct green_signal *s)
{
	static const uint64_t one = 1;

	/* It fails only when it is full of them. */
	if (green__write(s->fd, &one, sizeof(one)) < 0)
		return;
}

static void
handle(int signo)
{
	struct green_signal *s;
	int saved = errno;

	/* Pairs with the load in wait_for_handlers(): either this is seen
	 * there, or the object that was taken out is not seen here. */
	atomic_fetch_add(&running, 1);
	for (s = atomic_load(&objects); s; s = atomic_load(&s->next)) {
		if (!sigismember(&s->set, signo))
			continue;
		/* Pairs with the exchange in take(). */
		atomic_fetch_add(&s->counts[signo], 1);
		tell(s);
	}
	atomic_fetch_sub(&running, 1);
	errno = saved;
}

static void
wait_for_handlers(void)
{
	while (atomic_load(&running))
		sched_yield();
}

/* ---- taking -------------------------------------------------------------- */

/* The lowest one that has come, and how often; 0: none has. */
static int
take(struct green_signal *s, uint64_t *ret_count)
{
	uint64_t drained;
	uint32_t count;
	int signo, taken = 0;

	green__queue_lock(&s->take);
	if (read(s->fd, &drained, sizeof(drained)) < 0)
		drained = 0; /* nothing new */
	for (signo = 1; signo < SIGNALS; signo++) {
		if (!atomic_load(&s->counts[signo]))
			continue;
		if (taken) {
			tell(s); /* the next one */
			break;
		}
		/* Pairs with the one in handle(). */
		count = atomic_exchange(&s->counts[signo], 0);
		taken = signo;
		if (ret_count)
			*ret_count = count;
	}
	green__queue_unlock(&s->take);
	return taken;
}

int
green_signal_wait(struct green_signal *s, uint64_t *ret_count, int64_t deadline)
{
	struct worker *w = green__worker;
	struct fd_look look;
	int taken, error;

	green__choice_point(w);
	if (!s || deadline < 0)
		return -EINVAL;
	if (w && green__is_cancelled(w->current))
		return -ECANCELED;
	green__fd_look(s->fd, FD_IN, &look);
	do {
		taken = take(s, ret_count);
		if (taken)
			return taken;
		error = green__fd_await(&look, deadline);
	} while (!error);
	return error;
}

/* ---- in a select --------------------------------------------------------- */

static int
clause_fd(const struct green_clause *c)
{
	return ((const struct green_signal *)c->object)->fd;
}

static bool
act(struct green_clause *c)
{
	uint64_t count;
	int taken = take(c->object, &count);

	if (!taken)
		return false;
	c->result = taken;
	c->value = (void *)(uintptr_t)count;
	return true;
}

const struct clause_ops green__clause_signal = {
	.fields = CLAUSE_OBJECT,
	.fd = clause_fd,
	.events = POLLIN,
	.act = act,
};

/* ---- fork ---------------------------------------------------------------- */

static sigset_t forking; /* the mask of who forks, under the lock */

static void
before_fork(void)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pthread_mutex_lock(&lock);
	forking = old;
}

static void
after_fork(void)
{
	sigset_t old = forking;

	pthread_mutex_unlock(&lock);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* Whoever had the lock is not here. Without a descriptor nobody can wait. What
 * is known of descriptors may not be in order yet; nobody watches this one, as
 * pollers are not inherited. */
static void
make_anew(struct green_signal *s)
{
	int signo;

	close(s->fd);
	s->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	atomic_store(&s->take.lock, 0);
	for (signo = 1; signo < SIGNALS; signo++)
		atomic_store(&s->counts[signo], 0);
}

static void
after_fork_child(void)
{
	struct green_signal *s;

	atomic_store(&running, 0);
	for (s = atomic_load(&objects); s; s = atomic_load(&s->next))
		make_anew(s);
	after_fork();
}

static void
init_once(void)
{
	once_error = -pthread_atfork(before_fork, after_fork, after_fork_child);
}

/* ---- beginning and end --------------------------------------------------- */

/* With the lock held: one user less of a signal. */
static void
release(int signo)
{
	struct sigaction now;

	if (--users[signo])
		return;
	if (!sigaction(signo, NULL, &now) && now.sa_handler == handle)
		sigaction(signo, &before[signo], NULL);
}

static int
acquire(int signo)
{
	struct sigaction action = { .sa_handler = handle,
				    .sa_flags = SA_RESTART | SA_ONSTACK };

	if (!users[signo] && sigaction(signo, &action, &before[signo]))
		return -errno;
	users[signo]++;
	return 0;
}

static void
release_below(const sigset_t *set, int end)
{
	int signo;

	for (signo = 1; signo < end; signo++)
		if (sigismember(set, signo) == 1)
			release(signo);
}

static int
acquire_all(const sigset_t *set)
{
	int signo, error = 0;

	for (signo = 1; signo < SIGNALS && !error; signo++) {
		if (sigismember(set, signo) != 1)
			continue;
		error = acquire(signo);
		if (error)
			release_below(set, signo);
	}
	return error;
}

static void
unlist(struct green_signal *s)
{
	struct green_signal *_Atomic *p = &objects;

	while (atomic_load(p) != s)
		p = &atomic_load(p)->next;
	/* Pairs with the loads in handle(). */
	atomic_store(p, atomic_load(&s->next));
}

static int
list(struct green_signal *s)
{
	int error;

	pthread_mutex_lock(&lock);
	atomic_store(&s->next, atomic_load(&objects));
	/* Pairs with the loads in handle(). */
	atomic_store(&objects, s);
	error = acquire_all(&s->set);
	if (error)
		unlist(s);
	pthread_mutex_unlock(&lock);
	if (error)
		wait_for_handlers();
	return error;
}

/* Is there one at all, and none that says what a thread has done itself? */
static bool
can_be_taken(const sigset_t *set)
{
	static const int refused[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE };
	int i, signo = 1;

	for (i = 0; i < (int)(sizeof(refused) / sizeof(*refused)); i++)
		if (sigismember(set, refused[i]) == 1)
			return false;
	while (signo < SIGNALS && sigismember(set, signo) != 1)
		signo++;
	return signo < SIGNALS;
}

int
green_signal_create(struct green_signal **ret_signal, const sigset_t *set)
{
	struct green_signal *s;
	int error;

	green__choice_point(green__worker);
	if (!ret_signal || !set || !can_be_taken(set))
		return -EINVAL;
	pthread_once(&once, init_once);
	s = once_error ? NULL : green__alloc(sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->set = *set;
	s->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	error = s->fd < 0 ? -errno : 0;
	if (!error) {
		green__fd_born(s->fd, FD_PIPE);
		error = list(s);
		if (error)
			close(s->fd);
	}
	if (error)
		green__free(s);
	else
		*ret_signal = s;
	return error;
}

int
green_signal_destroy(struct green_signal *s)
{
	uint32_t closing;

	green__choice_point(green__worker);
	if (!s)
		return 0;
	if (green__fd_is_busy(s->fd))
		return -EBUSY;
	pthread_mutex_lock(&lock);
	release_below(&s->set, SIGNALS);
	unlist(s);
	pthread_mutex_unlock(&lock);
	wait_for_handlers();
	closing = green__fd_closing(s->fd);
	close(s->fd);
	green__fd_closed(s->fd, closing);
	green__free(s);
	return 0;
}
