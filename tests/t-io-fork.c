/* SPDX-License-Identifier: MIT */
/* Proves: a child that is forked while threads, of this OS thread and others,
 * wait for descriptors has the descriptors, nobody who waits, and pollers of
 * its own; what it reads, waits for and closes ends no wait of the parent,
 * whose threads go on waiting and are woken; and nothing that libgreen opened
 * is left for a program that is executed. */

#include "tap.h"
#include "tcp.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <green.h>

#define HIGHEST 64

static int fds[2], others[2];

static void *
reads(void *arg)
{
	char c = 0;

	return (void *)(intptr_t)(green_read(*(int *)arg, &c, 1, GREEN_NEVER) ==
						  1
					  ? c
					  : -1);
}

static atomic_bool waits_elsewhere;

static void *
reads_elsewhere(void *arg)
{
	green_t id;
	void *value;

	green_spawn(&id, NULL, reads, arg);
	green_yield();
	waits_elsewhere = true;
	green_join(id, &value, GREEN_NEVER);
	return value;
}

/* In the child: 0 if all is as it should be. */
static int
child(void)
{
	int own[2];
	green_t id;
	void *value;
	char c = 0;

	alarm(100);
	/* A wait with something of the child's own. */
	green_pipe(own);
	green_spawn(&id, NULL, reads, &own[0]);
	green_yield();
	if (green_write(own[1], "c", 1, GREEN_NEVER) != 1 ||
	    green_join(id, &value, GREEN_NEVER) || (intptr_t)value != 'c')
		return 1;
	/* And with what the parent waits for, too. */
	if (green_read(fds[0], &c, 1, green_after(GREEN_MILLISECOND)) !=
	    -ETIMEDOUT)
		return 2;
	green_spawn(&id, NULL, reads, &fds[0]);
	green_yield();
	if (green_close(fds[0]) || green_join(id, &value, GREEN_NEVER) ||
	    (intptr_t)value != -1)
		return 3;
	if (green_close(others[0]) || green_close(others[1]) ||
	    green_close(own[0]) || green_close(own[1]))
		return 4;
	return 0;
}

/* Its status. */
static int
fork_child(int (*fn)(void))
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(fn());
	waitpid(pid, &status, 0);
	return status;
}

static void *
forks(void *arg)
{
	is(fork_child(child), 0, "%s: the child is well", (char *)arg);
	return NULL;
}

static int
child_forks(void)
{
	return fork_child(child) ? 10 : child();
}

static void *
forks_twice(void *arg)
{
	is(fork_child(child_forks), 0, "%s: and its child", (char *)arg);
	return NULL;
}

/* Somebody waits here, and somebody elsewhere. */
static void
fork_from(void *(*from)(void *arg), const char *what)
{
	pthread_t os_thread;
	green_t id, forker;
	void *value;

	green_pipe(fds);
	tcp_pair(others);
	waits_elsewhere = false;
	pthread_create(&os_thread, NULL, reads_elsewhere, &others[0]);
	while (!waits_elsewhere)
		sched_yield();
	green_spawn(&id, NULL, reads, &fds[0]);
	green_yield();
	green_spawn(&forker, NULL, from, (void *)(uintptr_t)what);
	green_join(forker, NULL, GREEN_NEVER);
	is(green_write(fds[1], "p", 1, GREEN_NEVER), 1, "write");
	green_join(id, &value, GREEN_NEVER);
	is((intptr_t)value, 'p', "%s: the parent's thread is woken", what);
	is(green_write(others[1], "q", 1, GREEN_NEVER), 1, "write");
	pthread_join(os_thread, &value);
	is((intptr_t)value, 'q', "%s: and that of another OS thread", what);
	for (int i = 0; i < 2; i++) {
		green_close(fds[i]);
		green_close(others[i]);
	}
}

static struct green_runtime *rt;

static void *
forks_in_runtime(void *arg)
{
	green_runtime_run(rt, forks, arg, NULL);
	return NULL;
}

/* ---- exec -----------------------------------------------------------------
 */

static void
nothing_for_exec(void)
{
	bool before[HIGHEST];
	struct sockaddr_in addr;
	int left = 0, pair[2], listener, client, fd;
	green_t id;

	for (fd = 0; fd < HIGHEST; fd++)
		before[fd] = fcntl(fd, F_GETFD) >= 0;
	listener = tcp_listener(&addr, 1);
	green_pipe(fds);
	green_socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	client = green_socket(AF_INET, SOCK_STREAM, 0);
	green_connect(client, (struct sockaddr *)&addr, sizeof(addr),
		      GREEN_NEVER);
	fd = green_accept(listener, NULL, NULL, GREEN_NEVER);
	ok(fd > 0, "a connection");
	green_open("/dev/null", O_RDONLY, 0, GREEN_NEVER);
	green_spawn(&id, NULL, reads, &fds[0]);
	green_yield();
	for (fd = 0; fd < HIGHEST; fd++)
		if (!before[fd] && fcntl(fd, F_GETFD) == 0) {
			left++;
			printf("# %d\n", fd);
		}
	is(left, 0, "all descriptors of libgreen's are closed by exec");
	green_cancel(id);
	green_join(id, NULL, GREEN_NEVER);
}

int
main(void)
{
	struct green_runtime_attr attr = { .size = sizeof(attr), .workers = 2 };

	nothing_for_exec();
	if (TAP_TSAN) {
		skip("forks", "TSan's runtime does not survive them");
		return tap_done();
	}
	fork_from(forks, "a green thread forks");
	fork_from(forks, "and once more");
	fork_from(forks_twice, "the child forks");
	green_runtime_create(&rt, &attr);
	fork_from(forks_in_runtime, "a runtime's thread forks");
	green_runtime_destroy(rt);
	return tap_done();
}
