/* SPDX-License-Identifier: MIT */
/*
 * Count lines, words and bytes of all files in a tree, as wc does, with one
 * green thread per file. Each yields after every block it reads, so all files
 * are read in turns.
 *
 *	words [FILE or FOLDER]...	default: libgreen's own sources
 *
 * Symbolic links are not followed. What cannot be read is reported, left out
 * of the sums, and makes the exit status 1. A word is what `LC_ALL=C wc` of
 * Debian 12 takes for one: it begins with a printable ASCII character and
 * ends at white space; other bytes neither begin nor end one.
 */

#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <green.h>

#ifndef SOURCE_DIR
#define SOURCE_DIR "."
#endif
#define BLOCK 16384

struct file {
	char *path;
	green_t thread;
	long long lines, words, bytes, blocks;
	bool in_word;
};

static struct file *files;
static size_t file_count, open_files;
static int exit_status;

static void
complain(const char *path, int error)
{
	fprintf(stderr, "words: %s: %s\n", path, strerror(error));
	exit_status = 1;
}

static void
count_block(struct file *f, const unsigned char *block, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char c = block[i];

		f->lines += c == '\n';
		if (isspace(c)) {
			f->in_word = false;
		} else if (isprint(c) && !f->in_word) {
			f->in_word = true;
			f->words++;
		}
	}
	f->bytes += (long long)size;
	f->blocks++;
}

/* With more files than a process may open, a thread lets those go on that
 * have one open. */
static int
open_file(const char *path)
{
	struct stat st;
	int fd;

	while ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
					O_NONBLOCK)) < 0 &&
	       errno == EMFILE && open_files > 0)
		green_yield();
	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

static void *
count_file(void *arg)
{
	struct file *f = arg;
	unsigned char block[BLOCK];
	ssize_t n;
	int fd = open_file(f->path);

	if (fd < 0) {
		complain(f->path, errno);
		return NULL;
	}
	open_files++;
	while ((n = read(fd, block, sizeof(block))) > 0) {
		count_block(f, block, (size_t)n);
		green_yield();
	}
	if (n < 0)
		complain(f->path, errno);
	close(fd);
	open_files--;
	return n < 0 ? NULL : f;
}

/* For nftw(): remember a file, name what cannot be looked into. */
static int
found(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct file *more;

	(void)ftw;
	if (type == FTW_DNR || type == FTW_NS)
		complain(path, EACCES);
	if (type != FTW_F || !S_ISREG(st->st_mode))
		return 0;
	if ((file_count & (file_count - 1)) == 0) { /* a power of two: double */
		size_t room = file_count ? 2 * file_count : 1;

		if (!(more = realloc(files, room * sizeof(*files))))
			return ENOMEM;
		files = more;
	}
	files[file_count] = (struct file){ .path = strdup(path) };
	if (!files[file_count].path)
		return ENOMEM;
	file_count++;
	return 0;
}

static void
find_files(const char *path)
{
	int error = nftw(path, found, 32, FTW_PHYS);

	if (error)
		complain(path, error < 0 ? errno : error);
}

/* Out of memory for one more thread: count the file here and now. */
static void
start(struct file *f)
{
	if (green_spawn(&f->thread, NULL, count_file, f) < 0) {
		f->thread = 0;
		if (!count_file(f))
			f->lines = f->words = f->bytes = 0;
	}
}

static void
finish(struct file *f)
{
	void *counted = f;

	if (f->thread)
		green_join(f->thread, &counted, GREEN_NEVER);
	if (!counted)
		f->lines = f->words = f->bytes = 0;
	free(f->path);
}

int
main(int argc, char **argv)
{
	static const char *const own[] = { "arch",     "bindings", "docs",
					   "examples", "include",  "src",
					   "tests" };
	long long lines = 0, words = 0, bytes = 0, blocks = 0;
	char path[4096];

	for (int i = 1; i < argc; i++)
		find_files(argv[i]);
	for (size_t i = 0; argc < 2 && i < sizeof(own) / sizeof(*own); i++) {
		snprintf(path, sizeof(path), "%s/%s", SOURCE_DIR, own[i]);
		if (access(path, F_OK) == 0)
			find_files(path);
	}
	for (size_t i = 0; i < file_count; i++)
		start(&files[i]);
	for (size_t i = 0; i < file_count; i++) {
		finish(&files[i]);
		lines += files[i].lines;
		words += files[i].words;
		bytes += files[i].bytes;
		blocks += files[i].blocks;
	}
	free(files);
	printf("%7lld %7lld %7lld total\n", lines, words, bytes);
	printf("%zu files, a green thread each; %lld blocks read in turns\n",
	       file_count, blocks);
	return exit_status;
}
