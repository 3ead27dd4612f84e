/* SPDX-License-Identifier: MIT */
/* Proves: the child of fork() has a pool of its own. What was done can be
 * collected there; what was not is lost, and says so; what was queued is
 * forgotten when it is dropped, what was running is not. The parent does not
 * notice. Also when it is a job that forks. */

#include "tap.h"

#include <sched.h>

#include "gate.h"

static struct gate gate;
static struct green_job *done, *running, *queued;
static int forgets;

static void *
nothing(void *arg)
{
	return arg;
}

static void
forget(void *arg, void *value)
{
	forgets += arg == &gate && !value;
}

static int
in_child(void)
{
	struct green_clause c = { .kind = GREEN_CLAUSE_JOB };
	struct green_job *job;
	void *value = NULL;

	alarm(100);
	if (green_offload_wait(done, &value, 0) || value != &done)
		return 1;
	if (green_offload_wait(running, &value, GREEN_NEVER) != -ESRCH ||
	    green_offload_wait(queued, &value, 0) != -ESRCH)
		return 2;
	c.object = queued;
	if (green_select(&c, 1, GREEN_NEVER) || c.result != -ESRCH)
		return 3;
	if (green_offload(&job, nothing, &job) ||
	    green_offload_wait(job, &value, GREEN_NEVER) || value != &job)
		return 4;
	if (green_offload_drop(running, forget) || forgets != 0)
		return 5;
	if (green_offload_drop(queued, forget) || forgets != 1)
		return 6;
	return 0;
}

static void *
waits(void *job)
{
	void *value = NULL;

	return green_offload_wait(job, &value, GREEN_NEVER) ? NULL : value;
}

/* ---- a job that forks -------------------------------------------------- */

static void *
forks(void *arg)
{
	struct green_job *job;
	void *value = NULL;
	pid_t pid = fork();
	int status = -1;

	if (pid) {
		waitpid(pid, &status, 0);
		return (void *)(intptr_t)status;
	}
	alarm(100);
	if (green_offload(&job, nothing, arg) ||
	    green_offload_wait(job, &value, GREEN_NEVER) || value != arg)
		_exit(1);
	return NULL; /* the only OS thread ends, and with it the process */
}

int
main(void)
{
	const char *emulator = getenv("TEST_EMULATOR");
	struct green_job *job, *other;
	void *value = NULL;
	green_t id;
	int error;

	if (TAP_SANITIZED)
		skip_all("the sanitizers' own locks do not survive fork()");
	if (emulator && strstr(emulator, "qemu"))
		skip_all("qemu-user aborts in a child of several OS threads");
	setenv("GREEN_OFFLOAD_THREADS", "1", 1);
	gate_init(&gate);
	green_offload(&done, nothing, &done);
	green_offload(&running, gate_pass, &gate);
	gate_reached(&gate, 1); /* so the one before is done */
	green_offload(&queued, gate_pass, &gate);
	green_offload(NULL, gate_pass, &gate);
	green_offload(&other, gate_pass, &gate);
	green_spawn(&id, NULL, waits, other);
	green_yield();
	holds_in_child(in_child, "in the child");

	is(green_offload_wait(running, NULL, 0), -EAGAIN, "it still runs");
	gate_open(&gate, 4);
	is(green_offload_wait(done, NULL, 0), 0, "done in the parent");
	is(green_offload_wait(running, NULL, GREEN_NEVER), 0, "so is this");
	is(green_offload_wait(queued, NULL, GREEN_NEVER), 0, "and this");
	green_join(id, &value, GREEN_NEVER);
	ok(value == &gate, "and what somebody waited for");
	is(gate.passed, 4, "nobody's, too");
	gate_fini(&gate);

	/* Its child is not to find half a line of output. */
	error = green_offload(&job, forks, &job);
	if (!error)
		error = green_offload_wait(job, &value, GREEN_NEVER);
	is(error, 0, "a job that forks");
	is((intptr_t)value, 0, "all was well in its child");
	return tap_done();
}
