/* SPDX-License-Identifier: MIT */
/* Proves: a runtime has as many workers as were asked for, by attribute,
 * environment or number of CPUs; it can be entered by plain pthreads, main
 * flows and green threads of other runtimes and its own; a destroy that cannot
 * be is refused; nothing is left afterwards; wrong arguments get their
 * documented errors. */

#define _GNU_SOURCE /* affinity and names of OS threads */

#include "tap.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include <green.h>

static struct green_runtime *rt;

static struct green_stats
stats(void)
{
	struct green_stats s = { .size = sizeof(s) };

	green_stats_get(&s);
	return s;
}

static struct green_runtime *
make(uint64_t workers)
{
	struct green_runtime_attr attr = { .size = sizeof(attr),
					   .workers = workers };
	struct green_runtime *made = NULL;

	if (green_runtime_create(&made, &attr))
		exit(99);
	return made;
}

static void *
twice(void *arg)
{
	green_yield();
	return (void *)((uintptr_t)arg * 2);
}

static void
numbers(void)
{
	struct green_runtime *many;
	cpu_set_t set;

	rt = make(3);
	is(stats().workers, 3, "three workers");
	is(stats().threads, 3, "their main flows");
	is(green_runtime_destroy(rt), 0, "destroy");
	is(stats().workers, 0, "no worker is left");
	is(stats().threads, 0, "and no thread");
	is(stats().stack_bytes, 0, "and no stack");

	setenv("GREEN_WORKERS", "2", 1);
	is(green_runtime_create(&rt, NULL), 0, "as the environment says");
	is(stats().workers, 2, "two workers");
	many = make(1);
	is(stats().workers, 3, "the attribute comes first");
	is(green_runtime_destroy(many), 0, "destroy");
	is(green_runtime_destroy(rt), 0, "destroy");

	sched_getaffinity(0, sizeof(set), &set);
	for (int i = 0; i < 4; i++) {
		static const char *const none[] = { "0", "x", "9999999999",
						    "-1" };

		setenv("GREEN_WORKERS", none[i], 1);
		is(green_runtime_create(&rt, NULL), 0, "GREEN_WORKERS=%s",
		   none[i]);
		is(stats().workers, CPU_COUNT(&set), "a worker per CPU");
		is(green_runtime_destroy(rt), 0, "destroy");
	}
	unsetenv("GREEN_WORKERS");
}

static void
bad_arguments(void)
{
	struct {
		struct green_runtime_attr attr;
		uint64_t tail;
	} longer = { .attr = { .size = sizeof(longer) }, .tail = 1 };
	struct green_runtime_attr attr = { .size = sizeof(attr) };
	struct green_attr at = { .size = sizeof(at) };
	struct green_runtime *untouched = (void *)&attr;
	green_t id;

	is(green_runtime_create(NULL, NULL), -EINVAL, "no place for it");
	attr.workers = GREEN_WORKERS_MAX + 1;
	is(green_runtime_create(&untouched, &attr), -EINVAL, "too many");
	attr.size = 8;
	is(green_runtime_create(&untouched, &attr), -EINVAL, "short");
	is(green_runtime_create(&untouched, &longer.attr), -E2BIG, "long");
	ok(untouched == (void *)&attr, "nothing is written on failure");
	is(green_runtime_destroy(NULL), 0, "destroy of none");
	is(green_runtime_run(NULL, twice, NULL, NULL), -EINVAL, "no runtime");
	rt = make(2);
	is(green_runtime_run(rt, NULL, NULL, NULL), -EINVAL, "no function");
	at.worker = 1;
	is(green_spawn(&id, &at, twice, NULL), -EINVAL,
	   "a worker, outside of a runtime");
	at.runtime = rt;
	at.worker = 3;
	is(green_spawn(&id, &at, twice, NULL), -EINVAL, "a worker too many");
	at.worker = UINT64_MAX;
	is(green_spawn(&id, &at, twice, NULL), -EINVAL, "far too many");
	at.worker = 2;
	at.flags = UINT64_C(1) << 40;
	is(green_spawn(&id, &at, twice, NULL), -EINVAL, "an unknown flag");
	is(green_runtime_destroy(rt), 0, "destroy");
}

static void *
doubled(void *arg)
{
	void *value = NULL;

	is(green_runtime_run(rt, twice, arg, &value), 0, "run");
	return value;
}

static void *
inside(void *arg)
{
	(void)arg;
	is(green_runtime_destroy(rt), -EDEADLK, "destroy from inside");
	ok(doubled((void *)3) == (void *)6, "run from inside");
	return NULL;
}

/* A runtime within a runtime, which ends first. */
static void *
nested(void *arg)
{
	struct green_runtime *outer = rt, *inner = make(2);
	void *value;

	rt = inner;
	is(green_runtime_run(inner, twice, arg, &value), 0, "run");
	ok(value == (void *)8, "a green thread enters another runtime");
	is(green_runtime_run(outer, twice, arg, NULL), 0, "its own, too");
	is(green_runtime_destroy(inner), 0, "and ends that");
	rt = outer;
	return value;
}

static void
entered(void)
{
	pthread_t thread;
	void *value;
	green_t id;

	rt = make(2);
	ok(doubled((void *)21) == (void *)42, "by a plain pthread");
	is(stats().workers, 2, "which does not become a worker");
	pthread_create(&thread, NULL, doubled, (void *)5);
	pthread_join(thread, &value);
	ok(value == (void *)10, "by another one, which ends");
	is(green_runtime_run(rt, inside, NULL, NULL), 0, "by its own threads");
	is(green_runtime_run(rt, nested, (void *)4, &value), 0, "nested");
	ok(value == (void *)8, "the inner one's value");
	green_self();
	ok(doubled((void *)7) == (void *)14, "by a main flow");
	green_spawn(&id, NULL, doubled, (void *)8);
	green_join(id, &value, GREEN_NEVER);
	ok(value == (void *)16, "by a green thread of another OS thread");
	is(green_runtime_destroy(rt), 0, "destroy");
}

static atomic_int go_on;

static void *
waits(void *arg)
{
	while (!go_on)
		green_sleep_until(green_after(100 * GREEN_MICROSECOND));
	return arg;
}

static void
busy(void)
{
	struct green_attr at = { .size = sizeof(at) };
	green_t id, unjoined;

	at.runtime = rt = make(2);
	is(green_spawn(&id, &at, waits, &at), 0, "a thread that lives");
	is(green_runtime_destroy(rt), -EBUSY, "destroy is refused");
	is(green_runtime_destroy(rt), -EBUSY, "again");
	is(green_spawn(&unjoined, &at, twice, NULL), 0, "it still works");
	go_on = 1;
	is(green_join(id, NULL, GREEN_NEVER), 0, "the thread ends");
	while (green_runtime_destroy(rt) == -EBUSY)
		sched_yield();
	is(green_join(unjoined, NULL, GREEN_NEVER), -ESRCH,
	   "one that was not joined is gone");
	is(stats().abandoned, 0, "it was not abandoned");
}

/* Its creator may end. */
static void *
creates(void *arg)
{
	(void)arg;
	return make(2);
}

static void
orphans(void)
{
	pthread_t thread;
	void *made;

	pthread_create(&thread, NULL, creates, NULL);
	pthread_join(thread, &made);
	rt = made;
	ok(doubled((void *)2) == (void *)4, "the creator has ended");
	is(green_runtime_destroy(rt), 0, "destroy");
}

static void *
looks_at_its_os_thread(void *arg)
{
	char name[16] = "";
	sigset_t set;

	(void)arg;
	pthread_getname_np(pthread_self(), name, sizeof(name));
	ok(!strcmp(name, "green-0"), "the OS thread's name is %s", name);
	pthread_sigmask(SIG_SETMASK, NULL, &set);
	ok(sigismember(&set, SIGINT) && sigismember(&set, SIGUSR1),
	   "signals are blocked");
	ok(!sigismember(&set, SIGSEGV), "faults are not");
	return NULL;
}

static void *
ends_the_os_thread(void *arg)
{
	pthread_exit(arg);
}

static void
deadly(void *arg)
{
	rt = make(2);
	green_runtime_run(rt, ends_the_os_thread, arg, NULL);
}

int
main(void)
{
	char text[512];
	int status;

	numbers();
	bad_arguments();
	busy();
	orphans();
	rt = make(1);
	green_runtime_run(rt, looks_at_its_os_thread, NULL, NULL);
	is(green_runtime_destroy(rt), 0, "destroy");
	if (TAP_TSAN) {
		skip("death", "no OS threads after fork() with this sanitizer");
	} else {
		status = dies(deadly, NULL, text, sizeof(text));
		ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
		   "pthread_exit() in a runtime's thread ends the process");
		ok(strstr(text, "pthread_exit"), "and says so: %s", text);
	}
	entered();
	is(stats().workers, 1, "only the main flow's worker is left");
	return tap_done();
}
