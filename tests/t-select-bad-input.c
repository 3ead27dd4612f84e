/* SPDX-License-Identifier: MIT */
/* Proves: a select with a clause that cannot be meant is refused and nothing
 * of the others happens, though they are ready; a private object refuses other
 * OS threads there, too; and reports name what is waited for. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

static struct green_chan *ch;
static struct green_sem sem, private;
static uint64_t item = 1;

static const struct green_clause ready = { .kind = GREEN_CLAUSE_SEM,
					   .object = &sem };

/* A good clause that is ready, and c. */
static int
with(struct green_clause c)
{
	struct green_clause both[2] = { ready, c };

	return green_select(both, 2, GREEN_NEVER);
}

static struct green_clause
good(uint32_t kind)
{
	struct green_clause c = { .kind = kind };

	switch (kind) {
	case GREEN_CLAUSE_SEND:
	case GREEN_CLAUSE_RECV:
		c.item = &item;
		c.size = 8;
		c.object = ch;
		break;
	case GREEN_CLAUSE_THREAD:
		c.id = 1;
		break;
	case GREEN_CLAUSE_SEM:
	case GREEN_CLAUSE_EVENT:
		c.object = &sem;
		break;
	default:
		break;
	}
	return c;
}

static void
arguments(void)
{
	struct green_clause c = ready;

	is(sizeof(struct green_clause), 64, "64 bytes");
	is(green_select(NULL, 1, 0), -EINVAL, "NULL clauses");
	is(green_select(&c, 1, -1), -EINVAL, "negative deadline");
	is(green_select(&c, (1u << 30) + 1, 0), -EINVAL, "very many");
	c.kind = 7;
	is(with(c), -EINVAL, "unknown kind");
	c.kind = UINT32_MAX;
	is(with(c), -EINVAL, "another");
	c = good(GREEN_CLAUSE_TIMER);
	c.time = -1;
	is(with(c), -EINVAL, "negative time");
	for (uint32_t kind = GREEN_CLAUSE_SEND; kind <= GREEN_CLAUSE_EVENT;
	     kind++) {
		c = good(kind);
		c.reserved = 1;
		is(with(c), -EINVAL, "kind %u: reserved", kind);
		c = good(kind);
		c.object = c.object ? NULL : &sem;
		is(with(c), -EINVAL, "object");
		c = good(kind);
		c.item = c.item ? NULL : &item;
		is(with(c), -EINVAL, "item");
		c = good(kind);
		c.size = 9;
		is(with(c), c.item ? -EMSGSIZE : -EINVAL, "size");
		c = good(kind);
		c.id = c.id ? 0 : 1;
		is(with(c), -EINVAL, "id");
		if (kind == GREEN_CLAUSE_TIMER)
			continue;
		c = good(kind);
		c.time = 1;
		is(with(c), -EINVAL, "time");
	}
	is(green_chan_len(ch), 0, "nothing was sent");
	is(green_sem_wait(&sem, 0), 0, "nothing was taken");
}

static void *
others(void *arg)
{
	struct green_clause c = { .kind = GREEN_CLAUSE_SEM,
				  .object = &private };

	if (arg)
		green_self();
	is(green_select(&c, 1, GREEN_NEVER), -EPERM, "others may not");
	is(with(c), -EPERM, "beside one that is ready");
	return NULL;
}

static void *
selects(void *arg)
{
	struct green_clause c[2] = { good(GREEN_CLAUSE_RECV),
				     { .kind = GREEN_CLAUSE_SEM,
				       .object = arg } };

	return (void *)(intptr_t)green_select(c, 2, GREEN_NEVER);
}

static void
privately(void)
{
	struct green_sync_attr attr = { sizeof(attr), GREEN_PRIVATE };
	pthread_t thread;
	void *value;
	green_t id;

	green_sem_post(&sem);
	is(green_sem_init(&private, 0, &attr), 0, "private");
	green_spawn(&id, NULL, selects, &private);
	green_yield();
	is(green_sem_fini(&private), -EBUSY, "a select waits");
	is(green_chan_destroy(ch), -EBUSY, "here, too");
	for (uintptr_t i = 0; i < 2; i++) {
		pthread_create(&thread, NULL, others, (void *)i);
		pthread_join(thread, NULL);
	}
	is(green_sem_post(&private), 0, "its worker may");
	green_join(id, &value, GREEN_NEVER);
	is((intptr_t)value, 1, "chosen");
	is(green_sem_wait(&sem, 0), 0, "nothing was taken");
}

static void *
selects_many(void *arg)
{
	struct green_clause c[12];

	for (int i = 0; i < 12; i++)
		c[i] = good(GREEN_CLAUSE_RECV);
	return (void *)(intptr_t)green_select(arg ? c : NULL, arg ? 12 : 0,
					      GREEN_NEVER);
}

static void
reported(void)
{
	FILE *file = tmpfile();
	char text[4096], want[128];
	green_t ids[3];

	green_spawn(&ids[0], NULL, selects, &sem);
	green_spawn(&ids[1], NULL, selects_many, &sem);
	green_spawn(&ids[2], NULL, selects_many, NULL);
	green_yield();
	green_dump(fileno(file));
	rewind(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	snprintf(want, sizeof(want),
		 "receives from channel %p or waits for semaphore %p",
		 (void *)ch, (void *)&sem);
	ok(strstr(text, want), "the dump has: %s", want);
	ok(strstr(text, "or one of 8 others"), "and cuts what is long");
	ok(strstr(text, "waits for nothing but time"), "or nothing");
	for (int i = 0; i < 3; i++) {
		green_interrupt(ids[i]);
		green_join(ids[i], NULL, GREEN_NEVER);
	}
}

int
main(void)
{
	green_sem_init(&sem, 1, NULL);
	green_chan_create(&ch, 8, 1, NULL);
	arguments();
	privately();
	reported();
	is(green_chan_destroy(ch), 0, "nobody waits");
	return tap_done();
}
