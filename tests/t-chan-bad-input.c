/* SPDX-License-Identifier: MIT */
/* Proves: calls on a channel refuse what they cannot do and lose nothing by
 * it, a buffer of the wrong size above all; a private one refuses other OS
 * threads; and reports say who waits for which. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

static struct green_chan *ch, *private;

static void
creation(void)
{
	struct {
		struct green_chan_attr attr;
		uint64_t more;
	} large = { { .size = sizeof(large) }, 1 };
	struct green_chan_attr attr = { .size = sizeof(attr),
					.flags = 1 << 30 };

	is(green_chan_create(NULL, 8, 0, NULL), -EINVAL, "create NULL");
	is(green_chan_create(&ch, 8, -1, NULL), -EINVAL, "capacity");
	is(green_chan_create(&ch, 8, 0, &attr), -EINVAL, "unknown flags");
	attr.size = 1;
	is(green_chan_create(&ch, 8, 0, &attr), -EINVAL, "small attr");
	is(green_chan_create(&ch, 8, 0, &large.attr), -E2BIG, "more fields");
	is(green_chan_create(&ch, SIZE_MAX, 2, NULL), -ENOMEM, "large items");
	is(green_chan_create(&ch, 1 << 20, GREEN_CHAN_UNBOUNDED - 1, NULL),
	   -ENOMEM, "a large capacity");
	ok(!ch, "nothing was created");
	is(green_chan_destroy(NULL), 0, "destroy NULL");
	is(green_chan_close(NULL), -EINVAL, "close NULL");
	is(green_chan_len(NULL), -EINVAL, "length of NULL");
	large.more = 0;
	is(green_chan_create(&ch, 8, 1, &large.attr), 0, "fields of zero");
}

static void
items(void)
{
	uint64_t n = 42;
	char small[4] = "abc";

	is(green_chan_send(NULL, &n, 8, 0), -EINVAL, "send to NULL");
	is(green_chan_recv(NULL, &n, 8, 0), -EINVAL, "receive from NULL");
	is(green_chan_send(ch, NULL, 8, 0), -EINVAL, "send NULL");
	is(green_chan_send(ch, &n, 8, -1), -EINVAL, "negative deadline");
	is(green_chan_send(ch, small, 4, GREEN_NEVER), -EMSGSIZE, "small");
	is(green_chan_send(ch, NULL, 0, GREEN_NEVER), -EMSGSIZE, "nothing");
	is(green_chan_len(ch), 0, "nothing was sent");
	is(green_chan_send(ch, &n, 8, 0), 0, "send");
	n = 0;
	is(green_chan_recv(ch, NULL, 8, 0), -EINVAL, "receive to NULL");
	is(green_chan_recv(ch, small, 4, 0), -EMSGSIZE, "to a small buffer");
	is(green_chan_recv(ch, &n, 16, 0), -EMSGSIZE, "to a large one");
	is(green_chan_recv(ch, &n, 8, -1), -EINVAL, "negative deadline");
	ok(!strcmp(small, "abc") && n == 0, "nothing was written");
	is(green_chan_recv(ch, &n, 8, 0), 0, "receive");
	is(n, 42, "nothing was lost");
}

static void *
others(void *arg)
{
	uint64_t n = 0;

	if (arg)
		green_self();
	is(green_chan_send(private, &n, 8, GREEN_NEVER), -EPERM, "send");
	is(green_chan_recv(private, &n, 8, GREEN_NEVER), -EPERM, "receive");
	is(green_chan_len(private), -EPERM, "length");
	is(green_chan_close(private), -EPERM, "close");
	is(green_chan_destroy(private), -EPERM, "destroy");
	return NULL;
}

static void *
receives(void *arg)
{
	uint64_t n = 0;

	green_chan_recv(arg, &n, 8, GREEN_NEVER);
	return (void *)(uintptr_t)n;
}

static void *
sends(void *arg)
{
	uint64_t n = 43;

	green_chan_send(arg, &n, 8, GREEN_NEVER);
	return NULL;
}

static void
privately(void)
{
	struct green_chan_attr attr = { sizeof(attr), GREEN_PRIVATE };
	uint64_t n = 42;
	pthread_t thread;
	void *value;
	green_t id;

	is(green_chan_create(&private, 8, 0, &attr), 0, "private");
	for (uintptr_t i = 0; i < 2; i++) {
		pthread_create(&thread, NULL, others, (void *)i);
		pthread_join(thread, NULL);
	}
	green_spawn(&id, NULL, receives, private);
	green_yield();
	is(green_chan_destroy(private), -EBUSY, "destroy while waited for");
	is(green_chan_send(private, &n, 8, 0), 0, "its worker may");
	is(green_chan_destroy(private), 0,
	   "who was woken needs a private one no more");
	green_join(id, &value, GREEN_NEVER);
	is((uintptr_t)value, 42, "received");
}

static void
reported(void)
{
	FILE *file = tmpfile();
	struct green_chan *other;
	char text[4096], want[64];
	uint64_t n;
	green_t a, b;

	green_chan_create(&other, 8, 0, NULL);
	green_spawn(&a, NULL, receives, ch);
	green_spawn(&b, NULL, sends, other);
	green_yield();
	green_dump(fileno(file));
	rewind(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	snprintf(want, sizeof(want), "receives from channel %p", (void *)ch);
	ok(strstr(text, want), "the dump has: %s", want);
	snprintf(want, sizeof(want), "sends to channel %p", (void *)other);
	ok(strstr(text, want), "the dump has: %s", want);
	is(green_chan_destroy(ch), -EBUSY, "somebody receives");
	is(green_chan_destroy(other), -EBUSY, "somebody sends");
	green_chan_recv(other, &n, 8, GREEN_NEVER);
	green_chan_send(ch, &n, 8, GREEN_NEVER);
	green_join(a, NULL, GREEN_NEVER);
	green_join(b, NULL, GREEN_NEVER);
	is(green_chan_destroy(ch), 0, "destroy");
	is(green_chan_destroy(other), 0, "both");
}

int
main(void)
{
	creation();
	items();
	privately();
	reported();
	return tap_done();
}
