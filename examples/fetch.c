/* SPDX-License-Identifier: MIT */
/*
 * Fetches many URLs at once, and says how it went.
 *
 *	fetch [-c COUNT] [-t SECONDS] [-d FOLDER] [URL]...
 *
 *	-c	so many at a time: 8 if not said
 *	-t	each one has so many seconds: 60 if not said
 *	-d	keep them in this folder, under the last part of the URL; files
 *		that are there are not overwritten. Without it they are counted.
 *
 * Without a URL they come from the standard input, one in a line; fetching
 * begins with the first. On a terminal there is a progress bar, elsewhere a
 *line for each URL. The exit status is 0 if all were fetched, 1 if not, 2 if
 *nothing was tried.
 *
 * A few green threads take URLs out of a channel, and each fetches one after
 * the other, in straight lines; transfer.c is what makes libcurl wait for them.
 */

#define _GNU_SOURCE
#include "transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <green.h>

#define STACK (256 * 1024) /* libcurl needs more than most */
#define BAR 30             /* characters */

static struct {
	long count;
	double seconds;
	const char *folder;
} option = { .count = 8, .seconds = 60 };

/* How it goes. All threads are of one worker: no locks. */
static struct {
	long known, done, failed, at_a_time, most;
	long long bytes;
	bool all_known; /* no more will come */
	int64_t began, slowest;
	char *slowest_url;
} sum;

static struct green_chan *urls;
static struct green_event over;
static bool terminal;

/* ---- what is shown ------------------------------------------------------- */

static double
seconds(int64_t ns)
{
	return (double)ns / GREEN_SECOND;
}

static const char *
size(long long bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	static char text[32];
	double n = (double)bytes;
	int unit = 0;

	for (; n >= 1000 && unit < 4; unit++)
		n /= 1000;
	snprintf(text, sizeof(text), "%.*f %s", unit ? 1 : 0, n, units[unit]);
	return text;
}

static void
show_bar(void)
{
	long filled = sum.known ? BAR * sum.done / sum.known : 0;
	char bar[BAR + 1];

	for (int i = 0; i < BAR; i++)
		bar[i] = i < filled ? '#' : '.';
	bar[BAR] = '\0';
	fprintf(stderr, "\r[%s] %ld of %ld%s, %s", bar, sum.done, sum.known,
		sum.all_known ? "" : "+", size(sum.bytes));
	if (sum.failed)
		fprintf(stderr, ", %ld failed", sum.failed);
	fputs("\033[K", stderr);
}

/* Ten times a second, and once at the end. */
static void *
show_progress(void *arg)
{
	int error;

	do {
		error = green_event_wait(&over,
					 green_after(100 * GREEN_MILLISECOND));
		show_bar();
	} while (error == -ETIMEDOUT);
	fputc('\n', stderr);
	return arg;
}

/* Failures are told in any case. */
static void
show_one(const char *url, long long bytes, int64_t took, const char *problem)
{
	if (problem)
		fprintf(stderr, "%sfetch: %s: %s\n", terminal ? "\r\033[K" : "",
			url, problem);
	else if (!terminal)
		printf("%10lld bytes %8.3f s  %s\n", bytes, seconds(took), url);
}

static void
show_summary(void)
{
	double took = seconds(green_now() - sum.began);

	printf("%ld of %ld fetched, %s", sum.done - sum.failed, sum.done,
	       size(sum.bytes));
	printf(" in %.3f s", took);
	if (took > 0)
		printf(", %s a second",
		       size((long long)((double)sum.bytes / took)));
	printf("; at most %ld at a time\n", sum.most);
	if (sum.slowest_url)
		printf("slowest: %.3f s, %s\n", seconds(sum.slowest),
		       sum.slowest_url);
}

/* ---- one URL ------------------------------------------------------------- */

struct page {
	const char *url;
	FILE *file; /* or NULL */
	char *name; /* of the file */
	long long bytes;
	char problem[CURL_ERROR_SIZE];
};

/* Called by libcurl, in which nothing may park: writing to a file does not. */
static size_t
store(char *data, size_t one, size_t n, void *arg)
{
	struct page *p = arg;

	(void)one;
	p->bytes += (long long)n;
	sum.bytes += (long long)n;
	return p->file ? fwrite(data, 1, n, p->file) : n;
}

/* The last part of its path, which is no way out of the folder. */
static int
open_file(struct page *p)
{
	CURLU *parts = curl_url();
	char *path = NULL;
	const char *base;
	int fd = -1;

	if (parts && !curl_url_set(parts, CURLUPART_URL, p->url, 0) &&
	    !curl_url_get(parts, CURLUPART_PATH, &path, 0)) {
		base = strrchr(path, '/');
		base = base && base[1] ? base + 1 : "index.html";
		if (!strcmp(base, ".") || !strcmp(base, ".."))
			base = "index.html";
		if (asprintf(&p->name, "%s/%s", option.folder, base) > 0)
			fd = open(p->name,
				  O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC,
				  0666);
	} else {
		errno = EINVAL;
	}
	if (fd >= 0)
		p->file = fdopen(fd, "w");
	if (!p->file)
		snprintf(p->problem, sizeof(p->problem), "%s: %s",
			 p->name ? p->name : option.folder, strerror(errno));
	curl_free(path);
	curl_url_cleanup(parts);
	return p->file ? 0 : -1;
}

/* Sets a problem if there is one. */
static void
fetch(struct page *p, CURL *handle)
{
	CURLcode result;

	if (option.folder && open_file(p))
		return;
	curl_easy_reset(handle);
	curl_easy_setopt(handle, CURLOPT_URL, p->url);
	curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, store);
	curl_easy_setopt(handle, CURLOPT_WRITEDATA, p);
	curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, p->problem);
	curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS,
			 (long)ceil(option.seconds * 1000));
	result = transfer(handle);
	if (p->file && fclose(p->file) && !result)
		result = CURLE_WRITE_ERROR;
	if (result && !*p->problem)
		snprintf(p->problem, sizeof(p->problem), "%s",
			 curl_easy_strerror(result));
	if (!result)
		*p->problem = '\0';
	else if (p->file)
		unlink(p->name);
}

static void
count(const struct page *p, int64_t took)
{
	sum.done++;
	sum.failed += *p->problem != '\0';
	if (took >= sum.slowest) {
		sum.slowest = took;
		free(sum.slowest_url);
		sum.slowest_url = strdup(p->url);
	}
	show_one(p->url, p->bytes, took, *p->problem ? p->problem : NULL);
}

static void *
fetch_all(void *arg)
{
	CURL *handle = curl_easy_init();
	char *url;

	while (handle &&
	       !green_chan_recv(urls, &url, sizeof(url), GREEN_NEVER)) {
		struct page p = { .url = url };
		int64_t began = green_now();

		if (++sum.at_a_time > sum.most)
			sum.most = sum.at_a_time;
		fetch(&p, handle);
		sum.at_a_time--;
		count(&p, green_now() - began);
		free(p.name);
		free(url);
	}
	curl_easy_cleanup(handle);
	return arg;
}

/* ---- all of them --------------------------------------------------------- */

static void
give(const char *url)
{
	char *copy = strdup(url);

	if (!copy)
		return;
	sum.known++;
	if (green_chan_send(urls, &copy, sizeof(copy), GREEN_NEVER))
		free(copy);
}

static int
give_lines(void)
{
	struct green_reader reader;
	char *line;
	ssize_t n;

	if (green_reader_init(&reader, STDIN_FILENO, NULL, 0))
		return -ENOMEM;
	while ((n = green_reader_line(&reader, '\n', &line, GREEN_NEVER)) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		if (*line)
			give(line);
	}
	green_reader_fini(&reader);
	return (int)n;
}

static int
fetch_them(char *const args[])
{
	struct green_attr attr = { .size = sizeof(attr), .stack_size = STACK };
	struct green_scope *scope;
	int error = green_scope_create(&scope, NULL);
	green_t shows = 0;

	if (!error)
		error = green_chan_create(&urls, sizeof(char *), 0, NULL);
	for (long i = 0; !error && i < option.count; i++)
		error = green_scope_spawn(scope, NULL, &attr, fetch_all, NULL);
	if (!error && terminal)
		error = green_spawn(&shows, NULL, show_progress, NULL);
	if (error)
		return error;
	if (!*args)
		error = give_lines();
	for (; *args; args++)
		give(*args);
	sum.all_known = true;
	green_chan_close(urls);
	green_scope_wait(scope, GREEN_NEVER);
	green_event_set(&over);
	if (shows)
		green_join(shows, NULL, GREEN_NEVER);
	green_scope_destroy(scope);
	green_chan_destroy(urls);
	return error;
}

static int
usage(void)
{
	fputs("usage: fetch [-c COUNT] [-t SECONDS] [-d FOLDER] [URL]...\n",
	      stderr);
	return 2;
}

static bool
read_options(int argc, char **argv)
{
	char *end;
	int c;

	while ((c = getopt(argc, argv, "c:t:d:")) != -1) {
		switch (c) {
		case 'c':
			option.count = strtol(optarg, &end, 10);
			if (*end || option.count < 1 || option.count > 10000)
				return false;
			break;
		case 't':
			option.seconds = strtod(optarg, &end);
			if (*end || !(option.seconds > 0) ||
			    option.seconds > 1e6)
				return false;
			break;
		case 'd':
			option.folder = optarg;
			break;
		default:
			return false;
		}
	}
	return true;
}

int
main(int argc, char **argv)
{
	int error;

	if (!read_options(argc, argv))
		return usage();
	setvbuf(stdout, NULL, _IOLBF, 0);
	terminal = isatty(STDERR_FILENO);
	sum.began = green_now();
	error = transfers_begin();
	if (!error) {
		error = fetch_them(argv + optind);
		transfers_end();
	}
	if (error) {
		fprintf(stderr, "fetch: %s\n", green_strerror(error));
		return 2;
	}
	show_summary();
	free(sum.slowest_url);
	return sum.failed ? 1 : 0;
}
