/* SPDX-License-Identifier: MIT */
/* Proves: what is wrong in a call for reader-writer locks is told by the
 * documented error and changes nothing; a writer is known, readers are counted;
 * a wait ends at its deadline, or when the thread is cancelled. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

static struct green_rwlock lock = GREEN_RWLOCK_INIT;

/* What others get while it is held. */
static void *
use(void *arg)
{
	int error = green_rwlock_write(&lock, 0);

	if (error != green_rwlock_read(&lock, 0))
		error = 1;
	if (green_rwlock_unlock(&lock) != -EPERM)
		error = 2;
	*(int *)arg = error;
	return NULL;
}

static int
others(void)
{
	pthread_t thread;
	green_t id;
	int errors[2] = { 77, 77 };

	green_spawn(&id, NULL, use, &errors[0]);
	green_join(id, NULL, GREEN_NEVER);
	pthread_create(&thread, NULL, use, &errors[1]);
	pthread_join(thread, NULL);
	return errors[0] == errors[1] ? errors[0] : 3;
}

static void
arguments(void)
{
	struct green_sync_attr attr = { sizeof(attr), GREEN_RECURSIVE };

	is(green_rwlock_init(NULL, NULL), -EINVAL, "init of NULL");
	is(green_rwlock_init(&lock, &attr), -EINVAL, "recursive");
	is(green_rwlock_init(&lock, NULL), 0, "no attr");
	is(green_rwlock_fini(NULL), 0, "fini of NULL");
	is(green_rwlock_read(NULL, 0), -EINVAL, "read NULL");
	is(green_rwlock_write(NULL, 0), -EINVAL, "write NULL");
	is(green_rwlock_unlock(NULL), -EINVAL, "unlock NULL");
	is(green_rwlock_read(&lock, -1), -EINVAL, "negative deadline");
	is(green_rwlock_write(&lock, -1), -EINVAL, "negative deadline");
	is(green_rwlock_unlock(&lock), -EPERM, "unlock a free one");
}

static void
owners(void)
{
	is(green_rwlock_write(&lock, 0), 0, "write");
	is(green_rwlock_write(&lock, GREEN_NEVER), -EDEADLK, "again");
	is(green_rwlock_read(&lock, GREEN_NEVER), -EDEADLK, "read as well");
	is(others(), -EAGAIN, "not for others, who cannot unlock it either");
	is(green_rwlock_fini(&lock), -EBUSY, "held");
	is(green_rwlock_unlock(&lock), 0, "unlock");
	is(green_rwlock_unlock(&lock), -EPERM, "once");
	is(green_rwlock_read(&lock, 0), 0, "read");
	is(green_rwlock_read(&lock, 1), 0, "and once more");
	is(green_rwlock_write(&lock, 0), -EAGAIN, "no writer");
	is(green_rwlock_write(&lock, 1), -ETIMEDOUT, "at any deadline");
	is(green_rwlock_fini(&lock), -EBUSY, "held");
	is(green_rwlock_unlock(&lock), 0, "unlock");
	is(green_rwlock_fini(&lock), -EBUSY, "by one still");
	is(green_rwlock_unlock(&lock), 0, "unlock");
	is(green_rwlock_unlock(&lock), -EPERM, "nobody holds it");
}

static void *
writes(void *arg)
{
	*(int *)arg = green_rwlock_write(&lock, GREEN_NEVER);
	return NULL;
}

static void
waits(void)
{
	int64_t now = green_now();
	int error = 77;
	green_t id;

	green_rwlock_read(&lock, GREEN_NEVER);
	is(green_rwlock_write(&lock, now + 5), -ETIMEDOUT, "a deadline");
	is(green_now() - now, 5, "at exactly that time");
	green_spawn(&id, NULL, writes, &error);
	green_yield();
	is(green_rwlock_fini(&lock), -EBUSY, "waited for");
	green_cancel(id);
	green_join(id, NULL, GREEN_NEVER);
	is(error, -ECANCELED, "cancelled");
	is(green_rwlock_read(&lock, 0), 0, "it is not in the way any more");
	is(green_rwlock_unlock(&lock), 0, "unlock");
	is(green_rwlock_unlock(&lock), 0, "unlock");
}

static void
private_to_a_worker(void)
{
	struct green_sync_attr attr = { sizeof(attr), GREEN_PRIVATE };
	pthread_t thread;
	int error = 0;

	is(green_rwlock_init(&lock, &attr), 0, "a private one");
	pthread_create(&thread, NULL, use, &error);
	pthread_join(thread, NULL);
	is(error, -EPERM, "is not for others");
	is(green_rwlock_read(&lock, 0), 0, "but for this worker");
	is(green_rwlock_unlock(&lock), 0, "unlock");
	is(green_rwlock_fini(&lock), 0, "fini");
}

int
main(void)
{
	green_clock_virtual(GREEN_SECOND);
	arguments();
	owners();
	waits();
	private_to_a_worker();
	return tap_done();
}
