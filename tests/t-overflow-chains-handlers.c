/* SPDX-License-Identifier: MIT */
/* Proves: a fault that is no stack overflow reaches the handler that stood
 * before libgreen's as the kernel would have called it, or the default; the
 * report can be turned off and on; an alternate stack of the program's stays;
 * and libgreen's own is gone with its OS thread. */

#include "tap.h"

#include <pthread.h>
#include <sys/mman.h>

#include "valgrind.h"

#include <green/runtime.h>
#include <green/thread.h>

static char text[16384];
/* A page that cannot be written. (Valgrind has no opinion on that.) */
static char *bad;

static void
say(const char *s)
{
	if (write(2, s, strlen(s)) < 0)
		_exit(97);
}

/* ---- handlers that stood before ---------------------------------------- */

static void
with_info(int sig, siginfo_t *info, void *context)
{
	sigset_t now;

	if (info->si_addr != bad || !context || sig != SIGSEGV)
		say("wrong arguments");
	sigprocmask(SIG_BLOCK, NULL, &now);
	say(sigismember(&now, SIGUSR1) ? "masked " : "unmasked ");
	say(sigismember(&now, SIGSEGV) ? "deferred " : "nested ");
	say("with info");
	_exit(3);
}

static void
plain(int sig)
{
	say(sig == SIGSEGV ? "plain" : "wrong signal");
	_exit(4);
}

/* Mend what was wrong and go on. */
static void
mend(int sig)
{
	(void)sig;
	say("mended ");
	errno = 5;
	if (mprotect(bad, 1, PROT_READ | PROT_WRITE))
		_exit(96);
}

static void
install(struct sigaction act)
{
	sigaction(SIGSEGV, &act, NULL);
}

/* ---- what the children do ---------------------------------------------- */

static void *
fault(void *arg)
{
	errno = 0;
	*(volatile char *)bad = 1;
	say(errno ? "errno lost " : "went on ");
	return arg;
}

static __attribute__((noinline)) int
recurse(int depth)
{
	volatile char frame[300];

	take_all_of(frame);
	frame[0] = 1;
	return depth ? recurse(depth - 1) + frame[0] : 0;
}

static void *
overflow(void *arg)
{
	(void)arg;
	return (void *)(intptr_t)recurse(1 << 20);
}

static void
run(green_fn fn)
{
	green_t id;

	green_spawn(&id, NULL, fn, NULL);
	green_join(id, NULL, GREEN_NEVER);
}

static void
chain_info(void *arg)
{
	struct sigaction act = { .sa_sigaction = with_info,
				 .sa_flags = SA_SIGINFO };

	(void)arg;
	sigaddset(&act.sa_mask, SIGUSR1);
	install(act);
	run(fault);
}

static void
chain_nodefer(void *arg)
{
	(void)arg;
	install((struct sigaction){ .sa_sigaction = with_info,
				    .sa_flags = SA_SIGINFO | SA_NODEFER });
	run(fault);
}

static void
chain_plain(void *arg)
{
	(void)arg;
	install((struct sigaction){ .sa_handler = plain });
	run(fault);
}

static void
chain_once(void *arg)
{
	(void)arg;
	install((struct sigaction){ .sa_handler = mend,
				    .sa_flags = SA_RESETHAND });
	run(fault);
	mprotect(bad, 1, PROT_READ);
	run(fault);
}

static void
chain_default(void *arg)
{
	install((struct sigaction){ .sa_handler = SIG_DFL });
	if (arg)
		run(overflow);
	else
		run(fault);
}

static void
chain_ignored(void *arg)
{
	(void)arg;
	install((struct sigaction){ .sa_handler = SIG_IGN });
	green_self();
	raise(SIGSEGV);
	say("ignored when sent, ");
	run(fault);
	say("and when real");
}

static void
sent_by_kill(void *arg)
{
	(void)arg;
	install((struct sigaction){ .sa_handler = SIG_DFL });
	green_self();
	kill(getpid(), SIGSEGV);
	say("survived");
}

static void
turn_off(void *arg)
{
	install((struct sigaction){ .sa_handler = plain,
				    .sa_flags = SA_ONSTACK });
	if (arg)
		green_self();
	green_overflow_report(0);
	run(overflow);
}

static void
turn_off_by_environment(void *arg)
{
	install((struct sigaction){ .sa_handler = SIG_DFL });
	setenv("GREEN_OVERFLOW_REPORT", "0", 1);
	green_self();
	if (arg)
		green_overflow_report(1);
	run(overflow);
}

static void
later_handler_stays(void *arg)
{
	struct sigaction now;

	(void)arg;
	green_self();
	install((struct sigaction){ .sa_handler = plain });
	green_overflow_report(0);
	green_overflow_report(1);
	sigaction(SIGSEGV, NULL, &now);
	say(now.sa_handler == plain ? "stays" : "is gone");
}

static void
own_alternate_stack(void *arg)
{
	static char mine[65536];
	stack_t alt = { .ss_sp = mine, .ss_size = sizeof(mine) }, now;

	(void)arg;
	install((struct sigaction){ .sa_handler = SIG_DFL });
	sigaltstack(&alt, NULL);
	green_self();
	sigaltstack(NULL, &now);
	say(now.ss_sp == mine ? "kept " : "replaced ");
	run(overflow);
}

/* ---- in this process --------------------------------------------------- */

static void *
become_worker(void *arg)
{
	stack_t *seen = arg;
	stack_t off = { .ss_flags = SS_DISABLE };

	sigaltstack(&off, NULL); /* a sanitizer's */
	green_self();
	sigaltstack(NULL, seen);
	return NULL;
}

static void
check_alternate_stack(void)
{
	stack_t seen = { 0 };
	unsigned char vec;
	pthread_t thread;

	pthread_create(&thread, NULL, become_worker, &seen);
	pthread_join(thread, NULL);
	ok(!(seen.ss_flags & SS_DISABLE) && seen.ss_size >= 32768,
	   "a worker has an alternate stack");
	ok(mincore(seen.ss_sp, 1, &vec) < 0 && errno == ENOMEM,
	   "which is unmapped when its OS thread ends");
}

static int
child(void (*fn)(void *), void *arg)
{
	return dies(fn, arg, text, sizeof(text));
}

#define exits(status, code) (WIFEXITED(status) && WEXITSTATUS(status) == (code))
#define killed(status) (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV)
#define said(s) (!!strstr(text, s))
#define reported() said("libgreen: stack overflow")

int
main(void)
{
	int status;

	bad = mmap(NULL, 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	is(green_overflow_report(2), -EINVAL, "neither on nor off");
	is(green_overflow_report(-1), -EINVAL, "nor this");

	status = child(chain_info, NULL);
	ok(exits(status, 3) && said("masked deferred with info"),
	   "SA_SIGINFO: same arguments, its mask in force");
	status = child(chain_nodefer, NULL);
	if (TAP_TSAN)
		skip("SA_NODEFER: the signal is not blocked",
		     "TSan calls handlers itself, with the signal blocked");
	else
		ok(exits(status, 3) && said("unmasked nested with info"),
		   "SA_NODEFER: the signal is not blocked");
	status = child(chain_plain, NULL);
	ok(exits(status, 4) && said("plain") && !said("libgreen"),
	   "a plain handler");
	status = child(chain_once, NULL);
	/* Valgrind does not restart an instruction with all its registers. */
	ok((killed(status) && RUNNING_ON_VALGRIND && said("mended")) ||
		   (killed(status) && said("mended went on")),
	   "SA_RESETHAND: called once, and may mend the fault");
	status = child(chain_default, NULL);
	ok(killed(status) && !said("libgreen"), "no handler: the default");
	status = child(chain_default, text);
	ok(killed(status) && reported(), "no handler: an overflow is reported");
	status = child(chain_ignored, NULL);
	ok(killed(status) && said("ignored when sent") && !said("real"),
	   "ignored: a fault kills all the same, a sent signal does not");
	status = child(sent_by_kill, NULL);
	ok(killed(status) && !said("survived"),
	   "kill() is no fault, but kills");

	status = child(turn_off, NULL);
	ok(exits(status, 4) || killed(status), "off before the first thread");
	ok(!reported(), "is silent");
	status = child(turn_off, text);
	ok(exits(status, 4) && !reported(),
	   "off later: the handler before is back in place");
	status = child(turn_off_by_environment, NULL);
	ok(killed(status) && !reported(), "off by the environment");
	status = child(turn_off_by_environment, text);
	ok(killed(status) && reported(), "on again by a call");
	child(later_handler_stays, NULL);
	ok(said("stays"), "a handler installed later stays");
	status = child(own_alternate_stack, NULL);
	ok(killed(status) && said("kept") && reported(),
	   "an alternate stack of the program's is used");
	check_alternate_stack();
	return tap_done();
}
