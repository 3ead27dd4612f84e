/* SPDX-License-Identifier: MIT */
/* Proves: a deadline, a cancellation, an interruption and the want of memory,
 * at whichever byte of a line or piece they come, end the call with their own
 * error, and lose nothing: the same call, made again, brings all of it. */

#include "tap.h"

#include <pthread.h>

#include "mem.h"

#include <green.h>

static const char text[] = "a line, and \r\nanother one\n";
#define FIRST 14
#define LENGTH (sizeof(text) - 1)

static struct green_reader reader;
static int fds[2], wrong;

static ssize_t
a_line(int64_t deadline)
{
	char *line = NULL;
	ssize_t n = green_reader_line(&reader, '\n', &line, deadline);

	if (n > 0 && (n != FIRST || memcmp(line, text, FIRST)))
		wrong++;
	return n;
}

static ssize_t
a_piece(int64_t deadline)
{
	char piece[FIRST];
	ssize_t n = green_reader_exactly(&reader, piece, FIRST, deadline);

	if (n > 0 && (n != FIRST || memcmp(piece, text, FIRST)))
		wrong++;
	return n;
}

static ssize_t
a_look(int64_t deadline)
{
	char *bytes = NULL;
	ssize_t n = green_reader_peek(&reader, FIRST, &bytes, deadline);

	if (n > 0 && (n < FIRST || memcmp(bytes, text, FIRST)))
		wrong++;
	if (n > 0)
		wrong += green_reader_skip(&reader, FIRST) != 0;
	return n > 0 ? FIRST : n;
}

static ssize_t (*call)(int64_t deadline);

static void *
calls(void *arg)
{
	(void)arg;
	return (void *)(intptr_t)call(GREEN_NEVER);
}

/* ---- what ends the first call -------------------------------------------- */

static intptr_t
by_deadline(void)
{
	return call(green_after(GREEN_MILLISECOND));
}

static intptr_t
by_trying(void)
{
	return call(0);
}

static intptr_t
by(int (*then)(green_t id))
{
	void *value;
	green_t id;

	green_spawn(&id, NULL, calls, NULL);
	/* It runs until it waits. */
	green_yield();
	wrong += then(id) != 0;
	green_join(id, &value, GREEN_NEVER);
	return (intptr_t)value;
}

static intptr_t
by_cancellation(void)
{
	return by(green_cancel);
}

static intptr_t
by_interruption(void)
{
	return by(green_interrupt);
}

/* ---- at every byte ------------------------------------------------------- */

static void
cut_at(size_t at, intptr_t (*end)(void), int want)
{
	char *rest;

	green_socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	green_reader_init(&reader, fds[0], NULL, FIRST + 1);
	wrong += green_write_all(fds[1], text, at, 0) != (ssize_t)at;
	wrong += end() != want;
	wrong += green_write_all(fds[1], text + at, LENGTH - at, 0) < 0;
	wrong += call(GREEN_NEVER) != FIRST;
	wrong += green_reader_line(&reader, '\n', &rest, GREEN_NEVER) !=
			 (ssize_t)LENGTH - FIRST ||
		 memcmp(rest, text + FIRST, LENGTH - FIRST);
	green_reader_fini(&reader);
	green_close(fds[0]);
	green_close(fds[1]);
}

static void
cut(const char *what, intptr_t (*end)(void), int want)
{
	static ssize_t (*const all[])(int64_t) = { a_line, a_piece, a_look };

	wrong = 0;
	for (int i = 0; i < 3; i++) {
		call = all[i];
		for (size_t at = 0; at < FIRST; at++)
			cut_at(at, end, want);
	}
	is(wrong, 0, "%s", what);
}

/* A cancelled thread gets nothing, though it is there. */
static void *
cancels_itself(void *arg)
{
	green_cancel(green_self());
	return (void *)(intptr_t)(call(0) + (arg ? 1 : 0));
}

static intptr_t
by_itself(void)
{
	void *value;
	green_t id;

	green_spawn(&id, NULL, cancels_itself, NULL);
	green_join(id, &value, GREEN_NEVER);
	return (intptr_t)value;
}

/* ---- memory -------------------------------------------------------------- */

static void *
without_memory(void *arg)
{
	struct green_reader r;
	ssize_t n = 0;
	char *line;
	int in[2];

	green_pipe(in);
	wrong += write(in[1], "half a", 6) != 6;
	green__mem_fail_after(*(long *)arg);
	if (green_reader_init(&r, in[0], NULL, 0) == 0) {
		n = green_reader_line(&r, '\n', &line,
				      green_after(GREEN_MILLISECOND));
		wrong += n != -ENOMEM && n != -ETIMEDOUT;
		green__mem_fail_after(-1);
		wrong += write(in[1], " line\n", 6) != 6;
		wrong += green_reader_line(&r, '\n', &line, GREEN_NEVER) != 12;
		wrong += strcmp(line, "half a line\n") != 0;
		green_reader_fini(&r);
	} else {
		n = -ENOMEM;
	}
	green__mem_fail_after(-1);
	green_close(in[0]);
	green_close(in[1]);
	return (void *)(intptr_t)(n == -ENOMEM);
}

static void
memory(void)
{
	long n, before = green__mem_live();
	void *failed = &n;

	wrong = 0;
	for (n = 0; failed && n < 1000; n++) {
		pthread_t os_thread;

		pthread_create(&os_thread, NULL, without_memory, &n);
		pthread_join(os_thread, &failed);
	}
	ok(n > 2 && !failed, "each of %ld allocations", n);
	is(wrong, 0, "fails, and nothing is lost");
	is(green__mem_live(), before, "blocks that were not freed");
}

int
main(void)
{
	memory();
	cut("deadline 0", by_trying, -EAGAIN);
	cut("deadline", by_deadline, -ETIMEDOUT);
	cut("cancellation", by_cancellation, -ECANCELED);
	cut("cancelled before", by_itself, -ECANCELED);
	cut("interruption", by_interruption, -EINTR);
	return tap_done();
}
