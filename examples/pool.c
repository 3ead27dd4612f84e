/* SPDX-License-Identifier: MIT */
/*
 * A pool of workers on all cores counts the lines, words and bytes of files, as
 * wc does. The results are printed in order, however long each file takes.
 *
 *	pool [FILE or FOLDER]...	default: libgreen's own sources
 *
 *	  finder --- todo ---> workers
 *	     |                    |
 *	     |                  done
 *	     |                    v
 *	     +--- in_order ---> main
 *
 * Both channels hold a few files: the finder waits when it is ahead of the
 * workers, or these ahead of main. So of a million files there are a few in
 * memory, and a few open. The workers belong to a runtime that has an OS
 * thread per core, the finder is a green thread of main's.
 *
 * Symbolic links are not followed. A word is what it is in words.c.
 */

#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <green.h>

#ifndef SOURCE_DIR
#define SOURCE_DIR "."
#endif
#define WORKERS 8
#define BLOCK 16384
#define AHEAD 100 /* files that may be counted before it is their turn */

/* The finder's at first, then a worker's, and when it is done main's. */
struct file {
	struct green_sem done; /* all zero is a semaphore with the value 0 */
	long long lines, words, bytes;
	int error;
	char path[];
};

static struct green_chan *todo, *in_order;

static void
count(struct file *f)
{
	FILE *file = fopen(f->path, "r");
	bool in_word = false;
	int c;

	while (file && (c = getc_unlocked(file)) != EOF) {
		f->lines += c == '\n';
		if (isspace(c)) {
			in_word = false;
		} else if (isprint(c) && !in_word) {
			in_word = true;
			f->words++;
		}
		if (++f->bytes % BLOCK == 0)
			green_yield(); /* a long file holds nobody up */
	}
	f->error = !file || ferror(file) ? errno : 0;
	if (file)
		fclose(file);
}

static void *
work(void *arg)
{
	struct file *f;

	/* This fails with -EPIPE when the channel is closed and empty. */
	while (green_chan_recv(todo, &f, sizeof(f), GREEN_NEVER) == 0) {
		count(f);
		green_sem_post(&f->done);
	}
	return arg;
}

/* A file goes to the workers, and to main, which waits for it to be done. */
static void
submit(const char *path, int error)
{
	struct file *f = calloc(1, sizeof(*f) + strlen(path) + 1);

	if (!f) {
		perror("pool");
		exit(1);
	}
	strcpy(f->path, path);
	f->error = error;
	if (error)
		green_sem_post(&f->done);
	else
		green_chan_send(todo, &f, sizeof(f), GREEN_NEVER);
	green_chan_send(in_order, &f, sizeof(f), GREEN_NEVER);
}

static int
found(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)ftw;
	if (type == FTW_DNR || type == FTW_NS)
		submit(path, EACCES);
	else if (type == FTW_F && S_ISREG(st->st_mode))
		submit(path, 0);
	return 0;
}

static void *
find(void *arg)
{
	static const char *const own[] = { "arch",     "bindings", "docs",
					   "examples", "include",  "src",
					   "tests",    NULL };

	for (const char *const *path = arg ? arg : own; *path; path++)
		if (nftw(*path, found, 16, FTW_PHYS) < 0)
			submit(*path, errno);
	green_chan_close(todo);
	green_chan_close(in_order);
	return NULL;
}

int
main(int argc, char **argv)
{
	struct green_attr on_cores = { .size = sizeof(on_cores) };
	long long lines = 0, words = 0, bytes = 0;
	green_t workers[WORKERS];
	struct file *f;
	int status = 0;

	if ((argc < 2 && chdir(SOURCE_DIR) < 0) ||
	    green_chan_create(&todo, sizeof(f), WORKERS, NULL) < 0 ||
	    green_chan_create(&in_order, sizeof(f), AHEAD, NULL) < 0 ||
	    green_runtime_create(&on_cores.runtime, NULL) < 0 ||
	    green_spawn(NULL, NULL, find, argc > 1 ? argv + 1 : NULL) < 0)
		return 1;
	for (int i = 0; i < WORKERS; i++)
		if (green_spawn(&workers[i], &on_cores, work, NULL) < 0)
			return 1;
	while (green_chan_recv(in_order, &f, sizeof(f), GREEN_NEVER) == 0) {
		green_sem_wait(&f->done, GREEN_NEVER);
		if (f->error) {
			fprintf(stderr, "pool: %s: %s\n", f->path,
				strerror(f->error));
			status = 1;
		} else {
			printf("%7lld %7lld %7lld %s\n", f->lines, f->words,
			       f->bytes, f->path);
			lines += f->lines;
			words += f->words;
			bytes += f->bytes;
		}
		free(f);
	}
	printf("%7lld %7lld %7lld total\n", lines, words, bytes);
	for (int i = 0; i < WORKERS; i++)
		green_join(workers[i], NULL, GREEN_NEVER);
	green_runtime_destroy(on_cores.runtime);
	return status;
}
