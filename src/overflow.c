/* SPDX-License-Identifier: MIT */
/*
 * The report of stack overflows.
 *
 * An overflow runs into the guard below the stack; the kernel sends SIGSEGV
 * (some systems SIGBUS), which we take on an alternate stack. Whether it is an
 * overflow is told by the address alone: the signal's code differs between
 * kinds of guard. We print one line, restore the default action and return:
 * the instruction faults again and the core shows it.
 *
 * A fault anywhere else is none of our business and goes to the handler that
 * was there before us, in the way the kernel would have called it. A handler
 * that the program installs later replaces ours, and may call it.
 *
 * Everything here that runs in the handler is async-signal-safe and takes
 * less than 2 KiB of stack: the program may have an alternate stack of its
 * own, which we leave in place, and that may be small.
 *
 * Rejected: naming the thread that owns a guard which is not the running
 * thread's (the table of threads is under locks); going on to the previous
 * handler after an overflow (it would run with the OS thread in the middle of
 * anything, and hide the core).
 */

#include "config.h"

#include "overflow.h"

#include "base.h"
#include "mem.h"
#include "stack.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/auxv.h>
#endif

#include <green/runtime.h>

/* What a handler may use beyond the frame that the kernel pushes: ours needs
 * little, but we call those of others. */
#define ALT_STACK_SIZE 65536

static const int signals[] = { SIGSEGV, SIGBUS };
#define SIGNALS 2

enum {
	UNDECIDED,
	ON,
	OFF
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* Written under the lock; the handler may read at any time. */
static atomic_int state;
static _Atomic(overflow_describe) describer;
static bool installed[SIGNALS];
static struct sigaction before[SIGNALS];

/* ---- the message -------------------------------------------------------- */

static void
write_thread(struct out *o, const struct overflow *v)
{
	green__out_str(o, "thread ");
	green__out_dec(o, v->id);
	if (*v->name) {
		green__out_str(o, " \"");
		green__out_str(o, v->name);
		green__out_str(o, "\"");
	}
}

static void
write_size(struct out *o, uint64_t size)
{
	green__out_dec(o, size % 1024 ? size : size / 1024);
	green__out_str(o, size % 1024 ? "-byte" : " KiB");
}

/* what: what lies where. */
static void
write_overflow(const struct overflow *v, const char *what, uintptr_t addr)
{
	struct out o = OUT_INIT(STDERR_FILENO);
	uintptr_t lo = (uintptr_t)v->stack.lo;

	green__out_str(&o, "libgreen: stack overflow in ");
	write_thread(&o, v);
	green__out_str(&o, ": ");
	green__out_str(&o, what);
	green__out_str(&o, " ");
	green__out_hex(&o, addr);
	if (addr < lo) {
		green__out_str(&o, ", ");
		green__out_dec(&o, lo - addr);
		green__out_str(&o, " bytes below its ");
	} else {
		green__out_str(&o, ", outside of its ");
	}
	write_size(&o, v->stack.size);
	green__out_str(&o, " stack, of which ");
	green__out_dec(&o, green__stack_used(&v->stack));
	green__out_str(&o, " bytes were used; raise green_attr.stack_size");
	if (v->spawned_at) {
		green__out_str(&o, " (spawned at ");
		green__out_hex(&o, (uintptr_t)v->spawned_at);
		green__out_str(&o, ")");
	}
	green__out_str(&o, "\n");
	green__out_flush(&o);
}

/* A stray pointer, rather than an overflow. */
static void
write_stray(const struct overflow *v, uintptr_t addr)
{
	struct out o = OUT_INIT(STDERR_FILENO);

	green__out_str(&o, "libgreen: ");
	write_thread(&o, v);
	green__out_str(&o, ": fault at ");
	green__out_hex(&o, addr);
	green__out_str(&o, ", in the guard below another thread's stack\n");
	green__out_flush(&o);
}

void
green__overflow_die(const struct overflow *o, uintptr_t sp)
{
	write_overflow(o, "no guard, found at a switch: stack pointer", sp);
	abort();
}

/* ---- the handler -------------------------------------------------------- */

/* Make the default action happen: at the return from the handler, when the
 * fault recurs, or if the signal was sent by somebody, sent once more. */
static void
fall_to_default(int sig, bool sent)
{
	struct sigaction act = { .sa_handler = SIG_DFL };

	sigaction(sig, &act, NULL);
	if (sent)
		raise(sig);
}

static void
call(const struct sigaction *act, int sig, siginfo_t *info, void *context)
{
	sigset_t self;

	sigemptyset(&self);
	sigaddset(&self, sig);
	pthread_sigmask(SIG_BLOCK, &act->sa_mask, NULL);
	if (act->sa_flags & SA_NODEFER && !sigismember(&act->sa_mask, sig))
		pthread_sigmask(SIG_UNBLOCK, &self, NULL);
	if (act->sa_flags & SA_SIGINFO)
		act->sa_sigaction(sig, info, context);
	else
		act->sa_handler(sig);
}

static void
chain(int sig, siginfo_t *info, void *context)
{
	struct sigaction *was = &before[sig == signals[1]], act = *was;
	bool sent = info->si_code <= 0; /* by kill() and the like */
	bool plain = !(act.sa_flags & SA_SIGINFO);

	if (plain && act.sa_handler == SIG_IGN && sent)
		return;
	if (plain && (act.sa_handler == SIG_DFL || act.sa_handler == SIG_IGN)) {
		fall_to_default(sig, sent);
		return;
	}
	if (act.sa_flags & (int)SA_RESETHAND)
		*was = (struct sigaction){ .sa_handler = SIG_DFL };
	call(&act, sig, info, context);
}

static void
on_fault(int sig, siginfo_t *info, void *context)
{
	uintptr_t addr = (uintptr_t)info->si_addr;
	overflow_describe describe = describer;
	struct overflow v;
	int saved = errno;

	if (state == ON && info->si_code > 0 && describe &&
	    describe(addr, &v)) {
		if (v.running) {
			write_overflow(&v, "fault at", addr);
			fall_to_default(sig, false);
			return;
		}
		write_stray(&v, addr);
	}
	chain(sig, info, context);
	errno = saved;
}

/* ---- on and off --------------------------------------------------------- */

static bool
is_ours(const struct sigaction *act)
{
	return act->sa_flags & SA_SIGINFO && act->sa_sigaction == on_fault;
}

/* One that the program has put on top of ours stays there. */
static void
install(void)
{
	struct sigaction act = { .sa_sigaction = on_fault,
				 .sa_flags = SA_SIGINFO | SA_ONSTACK };

	for (int i = 0; i < SIGNALS; i++) {
		if (installed[i])
			continue;
		sigaction(signals[i], NULL, &before[i]);
		sigaction(signals[i], &act, NULL);
		installed[i] = true;
	}
}

static void
uninstall(void)
{
	struct sigaction now;

	for (int i = 0; i < SIGNALS; i++) {
		sigaction(signals[i], NULL, &now);
		if (!installed[i] || !is_ours(&now))
			continue;
		sigaction(signals[i], &before[i], NULL);
		installed[i] = false;
	}
}

static bool
wanted(void)
{
	const char *text = getenv("GREEN_OVERFLOW_REPORT");

	return !text || strcmp(text, "0");
}

int
green_overflow_report(int on)
{
	if (on != 0 && on != 1)
		return -EINVAL;
	pthread_mutex_lock(&lock);
	if (on)
		install();
	else
		uninstall();
	state = on ? ON : OFF;
	pthread_mutex_unlock(&lock);
	return 0;
}

/* ---- alternate stacks --------------------------------------------------- */

/* Its lowest page is a guard. */
static size_t
alt_size(void)
{
	size_t page = green__page_size(), frame = MINSIGSTKSZ;

#ifdef AT_MINSIGSTKSZ
	if (getauxval(AT_MINSIGSTKSZ) > frame)
		frame = getauxval(AT_MINSIGSTKSZ);
#endif
	return ((ALT_STACK_SIZE + frame) / page + 2) * page;
}

static char *
alt_map(size_t size)
{
	size_t page = green__page_size();
	char *alt = green__map_reserve(size);

	if (!alt)
		return NULL;
	if (green__mem_allowed() &&
	    !mprotect(alt + page, size - page, PROT_READ | PROT_WRITE))
		return alt;
	green__unmap(alt, size);
	return NULL;
}

int
green__overflow_thread_init(overflow_describe describe, void **ret_alt)
{
	size_t size = alt_size(), page = green__page_size();
	stack_t alt = { 0 };

	*ret_alt = NULL;
	if (!sigaltstack(NULL, &alt) && alt.ss_flags & SS_DISABLE) {
		char *p = alt_map(size);

		if (!p)
			return -ENOMEM;
		alt = (stack_t){ .ss_sp = p + page, .ss_size = size - page };
		sigaltstack(&alt, NULL);
		*ret_alt = p;
	}
	pthread_mutex_lock(&lock);
	describer = describe;
	if (state == UNDECIDED)
		state = wanted() ? ON : OFF;
	if (state == ON)
		install();
	pthread_mutex_unlock(&lock);
	return 0;
}

void
green__overflow_thread_fini(void *alt)
{
	stack_t now = { 0 }, off = { .ss_flags = SS_DISABLE };

	if (!alt)
		return;
	if (!sigaltstack(NULL, &now) &&
	    now.ss_sp == (char *)alt + green__page_size())
		sigaltstack(&off, NULL);
	green__unmap(alt, alt_size());
}
