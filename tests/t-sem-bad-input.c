/* SPDX-License-Identifier: MIT */
/* Proves: calls on a semaphore refuse what they cannot do, a private one
 * refuses other OS threads, and reports say who waits for which. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

static struct green_sem sem, private;

static void
arguments(void)
{
	struct {
		struct green_sync_attr attr;
		uint64_t more;
	} large = { { .size = sizeof(large) }, 1 };
	struct green_sync_attr attr = { .size = sizeof(attr),
					.flags = 1 << 30 };

	is(green_sem_init(NULL, 0, NULL), -EINVAL, "init of NULL");
	is(green_sem_init(&sem, GREEN_SEM_MAX + 1u, NULL), -EINVAL, "value");
	is(green_sem_init(&sem, 0, &attr), -EINVAL, "unknown flags");
	attr.size = 1;
	is(green_sem_init(&sem, 0, &attr), -EINVAL, "small attr");
	is(green_sem_init(&sem, 0, &large.attr), -E2BIG, "unknown fields");
	is(green_sem_wait(NULL, 0), -EINVAL, "wait of NULL");
	is(green_sem_wait(&sem, -1), -EINVAL, "negative deadline");
	is(green_sem_post(NULL), -EINVAL, "post of NULL");
	is(green_sem_fini(NULL), 0, "fini of NULL");
	is(sizeof(struct green_sem), 64, "sizeof struct green_sem");

	is(green_sem_init(&sem, GREEN_SEM_MAX - 1, NULL), 0, "a large value");
	is(green_sem_post(&sem), 0, "the largest");
	is(green_sem_post(&sem), -EOVERFLOW, "no more");
	is(green_sem_wait(&sem, -1), -EINVAL, "negative, though it could");
	is(green_sem_wait(&sem, 0), 0, "it is what it was");
	is(green_sem_post(&sem), 0, "the largest again");
	is(green_sem_post(&sem), -EOVERFLOW, "and no more");
	green_sem_init(&sem, 0, NULL);
}

static void *
others(void *arg)
{
	int as_worker = arg != NULL;

	if (as_worker)
		green_self();
	is(green_sem_wait(&private, 0), -EPERM, "wait");
	is(green_sem_wait(&private, GREEN_NEVER), -EPERM, "wait for ever");
	is(green_sem_post(&private), -EPERM, "post");
	is(green_sem_fini(&private), -EPERM, "fini");
	return NULL;
}

static void *
waits(void *arg)
{
	return (void *)(intptr_t)green_sem_wait(arg, GREEN_NEVER);
}

static void
privately(void)
{
	struct green_sync_attr attr = { sizeof(attr), GREEN_PRIVATE };
	pthread_t thread;
	void *value;
	green_t id;

	is(green_sem_init(&private, 1, &attr), 0, "private");
	for (uintptr_t i = 0; i < 2; i++) {
		pthread_create(&thread, NULL, others, (void *)i);
		pthread_join(thread, NULL);
	}
	is(green_sem_wait(&private, 0), 0, "its worker may");
	green_spawn(&id, NULL, waits, &private);
	green_yield();
	is(green_sem_fini(&private), -EBUSY, "fini while waited for");
	is(green_sem_post(&private), 0, "post");
	green_join(id, &value, GREEN_NEVER);
	ok(!value, "handed over");
	is(green_sem_fini(&private), 0, "fini");
}

static void
reported(void)
{
	FILE *file = tmpfile();
	char text[4096], want[64];
	size_t len;
	green_t id;

	green_spawn(&id, NULL, waits, &sem);
	green_yield();
	green_dump(fileno(file));
	rewind(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	snprintf(want, sizeof(want), "waits for semaphore %p", (void *)&sem);
	ok(strstr(text, want), "the dump has: %s", want);
	fclose(file);
	green_sem_post(&sem);
	green_join(id, NULL, GREEN_NEVER);
}

int
main(void)
{
	arguments();
	privately();
	reported();
	return tap_done();
}
