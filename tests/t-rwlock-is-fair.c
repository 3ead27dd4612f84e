/* SPDX-License-Identifier: MIT */
/* Proves: readers hold a reader-writer lock together, a writer alone; those who
 * wait are served in the order in which they came, so that neither kind
 * starves; and the readers behind a writer who gives up need not wait. */

#include "tap.h"

#include <green.h>

static struct green_rwlock lock = GREEN_RWLOCK_INIT;
static char log_text[100];
static int readers, writers, together, overlaps;

static void
note(char c)
{
	size_t len = strlen(log_text);

	log_text[len] = c;
}

struct job {
	char name; /* lower case: a reader */
	int error;
};

static void *
use(void *arg)
{
	struct job *j = arg;
	int writes = j->name < 'a';

	j->error = writes ? green_rwlock_write(&lock, GREEN_NEVER)
			  : green_rwlock_read(&lock, GREEN_NEVER);
	if (j->error)
		return NULL;
	note(j->name);
	*(writes ? &writers : &readers) += 1;
	overlaps += writers > 1 || (writers && readers);
	if (readers > together)
		together = readers;
	for (int i = 0; i < 5; i++)
		green_yield();
	*(writes ? &writers : &readers) -= 1;
	j->error = green_rwlock_unlock(&lock);
	return NULL;
}

/* A thread for each letter, one after the other. interrupt: the letter of one
 * that is to give up. */
static void
run(const char *names, char interrupt, const char *want)
{
	struct job jobs[20];
	green_t ids[20];
	int n = (int)strlen(names), errors = 0;

	memset(log_text, 0, sizeof(log_text));
	readers = writers = together = overlaps = 0;
	for (int i = 0; i < n; i++) {
		jobs[i] = (struct job){ names[i], 77 };
		green_spawn(&ids[i], NULL, use, &jobs[i]);
	}
	green_yield();
	for (int i = 0; i < n; i++)
		if (names[i] == interrupt)
			is(green_interrupt(ids[i]), 0, "%c gives up",
			   interrupt);
	for (int i = 0; i < n; i++) {
		green_join(ids[i], NULL, GREEN_NEVER);
		errors += jobs[i].error != (names[i] == interrupt ? -EINTR : 0);
	}
	is(errors, 0, "%s: results", names);
	ok(!strcmp(log_text, want), "%s: in the order %s", names, log_text);
	is(overlaps, 0, "%s: a writer is alone", names);
}

int
main(void)
{
	run("abc", 0, "abc");
	is(together, 3, "readers together");
	run("ABC", 0, "ABC");
	run("aBc", 0, "aBc");
	is(together, 1, "a reader does not overtake a writer");
	run("AbcDefG", 0, "AbcDefG");
	is(together, 2, "neighbours together");
	run("abCdeF", 'C', "abdeF");
	is(together, 4, "nobody is between them any more");
	run("AbC", 'b', "AC");
	run("aBC", 'B', "aC");
	is(green_rwlock_fini(&lock), 0, "free at the end");
	return tap_done();
}
