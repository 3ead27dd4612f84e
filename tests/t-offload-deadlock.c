/* SPDX-License-Identifier: MIT */
/* Proves: while a job is pending, nothing is a deadlock; when the pool is idle,
 * it is found, also if it came about while a job was running that does nothing
 * about it. */

#include "tap.h"

#include <sys/stat.h>

#include "gate.h"

static struct gate gate;
static struct green_event event = GREEN_EVENT_INIT;

static void *
nothing(void *arg)
{
	return arg;
}

static void *
sets(void *arg)
{
	gate_pass(arg);
	green_event_set(&event);
	return arg;
}

static void
use_the_pool(void)
{
	struct green_job *job;

	if (green_offload(&job, nothing, NULL) ||
	    green_offload_wait(job, NULL, GREEN_NEVER))
		_exit(3);
}

static void
when_idle(void *arg)
{
	(void)arg;
	alarm(100);
	green_self(); /* a pthread would wait for ever */
	use_the_pool();
	green_event_wait(&event, GREEN_NEVER);
}

/* A green thread's last turn: afterwards everybody waits for the event. */
static void *
open_at_last(void *arg)
{
	gate_open(arg, 1);
	return NULL;
}

static void
when_it_is_done(void *arg)
{
	struct green_job *job;

	alarm(100);
	gate_init(&gate);
	if (arg && green_offload(&job, gate_pass, &gate))
		_exit(4);
	if (arg)
		green_offload_drop(job, NULL);
	else if (green_offload(NULL, gate_pass, &gate))
		_exit(4);
	gate_reached(&gate, 1);
	green_spawn(NULL, NULL, open_at_last, &gate);
	green_event_wait(&event, GREEN_NEVER);
}

static void
is_reported(void (*fn)(void *), void *arg, const char *what)
{
	char text[4096];
	int status = dies(fn, arg, text, sizeof(text));

	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "%s", what);
	ok(strstr(text, "deadlock"), "and says why");
	ok(strstr(text, "waits for event"), "with what is waited for");
}

static void *
waits(void *arg)
{
	return green_event_wait(&event, GREEN_NEVER) ? NULL : arg;
}

static void *
collects(void *job)
{
	return (void *)(intptr_t)green_offload_wait(job, NULL, GREEN_NEVER);
}

static void
a_report_names_the_job(void)
{
	char text[4096] = "", want[64];
	struct green_job *job;
	void *value = NULL;
	int fds[2];
	green_t id;

	if (pipe(fds) < 0 || green_offload(&job, gate_pass, &gate))
		abort();
	snprintf(want, sizeof(want), "waits for job %p", (void *)job);
	green_spawn(&id, NULL, collects, job);
	green_yield();
	is(green_dump(fds[1]), 0, "dump");
	ok(read(fds[0], text, sizeof(text) - 1) > 0 && strstr(text, want), "%s",
	   want);
	gate_open(&gate, 1);
	is(green_join(id, &value, GREEN_NEVER), 0, "join");
	is((intptr_t)value, 0, "it was collected");
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	struct stat st;
	void *value = NULL;
	green_t id;

	if (TAP_TSAN)
		skip_all("TSan makes an OS thread of its own");
	if (stat("/proc/self/task", &st) || st.st_nlink != 3)
		skip_all("there is another OS thread, an emulator's");
	is_reported(when_idle, NULL, "only idle OS threads: a deadlock");
	is_reported(when_it_is_done, NULL, "nobody's job ends: a deadlock");
	is_reported(when_it_is_done, &gate, "a dropped one: the same");

	gate_init(&gate);
	use_the_pool();
	green_offload(NULL, sets, &gate);
	green_spawn(&id, NULL, waits, &gate);
	green_yield();
	green_spawn(NULL, NULL, open_at_last, &gate);
	is(green_join(id, &value, GREEN_NEVER), 0, "a job sets the event");
	ok(value == &gate, "and it is no deadlock");
	a_report_names_the_job();
	gate_fini(&gate);
	return tap_done();
}
