/* SPDX-License-Identifier: MIT */
/*
 * Thread-specific values.
 *
 * A key is an index into one table of the process and the number of times
 * that place was handed out before. Values carry that number along, so those
 * under a deleted key are forgotten without visiting any thread. A thread's
 * own table is as long as its highest key, and is made at the first set.
 */

#include "config.h"

#include "base.h"
#include "mem.h"
#include "sched.h"
#include "thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define INDEX_BITS 10
#define DESTRUCTOR_ROUNDS 4

_Static_assert(GREEN_KEYS_MAX == 1 << INDEX_BITS, "keys fit");

/* Under keys_lock to change; turn is read without: a key that is deleted
 * while another OS thread uses it is the caller's race. */
static struct {
	_Atomic uint32_t turn; /* odd: in use */
	void (*destructor)(void *value);
} keys[GREEN_KEYS_MAX];
static pthread_mutex_t keys_lock = PTHREAD_MUTEX_INITIALIZER;

#define TURN_LAST ((UINT32_C(1) << (32 - INDEX_BITS)) - 1)

struct key_table {
	uint32_t count;
	struct {
		void *value;
		uint32_t turn;
	} slot[];
};

static green_key_t
key_make(uint32_t index, uint32_t turn)
{
	return turn << INDEX_BITS | index;
}

static uint32_t
key_index(green_key_t key)
{
	return key & (GREEN_KEYS_MAX - 1);
}

static uint32_t
turn_of(uint32_t index)
{
	return atomic_load_explicit(&keys[index].turn, memory_order_relaxed);
}

static bool
exists(green_key_t key)
{
	uint32_t turn = key >> INDEX_BITS;

	return turn & 1 && turn_of(key_index(key)) == turn;
}

int
green_key_create(green_key_t *ret_key, void (*destructor)(void *value))
{
	uint32_t i, turn;
	int error = -EAGAIN;

	if (!ret_key)
		return -EINVAL;
	pthread_mutex_lock(&keys_lock);
	for (i = 0; i < GREEN_KEYS_MAX; i++) {
		turn = turn_of(i);
		/* A place whose turns are used up is never handed out again. */
		if (turn & 1 || turn + 1 >= TURN_LAST)
			continue;
		keys[i].destructor = destructor;
		atomic_store_explicit(&keys[i].turn, turn + 1,
				      memory_order_relaxed);
		*ret_key = key_make(i, turn + 1);
		error = 0;
		break;
	}
	pthread_mutex_unlock(&keys_lock);
	return error;
}

int
green_key_delete(green_key_t key)
{
	int error = -EINVAL;

	pthread_mutex_lock(&keys_lock);
	if (exists(key)) {
		atomic_store_explicit(&keys[key_index(key)].turn,
				      (key >> INDEX_BITS) + 1,
				      memory_order_relaxed);
		error = 0;
	}
	pthread_mutex_unlock(&keys_lock);
	return error;
}

/* Make room for count values. */
static int
grow(struct thread *t, uint32_t count)
{
	struct key_table *table = t->keys;
	uint32_t old = table ? table->count : 0;

	if (count <= old)
		return 0;
	count = (count + 7) & ~UINT32_C(7);
	table = green__realloc(table,
			       sizeof(*table) + count * sizeof(table->slot[0]));
	if (!table)
		return -ENOMEM;
	memset(&table->slot[old], 0, (count - old) * sizeof(table->slot[0]));
	table->count = count;
	t->keys = table;
	t->flags |= T_UNUSUAL;
	return 0;
}

int
green_key_set(green_key_t key, void *value)
{
	struct thread *t = green__current();
	uint32_t i = key_index(key);

	if (!exists(key))
		return -EINVAL;
	if (!t || grow(t, i + 1))
		return -ENOMEM;
	t->keys->slot[i].value = value;
	t->keys->slot[i].turn = key >> INDEX_BITS;
	return 0;
}

void *
green_key_get(green_key_t key)
{
	struct worker *w = green__worker_get();
	struct key_table *table = w ? w->current->keys : NULL;
	uint32_t i = key_index(key);

	if (!table || i >= table->count || !exists(key) ||
	    table->slot[i].turn != key >> INDEX_BITS)
		return NULL;
	return table->slot[i].value;
}

/* One round; returns whether any destructor ran. */
static bool
run_round(struct thread *t)
{
	bool ran = false;

	for (uint32_t i = 0; i < t->keys->count; i++) {
		void (*destructor)(void *);
		void *value = t->keys->slot[i].value;

		t->keys->slot[i].value = NULL;
		if (!value || !exists(key_make(i, t->keys->slot[i].turn)))
			continue;
		destructor = keys[i].destructor;
		if (!destructor)
			continue;
		ran = true;
		/* May set values, and so move the table. */
		destructor(value);
	}
	return ran;
}

void
green__keys_run(struct thread *t)
{
	for (int round = 0; round < DESTRUCTOR_ROUNDS; round++)
		if (!t->keys || !run_round(t))
			return;
}

void
green__keys_lock(void)
{
	pthread_mutex_lock(&keys_lock);
}

void
green__keys_unlock(void)
{
	pthread_mutex_unlock(&keys_lock);
}

void
green__keys_free(struct thread *t)
{
	green__free(t->keys);
	t->keys = NULL;
}
