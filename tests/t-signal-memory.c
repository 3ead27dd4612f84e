/* SPDX-License-Identifier: MIT */
/* Proves: an object for signals that cannot be had, for memory or descriptors
 * exhausted, changes nothing; and all that one took is given back. */

#include "tap.h"

#include <fcntl.h>

#include <green.h>

#include "mem.h"

/* The lowest number that is free. */
static int
lowest(void)
{
	int fd = fcntl(0, F_DUPFD, 0);

	close(fd);
	return fd;
}

int
main(void)
{
	struct rlimit limit, none;
	struct sigaction now;
	struct green_signal *s = NULL;
	sigset_t set;
	long live;
	int fd, error = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	is(green_signal_create(&s, &set), 0, "one that is had");
	raise(SIGUSR1);
	is(green_signal_wait(s, NULL, GREEN_NEVER), SIGUSR1, "and works");
	live = green__mem_live();
	fd = lowest();
	for (int i = 0; i < 10 && !error; i++) {
		struct green_signal *more = NULL;

		error = green_signal_create(&more, &set);
		raise(SIGUSR1);
		green_signal_destroy(more);
	}
	is(error, 0, "ten more");
	is(green__mem_live(), live, "nothing of them is left");
	is(lowest(), fd, "no descriptor, either");
	green_signal_destroy(s);
	live = green__mem_live();
	fd = lowest();
	green__mem_fail_after(0);
	is(green_signal_create(&s, &set), -ENOMEM, "without memory");
	green__mem_fail_after(-1);
	getrlimit(RLIMIT_NOFILE, &limit);
	none = limit;
	none.rlim_cur = (rlim_t)fd;
	setrlimit(RLIMIT_NOFILE, &none);
	is(green_signal_create(&s, &set), -EMFILE, "without descriptors");
	setrlimit(RLIMIT_NOFILE, &limit);
	is(green__mem_live(), live, "nothing is left");
	is(lowest(), fd, "no descriptor, either");
	sigaction(SIGUSR1, NULL, &now);
	ok(now.sa_handler == SIG_DFL, "the signal is handled as before");
	return tap_done();
}
