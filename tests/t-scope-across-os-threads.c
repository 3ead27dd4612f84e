/* SPDX-License-Identifier: MIT */
/* Proves: members of a scope may be on any worker, spawned there by whoever
 * knows the scope; cancelling it, letting it fail and its deadline reach all of
 * them, from a plain pthread too; destroying it waits for all; and those that
 * are abandoned with their OS thread have left it. */

#include "tap.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include <green.h>

#define WORKERS 3
#define EACH 4

static struct green_scope *scope;
static atomic_int begun, ended, cancelled, wrong;
static int why; /* written before the scope is cancelled, read afterwards */
static sem_t ready;

static void *
sleeps(void *arg)
{
	if (++begun == WORKERS * EACH)
		sem_post(&ready);
	if (green_sleep_until(GREEN_NEVER) == -ECANCELED)
		cancelled++;
	wrong += why != 1;
	ended++;
	return arg;
}

/* Holds its cancellation off until the others have ended. */
static void *
stubborn(void *arg)
{
	green_shield(1);
	if (++begun == WORKERS * EACH)
		sem_post(&ready);
	while (ended < WORKERS * EACH - 1)
		green_sleep_until(green_after(GREEN_MICROSECOND));
	cancelled++;
	ended++;
	return arg;
}

/* A worker whose threads are all members, and which ends with them; or before,
 * if arg says so. */
static void *
worker(void *arg)
{
	for (int i = 0; i < EACH; i++)
		wrong += green_scope_spawn(scope, NULL, NULL, sleeps, NULL);
	if (!arg)
		green_exit(NULL);
	green_yield();
	return NULL;
}

static void *
one_is_stubborn(void *arg)
{
	for (int i = 0; i < EACH; i++)
		wrong += green_scope_spawn(scope, NULL, NULL,
					   i ? sleeps : stubborn, NULL);
	green_exit(arg);
}

static void
start(pthread_t *threads, void *(*first)(void *), int64_t deadline)
{
	struct green_scope_attr attr = {
		.size = sizeof(attr),
		.flags = GREEN_SCOPE_FAIL_CANCELS,
		.deadline = deadline,
	};

	begun = ended = cancelled = 0;
	why = deadline != 0;
	is(green_scope_create(&scope, &attr), 0, "create");
	for (int i = 0; i < WORKERS; i++)
		pthread_create(&threads[i], NULL, i ? worker : first, NULL);
	while (sem_wait(&ready) < 0)
		;
}

static void
finish(pthread_t *threads, const char *what)
{
	is(ended, WORKERS * EACH, "%s: all have ended", what);
	is(cancelled, WORKERS * EACH, "%s: and were cancelled", what);
	for (int i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
}

static void *
cancels(void *arg)
{
	why = 1;
	wrong += green_scope_cancel(scope) != 0;
	return arg;
}

static void *
fails(void *arg)
{
	why = 1;
	wrong += green_scope_fail(scope, -EIO) != 0;
	return arg;
}

static void
from_a_pthread(void *(*fn)(void *), int outcome, const char *what)
{
	pthread_t threads[WORKERS], other;

	start(threads, worker, 0);
	pthread_create(&other, NULL, fn, NULL);
	is(green_scope_wait(scope, GREEN_NEVER), outcome, "%s: wait", what);
	pthread_join(other, NULL);
	is(green_scope_destroy(scope), 0, "%s: destroy", what);
	finish(threads, what);
}

static void
from_its_creator(void)
{
	pthread_t threads[WORKERS];

	start(threads, worker, 0);
	why = 1;
	is(green_scope_destroy(scope), 0, "destroy");
	finish(threads, "destroy");
	start(threads, one_is_stubborn, 0);
	why = 1;
	is(green_scope_destroy(scope), 0, "destroy with a stubborn one");
	finish(threads, "stubborn");
}

static void
by_its_deadline(void)
{
	pthread_t threads[WORKERS];
	int64_t until = green_after(2 * GREEN_MILLISECOND);

	start(threads, worker, until);
	is(green_scope_wait(scope, GREEN_NEVER), -ETIMEDOUT, "deadline");
	ok(green_now() >= until, "not too early");
	is(green_scope_destroy(scope), 0, "destroy");
	finish(threads, "deadline");
}

/* Main returns, and abandons its members. */
static void
abandoned(void)
{
	pthread_t thread;

	begun = 0;
	is(green_scope_create(&scope, NULL), 0, "create");
	pthread_create(&thread, NULL, worker, &ready);
	is(pthread_join(thread, NULL), 0, "a worker that abandons its members");
	is(begun, EACH, "which had begun");
	is(green_scope_wait(scope, GREEN_NEVER), 0, "they have left");
	is(green_scope_destroy(scope), 0, "destroy");
}

/* One that waits in an OS thread which ends. */
static void *
owns_a_scope(void *arg)
{
	green_scope_create(&scope, NULL);
	green_scope_enter(scope);
	green_scope_spawn(scope, NULL, NULL, worker, &ready);
	green_scope_wait(scope, GREEN_NEVER);
	return arg;
}

static void *
ends(void *arg)
{
	green_spawn(NULL, NULL, owns_a_scope, NULL);
	for (int i = 0; i < 4; i++)
		green_yield();
	return arg;
}

static void
owner_abandoned(void)
{
	pthread_t thread;

	begun = 0;
	pthread_create(&thread, NULL, ends, NULL);
	is(pthread_join(thread, NULL), 0, "a scope whose owner is abandoned");
	is(begun, EACH, "with its members");
	is(green_scope_cancel(scope), 0, "has nobody to cancel");
	is(green_scope_destroy(scope), -EPERM, "and belongs to nobody");
}

int
main(void)
{
	sem_init(&ready, 0, 0);
	from_a_pthread(cancels, 0, "cancel");
	from_a_pthread(fails, -EIO, "fail");
	from_its_creator();
	by_its_deadline();
	abandoned();
	owner_abandoned();
	is(wrong, 0, "spawns that failed, and values not seen");
	return tap_done();
}
