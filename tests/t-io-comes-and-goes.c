/* SPDX-License-Identifier: MIT */
/* Proves: however many connections are opened at once, used and closed, and
 * however often, on one worker and on several, all are served, and there are as
 * many descriptors, threads and, but for what is kept to be used again, as much
 * memory afterwards as after the first times. make soak does that for long, and
 * with as many as ten thousand. */

#include "tap.h"
#include "tcp.h"

#include <fcntl.h>
#include <stdatomic.h>

#include <green.h>

#include "seeds.h"
#include "statm.h"

#define SLACK (4 << 20)

static struct sockaddr_in addr;
static int listener, many;
static atomic_int accepted, served, wrong;
/* Opened when all are connected: so that they are there at once. */
static struct green_event everybody;

static int
open_descriptors(void)
{
	int n = 0, end = 2 * many + 1000;

	for (int fd = 0; fd < end; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void *
serve(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char buf[64];
	ssize_t n;

	while ((n = green_read(fd, buf, sizeof(buf), GREEN_NEVER)) > 0)
		wrong += green_write_all(fd, buf, (size_t)n, GREEN_NEVER) != n;
	wrong += n != 0;
	wrong += green_close(fd) != 0;
	served++;
	return NULL;
}

static void *
server(void *arg)
{
	for (int i = 0; i < many; i++) {
		int fd = green_accept(listener, NULL, NULL, GREEN_NEVER);

		if (fd < 0 ||
		    green_spawn(NULL, NULL, serve, (void *)(intptr_t)fd)) {
			wrong++;
			break;
		}
		accepted++;
	}
	return arg;
}

static void *
client(void *arg)
{
	int fd = green_socket(AF_INET, SOCK_STREAM, 0);
	uint64_t out = (uintptr_t)arg, in = 0;

	wrong += green_connect(fd, (struct sockaddr *)&addr, sizeof(addr),
			       GREEN_NEVER) != 0;
	wrong += green_write_all(fd, &out, sizeof(out), GREEN_NEVER) !=
		 sizeof(out);
	wrong += green_event_wait(&everybody, GREEN_NEVER) != 0;
	wrong += green_read_exactly(fd, &in, sizeof(in), GREEN_NEVER) !=
		 sizeof(in);
	wrong += in != out;
	wrong += green_shutdown(fd, SHUT_WR) != 0;
	wrong += green_read(fd, &in, 1, GREEN_NEVER) != 0;
	wrong += green_close(fd) != 0;
	return NULL;
}

static void *
one_round(void *arg)
{
	green_t *ids = calloc((size_t)many, sizeof(*ids)), id;

	served = accepted = 0;
	green_spawn(&id, NULL, server, NULL);
	for (int i = 0; i < many; i++) {
		wrong += green_spawn(&ids[i], NULL, client,
				     (void *)(uintptr_t)(i + 1)) != 0;
		/* The queue of the listener has so much room. */
		while (i % 1000 == 999 && accepted <= i)
			green_sleep_until(green_after(GREEN_MILLISECOND));
	}
	green_join(id, NULL, GREEN_NEVER);
	green_event_set(&everybody);
	for (int i = 0; i < many; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	while (served < many)
		green_sleep_until(green_after(GREEN_MILLISECOND));
	green_event_reset(&everybody);
	free(ids);
	return arg;
}

static void
in_runtime(void)
{
	struct green_runtime_attr attr = { .size = sizeof(attr), .workers = 2 };
	struct green_runtime *rt;

	if (green_runtime_create(&rt, &attr)) {
		wrong++;
		return;
	}
	green_runtime_run(rt, one_round, NULL, NULL);
	green_runtime_destroy(rt);
}

int
main(void)
{
	struct green_stats stats = { .size = sizeof(stats) };
	int rounds = stress_seed_asked() ? 8 : 6, first = 0;
	struct rlimit limit;
	uint64_t memory = 0, now;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	many = stress_seed_asked() ? 10000 : tap_scale(200, 30);
	if (limit.rlim_cur < 2 * (rlim_t)many + 200)
		many = (int)(limit.rlim_cur - 200) / 2;
	listener = tcp_listener(&addr, 4096);
	green_event_init(&everybody, NULL);
	for (int i = 0; i < rounds; i++) {
		if (i % 2)
			in_runtime();
		else
			one_round(NULL);
		now = resident_memory();
		if (i == 3) {
			first = open_descriptors();
			memory = now;
		}
	}
	is(wrong, 0, "%d connections at once, %d times", many, rounds);
	is(open_descriptors(), first, "as many descriptors as before");
	green_stats_get(&stats);
	is(stats.threads, 1, "nobody is left");
	if (TAP_SANITIZED || tap_scale(1, 0) == 0)
		skip("memory", "it is not the program's alone");
	else if (!ok(now <= memory + SLACK, "as much memory as before"))
		printf("# %ju before, %ju now\n", (uintmax_t)memory,
		       (uintmax_t)now);
	green_close(listener);
	return tap_done();
}
