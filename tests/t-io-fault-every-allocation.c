/* SPDX-License-Identifier: MIT */
/* Proves: whichever allocation fails, from the first of a new worker on, calls
 * that wait for descriptors work or return -ENOMEM, and then nothing is read,
 * written or forgotten: the same calls work when there is memory. */

#include "tap.h"
#include "tcp.h"

#include <fcntl.h>
#include <pthread.h>

#include "mem.h"

#include <green.h>

static int bad, refused;
static int limit;

static ssize_t
took(ssize_t n)
{
	refused += n == -ENOMEM;
	return n;
}

struct work {
	int fds[2];
	ssize_t result;
};

static void *
reads(void *arg)
{
	struct work *w = arg;
	char c;

	w->result = took(green_read(w->fds[0], &c, 1, GREEN_NEVER));
	return NULL;
}

/* A reader that waits, if there is memory, and its byte, which is there for the
 * next one if it could not. */
static void
meet(struct work *w)
{
	green_t id;
	char c = 0;
	ssize_t n;

	if (took(green_spawn(&id, NULL, reads, w)))
		return;
	green_yield();
	n = took(green_write(w->fds[1], "x", 1, GREEN_NEVER));
	if (n == -ENOMEM)
		n = green_send(w->fds[1], "x", 1, 0, GREEN_NEVER);
	if (n != 1 && write(w->fds[1], "x", 1) != 1)
		bad++;
	bad += green_join(id, NULL, GREEN_NEVER) != 0;
	bad += w->result != 1 && w->result != -ENOMEM;
	if (w->result == -ENOMEM)
		bad += read(w->fds[0], &c, 1) != 1 || c != 'x';
	n = took(green_read(w->fds[0], &c, 1, 0));
	bad += n != -EAGAIN && n != -ENOMEM;
}

static void
scenario(struct work works[3])
{
	for (int i = 0; i < 3; i++)
		meet(&works[i]);
	/* What needs no memory never fails. */
	for (int i = 0; i < 3; i++)
		bad += green_fd_wait(works[i].fds[1], POLLOUT, 0) != POLLOUT;
}

static void *
one_run(void *arg)
{
	long n = *(long *)arg;
	struct work works[3];
	int failures, low;

	if (pipe(works[0].fds))
		perror("pipe");
	tcp_pair(works[1].fds);
	if (pipe(works[2].fds))
		perror("pipe");
	/* A number of which nothing is known, for tables to grow. */
	low = works[2].fds[0];
	works[2].fds[0] = fcntl(low, F_DUPFD_CLOEXEC,
				(int)(600 + n * 512) % (limit - 10));
	close(low);
	refused = 0;
	green__mem_fail_after(n);
	scenario(works);
	green__mem_fail_after(-1);
	failures = refused;
	refused = 0;
	scenario(works);
	bad += refused != 0;
	for (int i = 0; i < 3; i++) {
		bad += green_close(works[i].fds[0]) != 0;
		bad += green_close(works[i].fds[1]) != 0;
	}
	return (void *)(intptr_t)failures;
}

int
main(void)
{
	int failures = 1, wrong = 0;
	struct rlimit files;
	long n;

	getrlimit(RLIMIT_NOFILE, &files);
	limit = files.rlim_cur > 4096 ? 4096 : (int)files.rlim_cur;
	for (n = 0; failures && n < 200; n++) {
		pthread_t thread;
		void *value;

		bad = 0;
		pthread_create(&thread, NULL, one_run, &n);
		pthread_join(thread, &value);
		failures = (int)(intptr_t)value;
		if (bad)
			printf("# fail after %ld: %d wrong\n", n, bad);
		wrong += bad != 0;
	}
	is(wrong, 0, "runs in which something went wrong");
	ok(n > 5 && !failures, "each of %ld allocations", n);
	return tap_done();
}
