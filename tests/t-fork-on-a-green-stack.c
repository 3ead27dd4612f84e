/* SPDX-License-Identifier: MIT */
/* Proves: a child forked by a green thread goes on in that thread alone, can
 * spawn and join, and exits with status 0, after its exit handlers, when that
 * thread and those that it made have ended: by return, green_exit(), in either
 * order; a child of that child does too. */

#include "tap.h"

#include <green.h>

static int way;
static green_t main_flow, fellow;

static void
say(const char *text)
{
	if (write(2, text, strlen(text)) < 0)
		_exit(90);
}

static void *
returns(void *arg)
{
	green_yield();
	return arg;
}

static void *
outlives(void *arg)
{
	for (int i = 0; i < 5; i++)
		green_yield();
	green_sleep_until(green_after(GREEN_MILLISECOND));
	say("outlived ");
	return arg;
}

/* An exit handler on the stack of the last thread: all works there. */
static void
at_exit(void)
{
	green_t id;
	void *value = NULL;

	if (green_spawn(&id, NULL, returns, &way) ||
	    green_join(id, &value, GREEN_NEVER) || value != &way)
		_exit(91);
	say("exit");
}

static void *
in_child(void *arg)
{
	green_t id;
	void *value = NULL;

	if (green_join(main_flow, NULL, 0) != -ESRCH ||
	    green_join(fellow, NULL, 0) != -ESRCH)
		_exit(92);
	if (green_spawn(&id, NULL, returns, arg) ||
	    green_join(id, &value, GREEN_NEVER) || value != arg)
		_exit(93);
	atexit(at_exit);
	say("child ");
	switch (way) {
	case 1:
		green_exit(arg);
	case 2:
		green_spawn(NULL, NULL, outlives, NULL);
		break;
	case 3:
		green_spawn(&id, NULL, outlives, NULL);
		break;
	default:
		break;
	}
	return arg;
}

static void *
forks(void *arg)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0 && way == 4) {
		/* A grandchild of the same kind. */
		pid = fork();
		if (pid == 0)
			return in_child(arg);
		waitpid(pid, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 94);
	}
	if (pid == 0)
		return in_child(arg);
	waitpid(pid, &status, 0);
	return (void *)(intptr_t)status;
}

static void *
sleeps(void *arg)
{
	green_sleep_until(GREEN_NEVER);
	return arg;
}

/* In a process of its own, for its stderr. */
static void
scene(void *arg)
{
	void *status = NULL;
	green_t id;

	(void)arg;
	main_flow = green_self();
	green_spawn(&fellow, NULL, sleeps, NULL);
	green_spawn(&id, NULL, forks, &id);
	if (green_join(id, &status, GREEN_NEVER))
		_exit(95);
	green_interrupt(fellow);
	if (green_join(fellow, NULL, GREEN_NEVER))
		_exit(96);
	if (status)
		say("bad status ");
}

int
main(void)
{
	static const char *const said[] = {
		"child exit",          "child exit", "child outlived exit",
		"child outlived exit", "child exit",
	};
	char text[200];
	int status;

	for (way = 0; way < 5; way++) {
		status = dies(scene, NULL, text, sizeof(text));
		ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
		   "way %d: the parent goes on", way);
		ok(!strcmp(text, said[way]), "said: %s", text);
	}
	return tap_done();
}
