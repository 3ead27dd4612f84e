/* SPDX-License-Identifier: MIT */
/*
 * The dining philosophers: five of them sit around a table, with one fork
 * between each two. To eat, a philosopher needs the forks at both sides.
 *
 * First everybody takes the left fork and then waits for the right one, and
 * they starve: all hold one fork, and none will get a second. libgreen sees
 * that nobody can go on and reports who waits for what, and who holds it. It
 * would then abort the program. But a hook may help: here it asks one of them
 * to leave, and the others eat.
 *
 * Then everybody takes the fork with the lower number first. That makes one of
 * them, the last, begin at the other side, and no circle can close any more.
 */

#include <stdbool.h>
#include <stdio.h>

#include <green.h>

#define SEATS 5
#define MEALS 3

struct philosopher {
	const char *name;
	struct green_mutex *first, *second; /* forks, in the order of taking */
	green_t thread;
	int meals;
};

static struct green_mutex forks[SEATS]; /* all zero: nobody holds them */
static struct philosopher table[SEATS] = { { .name = "Aristotle" },
					   { .name = "Bacon" },
					   { .name = "Confucius" },
					   { .name = "Descartes" },
					   { .name = "Epicurus" } };

static void *
dine(void *arg)
{
	struct philosopher *self = arg;
	int error = 0;

	while (self->meals < MEALS && error == 0) {
		error = green_mutex_lock(self->first, GREEN_NEVER);
		if (error < 0)
			break;
		green_yield(); /* thinks, while the others reach for theirs */
		error = green_mutex_lock(self->second, GREEN_NEVER);
		if (error == 0) {
			self->meals++;
			green_mutex_unlock(self->second);
		}
		green_mutex_unlock(self->first);
	}
	printf("%s has eaten %d times%s%s\n", self->name, self->meals,
	       error ? ", and leaves: " : "",
	       error ? green_strerror(error) : "");
	return NULL;
}

/* Called when all threads wait for each other, after the report. A thread that
 * is cancelled does not wait on: its green_mutex_lock() returns -ECANCELED. */
static void
help(void *arg)
{
	struct philosopher *unlucky = arg;

	printf("they starve; %s is asked to leave\n", unlucky->name);
	green_cancel(unlucky->thread);
}

static int
dinner(bool lower_first)
{
	for (int i = 0; i < SEATS; i++) {
		struct philosopher *p = &table[i];
		struct green_mutex *left = &forks[i];
		struct green_mutex *right = &forks[(i + 1) % SEATS];
		struct green_attr attr = { .size = sizeof(attr),
					   .name = p->name };
		bool swap = lower_first && right < left;

		p->first = swap ? right : left;
		p->second = swap ? left : right;
		p->meals = 0;
		if (green_spawn(&p->thread, &attr, dine, p) < 0)
			return -1;
	}
	for (int i = 0; i < SEATS; i++)
		green_join(table[i].thread, NULL, GREEN_NEVER);
	return 0;
}

int
main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0); /* in step with the report */
	green_deadlock_hook(help, &table[0]);
	printf("the left fork first\n");
	if (dinner(false) < 0)
		return 1;
	green_deadlock_hook(NULL, NULL); /* no help needed any more */
	printf("the lower fork first\n");
	return dinner(true) < 0;
}
