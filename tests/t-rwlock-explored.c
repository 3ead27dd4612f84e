/* SPDX-License-Identifier: MIT */
/* Proves: in every order, preempted in any call, a reader-writer lock is held
 * by one writer or by readers, is handed on past those that give up, which let
 * in whom they kept out, and is free at the end. */

#include "explored.h"

static struct green_rwlock lock;
static struct green_sem other_reads;
static int readers, writers, intruded, held;

static void
begin(void)
{
	memset(&lock, 0, sizeof(lock));
	memset(&other_reads, 0, sizeof(other_reads));
	readers = writers = intruded = held = 0;
}

static void *
end(int want_held)
{
	if (intruded)
		return wrong("a writer was not alone");
	if (held != want_held)
		return wrong("not as many locks as successes");
	if (green_rwlock_write(&lock, 0))
		return wrong("not free at the end");
	if (green_rwlock_unlock(&lock) || green_rwlock_fini(&lock) ||
	    green_sem_fini(&other_reads))
		return wrong("busy at the end");
	return NULL;
}

static void *
write_until(void *deadline)
{
	int error = green_rwlock_write(&lock, *(int64_t *)deadline);

	if (error)
		return (void *)(intptr_t)error;
	intruded |= readers || writers++;
	held++;
	green_yield();
	writers--;
	return (void *)(intptr_t)green_rwlock_unlock(&lock);
}

static void *
read_until(void *deadline)
{
	int error = green_rwlock_read(&lock, *(int64_t *)deadline);

	if (error)
		return (void *)(intptr_t)error;
	intruded |= writers;
	readers++;
	held++;
	green_yield();
	readers--;
	return (void *)(intptr_t)green_rwlock_unlock(&lock);
}

static void *
mixed(green_fn fn, enum stop how)
{
	green_t a, b, c;
	int less;

	begin();
	a = spawned(read_until, &never);
	b = stoppable(fn, how);
	c = spawned(write_until, &never);
	less = gave_up(b, how);
	if (less < 0)
		return wrong("neither locked nor gave up");
	if (result_of(a) || result_of(c))
		return wrong("a lock without a limit failed");
	return end(3 - less);
}

static void *
one_writes(void *stop)
{
	return mixed(write_until, (enum stop)(uintptr_t)stop);
}

static void *
one_reads(void *stop)
{
	return mixed(read_until, (enum stop)(uintptr_t)stop);
}

/* Keeps it until the other has it, too. */
static void *
read_together(void *arg)
{
	int error = green_rwlock_read(&lock, GREEN_NEVER);

	if (error)
		return (void *)(intptr_t)error;
	intruded |= writers;
	held++;
	readers++;
	if (arg)
		green_sem_post(&other_reads);
	else
		error = green_sem_wait(&other_reads, GREEN_NEVER);
	readers--;
	return green_rwlock_unlock(&lock) ? (void *)1 : (void *)(intptr_t)error;
}

/* The writer between them gives up, or comes first or last. */
static void *
meet(void *stop)
{
	enum stop how = (enum stop)(uintptr_t)stop;
	green_t a, b, c;
	int less;

	begin();
	a = spawned(read_together, NULL);
	b = stoppable(write_until, how);
	c = spawned(read_together, &lock);
	less = gave_up(b, how);
	if (less < 0)
		return wrong("neither locked nor gave up");
	if (result_of(a) || result_of(c))
		return wrong("a lock without a limit failed");
	return end(3 - less);
}

static void
all(void)
{
	uint64_t few = (uint64_t)tap_scale(2, 1);

	explored_stops(one_writes, STOPS("reader, writer, writer"));
	explored_stops(one_reads, STOPS("reader, reader, writer"));
	/* Without an end to its wait the writer would be waited for. */
	explored(meet, (void *)STOP_BY_TIME, few, "readers, a time-out");
	explored(meet, (void *)STOP_BY_CANCEL, few, "readers, a cancellation");
}

int
main(void)
{
	return explored_alone_and_in_company(all);
}
