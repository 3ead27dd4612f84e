/* SPDX-License-Identifier: MIT */
/* Proves: whichever allocation fails, and however long, listening and dialling
 * work or return -ENOMEM; serving waits until there is memory, and then serves
 * everybody; and neither memory nor a descriptor is lost. */

#include "tap.h"

#include <dirent.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>

#include "mem.h"

#include <green.h>

static int wrong, server_fd;

/* In place of libc's: "two" is the same address twice. */
static struct sockaddr_in listens_at;

int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
	    struct addrinfo **list)
{
	bool passive = hints->ai_flags & AI_PASSIVE;
	struct addrinfo *all = calloc(2, sizeof(*all));
	struct sockaddr_in *addrs = calloc(2, sizeof(*addrs));

	if (!all || !addrs || !service)
		return EAI_MEMORY;
	for (int i = 0; i < 2; i++) {
		addrs[i] = listens_at;
		if (passive)
			addrs[i].sin_port = 0;
		all[i] = (struct addrinfo){
			.ai_family = AF_INET,
			.ai_addr = (struct sockaddr *)&addrs[i],
			.ai_addrlen = sizeof(addrs[i]),
			.ai_next = !i && !strcmp(node, "two") ? &all[1] : NULL,
		};
	}
	*list = all;
	return 0;
}

void
freeaddrinfo(struct addrinfo *list)
{
	free(list->ai_addr);
	free(list);
}

static int
open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* ---- listening and dialling ---------------------------------------------- */

/* Returns whether something was refused. */
static bool
took(int fd)
{
	wrong += fd < 0 && fd != -ENOMEM && fd != -EAGAIN;
	if (fd >= 0)
		green_close(fd);
	return fd < 0;
}

static void *
dials(void *arg)
{
	char name[GREEN_NET_NAME_MAX];
	bool refused;

	snprintf(name, sizeof(name), "127.0.0.1:%d",
		 ntohs(listens_at.sin_port));
	green__mem_fail_after(*(long *)arg);
	refused = took(green_listen("127.0.0.1:0", NULL, GREEN_NEVER));
	refused |= took(green_dial(name, NULL, GREEN_NEVER));
	refused |= took(green_dial("two:1", NULL, GREEN_NEVER));
	green__mem_fail_after(-1);
	wrong += took(green_dial("two:1", NULL, GREEN_NEVER));
	/* Room for the next. */
	while (!took(green_accept(server_fd, NULL, NULL, 0)))
		;
	return (void *)(intptr_t)refused;
}

/* ---- serving ------------------------------------------------------------- */

static int result;
static struct green_serve_stats stats;

static void
handle(int fd, void *arg)
{
	(void)arg;
	green_write_all(fd, "!", 1, GREEN_NEVER);
}

static void *
serve(void *arg)
{
	struct green_serve_attr attr = { .size = sizeof(attr),
					 .grace = GREEN_NEVER,
					 .stats = &stats };

	result = green_serve(server_fd, &attr, handle, NULL);
	return arg;
}

static void *
serves(void *arg)
{
	int fds[3];
	green_t id;
	char c;

	green_clock_virtual(GREEN_SECOND);
	for (int i = 0; i < 3; i++)
		wrong += (fds[i] = green_dial("one:1", NULL, GREEN_NEVER)) < 0;
	result = 0;
	memset(&stats, 0, sizeof(stats));
	green_spawn(&id, NULL, serve, NULL);
	green__mem_fail_after(*(long *)arg);
	/* Time passes while it waits. */
	green_sleep_until(green_after(GREEN_SECOND));
	green__mem_fail_after(-1);
	/* Without memory for anything it has not begun. */
	if (result == -ENOMEM) {
		green_join(id, NULL, GREEN_NEVER);
		green_spawn(&id, NULL, serve, NULL);
	}
	for (int i = 0; i < 3; i++) {
		wrong += green_read_exactly(fds[i], &c, 1, GREEN_NEVER) != 1;
		green_close(fds[i]);
	}
	green_cancel(id);
	green_join(id, NULL, GREEN_NEVER);
	wrong += result != -ECANCELED || stats.served != 3;
	green_clock_real();
	return (void *)(intptr_t)(stats.starved > 0);
}

/* ---- each allocation ----------------------------------------------------- */

static int
run(green_fn fn, long n)
{
	pthread_t os_thread;
	void *refused;

	pthread_create(&os_thread, NULL, fn, &n);
	pthread_join(os_thread, &refused);
	return (int)(intptr_t)refused;
}

static void
each(green_fn fn, const char *what)
{
	int starved = 0, before;
	long n, blocks;

	wrong = 0;
	/* What is made once and stays. */
	run(fn, -1);
	before = open_fds();
	blocks = green__mem_live();
	/* 40 is more than any of these calls asks for. */
	for (n = 0; n < 40; n++)
		starved += run(fn, n);
	ok(starved > 3, "%s: %d of %ld allocations are missed", what, starved,
	   n);
	is(run(fn, 100000), 0, "%s: the last is not", what);
	is(wrong, 0, "%s: nothing went wrong", what);
	is(open_fds(), before, "%s: descriptors that were not closed", what);
	is(green__mem_live(), blocks, "%s: blocks that were not freed", what);
}

int
main(void)
{
	socklen_t len = sizeof(listens_at);

	listens_at.sin_family = AF_INET;
	listens_at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server_fd = green_socket(AF_INET, SOCK_STREAM, 0);
	if (bind(server_fd, (struct sockaddr *)&listens_at, len) ||
	    listen(server_fd, 100) ||
	    getsockname(server_fd, (struct sockaddr *)&listens_at, &len))
		ok(0, "a listener");
	each(serves, "serve");
	each(dials, "dial");
	return tap_done();
}
