/* SPDX-License-Identifier: MIT */
/* Proves: green_dump() lists every thread of the worker with id, name, state,
 * what it waits for, where it was spawned and its stack, in a process of any
 * state; other workers' are counted; a bad descriptor is an error. */

#include "tap.h"

#include <inttypes.h>
#include <pthread.h>

#include <green.h>

static char text[8192];

static int
dump(void)
{
	int fds[2], error;
	ssize_t n;

	if (pipe(fds) < 0)
		return -1;
	error = green_dump(fds[1]);
	n = read(fds[0], text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = '\0';
	close(fds[0]);
	close(fds[1]);
	return error;
}

/* The line of a thread contains the words. */
static void
says(green_t id, const char *words)
{
	char start[40], *line, *end;

	snprintf(start, sizeof(start), "thread %" PRIu64, id);
	for (line = strstr(text, start); line; line = strstr(line + 1, start)) {
		char after = line[strlen(start)];
		/* Not where another one joins it, nor a longer number. */
		int whole = (after == ' ' || after == ':') && line > text &&
			    line[-1] == ' ' && line[-2] == ' ';

		if (whole)
			break;
	}
	if (!ok(line != NULL, "%s is listed", start))
		return;
	end = strchr(line, '\n');
	*end = '\0';
	ok(strstr(line, words), "%s", line);
	*end = '\n';
}

static green_t target;

static void *
sleeps(void *arg)
{
	green_sleep_until(green_after(1000 * GREEN_SECOND));
	return arg;
}

static void *
joins(void *arg)
{
	green_join(target, NULL, GREEN_NEVER);
	return arg;
}

static void *
yields(void *arg)
{
	green_yield();
	return arg;
}

static void *
returns(void *arg)
{
	return arg;
}

static pthread_barrier_t barrier;

static void *
os_thread(void *arg)
{
	green_t id;

	green_spawn(&id, NULL, returns, NULL);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	green_join(id, NULL, GREEN_NEVER);
	return arg;
}

int
main(void)
{
	struct green_attr attr = { .size = sizeof(attr), .name = "rip van" };
	green_t joiner, yielder, ended, fresh;
	char words[64];
	pthread_t other;

	is(dump(), 0, "without any thread");
	ok(strstr(text, "0 green threads"), "none: %s", text);
	green_spawn(&target, &attr, sleeps, NULL);
	green_spawn(&joiner, NULL, joins, NULL);
	green_spawn(&yielder, NULL, yields, NULL);
	green_spawn(&ended, NULL, returns, NULL);
	green_yield();
	green_spawn(&fresh, NULL, returns, NULL);
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&other, NULL, os_thread, NULL);
	pthread_barrier_wait(&barrier);
	is(dump(), 0, "dump");
	pthread_barrier_wait(&barrier);
	pthread_join(other, NULL);

	ok(strstr(text, "6 green threads"), "how many");
	says(green_self(), "(main flow): running");
	says(target, "\"rip van\": sleeps, deadline in 9");
	says(target, "spawned at 0x");
	says(target, "bytes used");
	snprintf(words, sizeof(words), ": joins thread %" PRIu64, target);
	says(joiner, words);
	says(yielder, ": ready");
	says(ended, ": ended, not joined");
	says(fresh, ": not started");
	ok(strstr(text, "and 2 on other workers"), "others");
	is(green_dump(-1), -EBADF, "a bad descriptor");
	return tap_done();
}
