/* SPDX-License-Identifier: MIT */
/* Proves: a select chooses descriptors that are ready, at once and after it
 * has waited, among channels, times and other descriptors; equally often; the
 * same one may be in several clauses; nothing is read; a change that was
 * somebody else's wakes nobody in vain; one that is closed meanwhile, was never
 * open, or cannot be one says so; for green threads of one and of several
 * workers, and for an OS thread, which becomes a worker. */

#include "tap.h"

#include <fcntl.h>
#include <pthread.h>

#include <green.h>

#define MS GREEN_MILLISECOND
#define MANY 1000

static struct green_clause
readable(int fd)
{
	struct green_clause c = { .kind = GREEN_CLAUSE_READABLE };

	c.id = (uint64_t)fd;
	return c;
}

static struct green_clause
writable(int fd)
{
	struct green_clause c = { .kind = GREEN_CLAUSE_WRITABLE };

	c.id = (uint64_t)fd;
	return c;
}

static void
put(int fd)
{
	if (write(fd, "x", 1) != 1)
		ok(0, "write to %d", fd);
}

static int
take(int fd)
{
	char c;

	return (int)read(fd, &c, 1);
}

/* ---- at once ------------------------------------------------------------- */

static void
at_once(void)
{
	struct green_clause c[2];
	int fds[2], file;

	green_pipe(fds);
	c[0] = readable(fds[0]);
	c[1] = writable(fds[1]);
	is(green_select(c, 1, 0), -EAGAIN, "an empty pipe");
	is(green_select(c, 1, 1), -ETIMEDOUT, "at a time that has passed");
	c[1].result = 1;
	is(green_select(c, 2, 0), 1, "has room");
	is(c[1].result, 0, "and says so");
	put(fds[1]);
	is(green_select(c, 1, 0), 0, "has something");
	is(green_select(c, 1, GREEN_NEVER), 0, "which stays there");
	is(take(fds[0]), 1, "until it is read");
	is(green_select(c, 1, 0), -EAGAIN, "empty again");
	green_close(fds[1]);
	is(green_select(c, 1, GREEN_NEVER), 0, "the end is to be read");
	is(c[0].result, 0, "it is no error");
	green_close(fds[0]);
	is(green_select(c, 1, GREEN_NEVER), 0, "closed");
	is(c[0].result, -EBADF, "which is one");
	file = open("/dev/null", O_RDWR | O_CLOEXEC);
	c[0] = readable(file);
	is(green_select(c, 1, GREEN_NEVER), 0, "a file is always ready");
	is(c[0].result, 0, "without an error");
	close(file);
}

static void
no_descriptors(void)
{
	struct green_clause c = readable(0);
	uint64_t ids[] = { INT32_MAX, (uint64_t)INT32_MAX + 1, UINT64_MAX,
			   1000000 };

	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		c.id = ids[i];
		c.result = 0;
		is(green_select(&c, 1, GREEN_NEVER), 0, "%#jx",
		   (uintmax_t)ids[i]);
		is(c.result, -EBADF, "is none");
	}
	c = readable(0);
	c.object = &c;
	is(green_select(&c, 1, 0), -EINVAL, "an object");
	c = writable(0);
	c.size = 1;
	is(green_select(&c, 1, 0), -EINVAL, "a size");
	c = writable(0);
	c.time = 1;
	is(green_select(&c, 1, 0), -EINVAL, "a time");
	c = writable(0);
	c.reserved = 1;
	is(green_select(&c, 1, 0), -EINVAL, "reserved");
}

/* 0 is a descriptor like others. */
static void
standard_input(void)
{
	struct green_clause c = readable(0);
	int saved = dup(0), fds[2];

	green_pipe(fds);
	dup2(fds[0], 0);
	green_fd_forget(0);
	is(green_select(&c, 1, green_after(MS)), -ETIMEDOUT, "nothing on 0");
	put(fds[1]);
	is(green_select(&c, 1, GREEN_NEVER), 0, "something on 0");
	is(c.result, 0, "which is good");
	dup2(saved, 0);
	green_fd_forget(0);
	close(saved);
	green_close(fds[0]);
	green_close(fds[1]);
}

/* ---- after a wait -------------------------------------------------------- */

static struct green_chan *ch;
static int ins[2], outs[2];

struct outcome {
	int chosen;
	int result;
	uint64_t item;
};

static void *
mixed(void *arg)
{
	struct outcome *o = arg;
	struct green_clause c[6] = { { 0 } };

	c[0].kind = GREEN_CLAUSE_RECV;
	c[0].object = ch;
	c[0].item = &o->item;
	c[0].size = sizeof(o->item);
	c[1] = readable(ins[0]);
	c[2].kind = GREEN_CLAUSE_NONE;
	c[3] = writable(outs[1]);
	c[4] = readable(ins[0]);
	c[5].kind = GREEN_CLAUSE_TIMER;
	c[5].time = green_after(GREEN_SECOND);
	o->chosen = green_select(c, 6, GREEN_NEVER);
	o->result = o->chosen < 0 ? 0 : c[o->chosen].result;
	return NULL;
}

/* What a select chooses that has begun to wait before `then`. */
static struct outcome
after(void (*then)(void))
{
	struct outcome o = { -1, -1, 0 };
	green_t id;

	green_spawn(&id, NULL, mixed, &o);
	green_yield();
	then();
	green_join(id, NULL, GREEN_NEVER);
	return o;
}

static void
send_it(void)
{
	uint64_t n = 42;

	is(green_chan_send(ch, &n, sizeof(n), 0), 0, "it waits for an item");
}

static void
write_it(void)
{
	put(ins[1]);
}

static void
drain_it(void)
{
	char buf[4096];

	while (read(outs[0], buf, sizeof(buf)) > 0)
		continue;
}

static void
fill_it(void)
{
	char buf[4096] = { 0 };

	while (write(outs[1], buf, sizeof(buf)) > 0)
		continue;
}

static void
nothing(void)
{
}

static void
close_it(void)
{
	is(green_close(ins[0]), 0, "close");
}

static void
after_waiting(void)
{
	struct outcome o;

	green_clock_virtual(GREEN_SECOND);
	green_chan_create(&ch, sizeof(uint64_t), 0, NULL);
	green_pipe(ins);
	green_pipe(outs);
	fill_it();
	o = after(send_it);
	is(o.chosen, 0, "an item");
	is(o.item, 42, "which it is");
	o = after(write_it);
	ok(o.chosen == 1 || o.chosen == 4, "something to read");
	is(o.result, 0, "its result");
	is(take(ins[0]), 1, "it is still there");
	o = after(drain_it);
	is(o.chosen, 3, "room");
	fill_it();
	o = after(nothing);
	is(o.chosen, 5, "the time");
	o = after(close_it);
	ok(o.chosen == 1 || o.chosen == 4, "closed");
	is(o.result, -EBADF, "and it says so");
	is(green_chan_destroy(ch), 0, "nobody is left in the channel");
	green_close(ins[1]);
	green_close(outs[0]);
	green_close(outs[1]);
	green_clock_real();
}

/* Two wait for one byte: the other one goes on waiting. */
static void *
reads_one(void *arg)
{
	struct green_clause c = readable(ins[0]);
	int *took = arg;

	if (green_select(&c, 1, GREEN_NEVER) == 0 && !c.result)
		*took += take(ins[0]);
	return NULL;
}

static void
in_vain(void)
{
	green_t ids[2];
	int took[2] = { 0, 0 };

	green_pipe(ins);
	for (int i = 0; i < 2; i++)
		green_spawn(&ids[i], NULL, reads_one, &took[i]);
	green_yield();
	put(ins[1]);
	while (!took[0] && !took[1])
		green_yield();
	for (int i = 0; i < 3; i++)
		green_yield();
	is(took[0] + took[1], 1, "one of two has read the byte");
	put(ins[1]);
	green_join(ids[0], NULL, GREEN_NEVER);
	green_join(ids[1], NULL, GREEN_NEVER);
	is(took[0], 1, "the first");
	is(took[1], 1, "and the second have read one");
	green_close(ins[0]);
	green_close(ins[1]);
}

/* ---- many ---------------------------------------------------------------- */

#define FAIR 8
#define ROUNDS 4000

static void
fair(void)
{
	struct green_clause c[FAIR];
	int fds[2], counts[FAIR] = { 0 }, bad = 0;

	green_pipe(fds);
	put(fds[1]);
	for (int i = 0; i < FAIR; i++)
		c[i] = i % 2 ? readable(fds[0]) : writable(fds[1]);
	for (int i = 0; i < ROUNDS; i++) {
		int chosen = green_select(c, FAIR, GREEN_NEVER);

		if (chosen >= 0)
			counts[chosen]++;
	}
	for (int i = 0; i < FAIR; i++)
		bad += counts[i] < ROUNDS / FAIR * 8 / 10 ||
		       counts[i] > ROUNDS / FAIR * 12 / 10;
	is(bad, 0, "equally often: %d %d %d %d %d %d %d %d", counts[0],
	   counts[1], counts[2], counts[3], counts[4], counts[5], counts[6],
	   counts[7]);
	green_close(fds[0]);
	green_close(fds[1]);
}

static int many[MANY][2];
static int wrong;

/* Of every pipe once, in an order that is not theirs. */
static void *
reads_all(void *arg)
{
	struct green_clause *c = malloc(MANY * sizeof(*c));

	for (int i = 0; i < MANY; i++)
		c[i] = readable(many[i][0]);
	for (int left = MANY; left; left--) {
		int i = green_select(c, MANY, GREEN_NEVER);

		if (i < 0 || c[i].kind == GREEN_CLAUSE_NONE || c[i].result ||
		    take(many[i][0]) != 1) {
			wrong++;
			break;
		}
		c[i].kind = GREEN_CLAUSE_NONE;
	}
	free(c);
	return arg;
}

static void *
writes_all(void *arg)
{
	for (int i = 0; i < MANY; i++) {
		put(many[i * 7 % MANY][1]);
		if (i % 10 == 0)
			green_yield();
	}
	return arg;
}

/* As many as there are descriptors for. */
static int
make_many(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	for (int i = 0; i < MANY; i++)
		if (green_pipe(many[i])) {
			while (i--) {
				green_close(many[i][0]);
				green_close(many[i][1]);
			}
			return -1;
		}
	return 0;
}

static void
thousand(void)
{
	pthread_t os_thread;
	green_t id;

	if (make_many()) {
		skip("a thousand descriptors", "not so many may be open");
		return;
	}
	green_spawn(&id, NULL, reads_all, NULL);
	green_yield();
	writes_all(NULL);
	green_join(id, NULL, GREEN_NEVER);
	is(wrong, 0, "a thousand, each once");
	pthread_create(&os_thread, NULL, reads_all, NULL);
	writes_all(NULL);
	pthread_join(os_thread, NULL);
	is(wrong, 0, "the same for another OS thread");
	for (int i = 0; i < MANY; i++) {
		green_close(many[i][0]);
		green_close(many[i][1]);
	}
}

/* ---- several workers ------------------------------------------------------
 */

#define PAIRS 6
#define TURNS 100

static int rings[PAIRS][2];
static struct green_chan *stop;

/* Hands each byte on to the next, until told to stop. */
static void *
passes_on(void *arg)
{
	int i = (int)(intptr_t)arg, passed = 0;
	struct green_clause c[2] = { { 0 } };
	char byte;

	c[0] = readable(rings[i][0]);
	c[1].kind = GREEN_CLAUSE_RECV;
	c[1].object = stop;
	c[1].item = &byte;
	c[1].size = 1;
	while (green_select(c, 2, GREEN_NEVER) == 0 && !c[0].result) {
		if (green_read(rings[i][0], &byte, 1, GREEN_NEVER) != 1)
			return (void *)-1;
		if (++byte > TURNS)
			green_chan_close(stop);
		else
			green_write(rings[(i + 1) % PAIRS][1], &byte, 1,
				    GREEN_NEVER);
		passed++;
	}
	return (void *)(intptr_t)(c[1].result == -EPIPE ? passed : -1);
}

static void *
ring(void *arg)
{
	green_t ids[PAIRS];
	void *passed;
	int sum = 0, bad = 0;
	char one = 1;

	for (intptr_t i = 0; i < PAIRS; i++)
		green_spawn(&ids[i], NULL, passes_on, (void *)i);
	green_write(rings[0][1], &one, 1, GREEN_NEVER);
	for (int i = 0; i < PAIRS; i++) {
		green_join(ids[i], &passed, GREEN_NEVER);
		sum += (int)(intptr_t)passed;
		bad += (intptr_t)passed < 0;
	}
	is(bad, 0, "%s: all were told to stop", (const char *)arg);
	is(sum, TURNS, "%s: and passed everything on", (const char *)arg);
	return NULL;
}

static void
rounds(struct green_runtime *rt, const char *who)
{
	for (int i = 0; i < PAIRS; i++)
		green_pipe(rings[i]);
	green_chan_create(&stop, 1, 0, NULL);
	if (rt)
		green_runtime_run(rt, ring, (void *)who, NULL);
	else
		ring((void *)who);
	is(green_chan_destroy(stop), 0, "%s: nobody is left", who);
	for (int i = 0; i < PAIRS; i++) {
		green_close(rings[i][0]);
		green_close(rings[i][1]);
	}
}

static void
among_workers(void)
{
	struct green_runtime_attr attr = { .size = sizeof(attr) };
	struct green_runtime *rt = NULL;

	attr.workers = 3;
	rounds(NULL, "one worker");
	is(green_runtime_create(&rt, &attr), 0, "three workers");
	rounds(rt, "three");
	green_runtime_destroy(rt);
}

static uint64_t
workers(void)
{
	struct green_stats stats = { .size = sizeof(stats) };

	green_stats_get(&stats);
	return stats.workers;
}

/* An OS thread that only has to look is left as it is. */
static void *
looks_and_waits(void *arg)
{
	struct green_clause c = readable(ins[0]);

	is(green_select(&c, 1, 0), -EAGAIN, "an OS thread that looks");
	is(workers(), *(uint64_t *)arg, "becomes no worker");
	is(green_select(&c, 1, GREEN_NEVER), 0, "one that waits");
	is(workers(), *(uint64_t *)arg + 1, "has become one");
	return arg;
}

static void
os_threads(void)
{
	pthread_t os_thread;
	uint64_t before = workers();

	green_pipe(ins);
	pthread_create(&os_thread, NULL, looks_and_waits, &before);
	while (workers() == before)
		green_yield();
	put(ins[1]);
	pthread_join(os_thread, NULL);
	green_close(ins[0]);
	green_close(ins[1]);
}

int
main(void)
{
	at_once();
	no_descriptors();
	standard_input();
	after_waiting();
	in_vain();
	fair();
	thousand();
	os_threads();
	among_workers();
	return tap_done();
}
