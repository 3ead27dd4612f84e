/* SPDX-License-Identifier: MIT */
/*
 * A pipeline: each stage is a green thread that receives from the stage before
 * it and sends to the next one. What goes wrong in one ends them all.
 *
 *	pipeline 1 2 3		words are read as numbers, these are squared,
 *				which takes n * 100 ms, the squares are added
 *	pipeline 1 two 3	a stage fails
 *	pipeline 1 20 3		a stage takes too long
 *
 *	source --words--> parse --numbers--> square --squares--> add
 *
 * The channels hold two items: a fast stage waits for a slow one. But nobody
 * waits for ever: each send and each receive has a time limit. The stages are
 * members of a scope. When one says that it failed, the scope cancels the
 * others: whatever they wait for then returns -ECANCELED, and they go home,
 *too.
 *
 * The clock is virtual, as in tests: while everybody waits, time jumps to the
 * next deadline. So this takes no time, and prints the same on any machine.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <green.h>

#define LIMIT (1 * GREEN_SECOND)
#define TICK (GREEN_SECOND / 3)

static struct green_chan *words, *numbers, *squares;
static struct green_scope *scope;

static int
give(struct green_chan *ch, const void *item, size_t size)
{
	return green_chan_send(ch, item, size, green_after(LIMIT));
}

static int
take(struct green_chan *ch, void *item, size_t size)
{
	return green_chan_recv(ch, item, size, green_after(LIMIT));
}

static void
say(const char *stage, const char *what)
{
	printf("%4d ms: %s: %s\n", (int)(green_now() / GREEN_MILLISECOND),
	       stage, what);
}

/* A stage ends. -EPIPE is the good end: the stage before has closed the
 * channel, and all that it sent has been received. Only a good end is passed
 * on so; the stages after a failure must not take it for the last item. */
static void *
end(const char *stage, struct green_chan *out, int error)
{
	if (error == -EPIPE)
		error = 0;
	say(stage, error ? green_strerror(error) : "all done");
	if (error == 0 && out)
		green_chan_close(out);
	else if (error && error != -ECANCELED)
		green_scope_fail(scope, error);
	return NULL;
}

static void *
source(void *arg)
{
	int error = 0;

	for (char **word = arg; *word && !error; word++)
		error = give(words, word, sizeof(*word));
	return end("source", words, error);
}

static void *
parse(void *arg)
{
	int error;
	char *word, *rest;
	long n;

	(void)arg;
	while (!(error = take(words, &word, sizeof(word)))) {
		n = strtol(word, &rest, 10);
		error = *rest ? -EINVAL : give(numbers, &n, sizeof(n));
		if (error)
			break;
	}
	return end("parse", numbers, error);
}

static void *
square(void *arg)
{
	int error;
	long n;

	(void)arg;
	while (!(error = take(numbers, &n, sizeof(n)))) {
		error = green_sleep_until(
			green_after(n * 100 * GREEN_MILLISECOND));
		n *= n;
		if (!error)
			error = give(squares, &n, sizeof(n));
		if (error)
			break;
	}
	return end("square", squares, error);
}

/* Waits for two things at a time: the next square, and the time to say how far
 * it is. */
static void *
add(void *arg)
{
	long *sum = arg, n;
	struct green_clause clauses[] = {
		{ .kind = GREEN_CLAUSE_RECV,
		  .object = squares,
		  .item = &n,
		  .size = sizeof(n) },
		{ .kind = GREEN_CLAUSE_TIMER, .time = green_after(TICK) },
	};
	int64_t limit = green_after(LIMIT);
	int error = 0;

	while (!error) {
		int chosen = green_select(clauses, 2, limit);

		if (chosen == 0 && !(error = clauses[0].result)) {
			*sum += n;
			limit = green_after(LIMIT);
		} else if (chosen == 1) {
			say("add", "waiting");
			clauses[1].time = green_after(TICK);
		} else if (chosen < 0) {
			error = chosen;
		}
	}
	return end("add", NULL, error);
}

int
main(int argc, char **argv)
{
	struct green_scope_attr attr = { .size = sizeof(attr),
					 .flags = GREEN_SCOPE_FAIL_CANCELS };
	long sum = 0;
	int error;

	(void)argc;
	green_clock_virtual(1);
	if (green_chan_create(&words, sizeof(char *), 2, NULL) < 0 ||
	    green_chan_create(&numbers, sizeof(long), 2, NULL) < 0 ||
	    green_chan_create(&squares, sizeof(long), 2, NULL) < 0 ||
	    green_scope_create(&scope, &attr) < 0 ||
	    green_scope_spawn(scope, NULL, NULL, source, argv + 1) < 0 ||
	    green_scope_spawn(scope, NULL, NULL, parse, NULL) < 0 ||
	    green_scope_spawn(scope, NULL, NULL, square, NULL) < 0 ||
	    green_scope_spawn(scope, NULL, NULL, add, &sum) < 0)
		return 1;
	error = green_scope_wait(scope, GREEN_NEVER);
	green_scope_destroy(scope);
	green_chan_destroy(words);
	green_chan_destroy(numbers);
	green_chan_destroy(squares);
	if (error)
		printf("failed: %s\n", green_strerror(error));
	else
		printf("the sum is %ld\n", sum);
	return error != 0;
}
