/* SPDX-License-Identifier: MIT */
/* Proves: two threads that each hold a mutex and want the other's are reported
 * as a deadlock, with both mutexes and who holds each; green_dump() shows a
 * wait for a mutex that an OS thread without a runtime holds. */

#include "tap.h"

#include <inttypes.h>
#include <pthread.h>
#include <sys/syscall.h>

#include <green.h>

static struct green_mutex left = GREEN_MUTEX_INIT, right = GREEN_MUTEX_INIT;

struct dinner {
	struct green_mutex *first, *second;
};

static void *
dine(void *arg)
{
	struct dinner *d = arg;

	green_mutex_lock(d->first, GREEN_NEVER);
	green_yield();
	green_mutex_lock(d->second, GREEN_NEVER);
	return NULL;
}

static void
deadlock(void *arg)
{
	struct dinner one = { &left, &right }, two = { &right, &left };
	green_t ids[2];
	char line[100];
	int n;

	green_spawn(&ids[0], NULL, dine, &one);
	green_spawn(&ids[1], NULL, dine, &two);
	n = snprintf(line, sizeof(line), "%" PRIu64 " %" PRIu64 "\n", ids[0],
		     ids[1]);
	if (write(2, line, (size_t)n) < 0)
		_exit(90);
	green_join(ids[0], NULL, GREEN_NEVER);
	(void)arg;
}

static void
says(const char *text, const char *want)
{
	if (!ok(strstr(text, want) != NULL, "%s", want))
		printf("# %s\n", text);
}

static void
deadlock_is_reported(void)
{
	char text[4096], line[128];
	uint64_t one = 0, two = 0;
	int status = dies(deadlock, NULL, text, sizeof(text));

	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "SIGABRT");
	is(sscanf(text, "%" SCNu64 " %" SCNu64, &one, &two), 2, "ids");
	says(text, "deadlock");
	snprintf(line, sizeof(line),
		 "thread %" PRIu64 ": locks mutex %#jx, held by thread %" PRIu64
		 ",",
		 one, (uintmax_t)(uintptr_t)&right, two);
	says(text, line);
	snprintf(line, sizeof(line),
		 "thread %" PRIu64 ": locks mutex %#jx, held by thread %" PRIu64
		 ",",
		 two, (uintmax_t)(uintptr_t)&left, one);
	says(text, line);
}

static pthread_barrier_t barrier;
static long number;

static void *
hold(void *arg)
{
	green_mutex_lock(&left, GREEN_NEVER);
	number = syscall(SYS_gettid);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	green_mutex_unlock(&left);
	return arg;
}

static void
dump(char *text, size_t size)
{
	int fds[2];
	ssize_t n;

	if (pipe(fds) < 0)
		return;
	green_dump(fds[1]);
	n = read(fds[0], text, size - 1);
	text[n < 0 ? 0 : n] = '\0';
	close(fds[0]);
	close(fds[1]);
}

static void
holder_without_runtime(void)
{
	struct dinner d = { &left, &right };
	char text[4096] = "", line[128];
	pthread_t thread;
	green_t id;

	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&thread, NULL, hold, NULL);
	pthread_barrier_wait(&barrier);
	green_spawn(&id, NULL, dine, &d);
	green_yield();
	dump(text, sizeof(text));
	snprintf(line, sizeof(line),
		 "thread %" PRIu64 ": locks mutex %#jx, held by OS thread %ld,",
		 id, (uintmax_t)(uintptr_t)&left, number);
	says(text, line);
	pthread_barrier_wait(&barrier);
	green_join(id, NULL, GREEN_NEVER);
	pthread_join(thread, NULL);
}

int
main(void)
{
	if (TAP_TSAN)
		skip("a deadlock",
		     "a thread of ThreadSanitizer's could end it");
	else
		deadlock_is_reported();
	holder_without_runtime();
	return tap_done();
}
