/* SPDX-License-Identifier: MIT */
/* Proves: every connection is served once, in one worker and in several, over
 * TCP and UNIX sockets; never more at a time than the limit says; when the
 * process has no descriptors left, the rest wait until one is given back; and
 * all of it is counted. */

#include "tap.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/resource.h>

#include <green.h>

#define CLIENTS 60

static atomic_int wrong, active, most;

/* ---- the server ---------------------------------------------------------- */

static void
echo(int fd, void *arg)
{
	int now = ++active, seen = most;
	char buf[64];
	ssize_t n;

	while (now > seen && !atomic_compare_exchange_weak(&most, &seen, now))
		;
	while ((n = green_recv(fd, buf, sizeof(buf), 0, GREEN_NEVER)) > 0)
		wrong += green_write_all(fd, buf, (size_t)n, GREEN_NEVER) != n;
	wrong += n != 0;
	wrong += *(int *)arg != 17;
	active--;
}

struct server {
	struct green_serve_attr attr;
	struct green_serve_stats stats;
	char name[GREEN_NET_NAME_MAX];
	int fd, result, arg;
	green_t id;
};

static void *
serve(void *arg)
{
	struct server *s = arg;

	s->result = green_serve(s->fd, &s->attr, echo, &s->arg);
	return NULL;
}

static void
open_server(struct server *s, const char *address, uint64_t limit)
{
	memset(s, 0, sizeof(*s));
	s->attr.size = sizeof(s->attr);
	s->attr.connections = limit;
	s->attr.grace = GREEN_NEVER;
	s->attr.stats = &s->stats;
	s->arg = 17;
	s->fd = green_listen(address, NULL, GREEN_NEVER);
	green_net_local(s->fd, s->name, sizeof(s->name));
	most = wrong = 0;
}

static void
close_server(struct server *s)
{
	wrong += green_shutdown(s->fd, SHUT_RDWR) != 0;
	green_join(s->id, NULL, GREEN_NEVER);
	wrong += s->result != 0;
	wrong += active != 0;
	green_close(s->fd);
}

/* ---- clients ------------------------------------------------------------- */

static bool
talk(int fd)
{
	char buf[32] = "", got[32];

	snprintf(buf, sizeof(buf), "this is %d", fd);
	return green_write_all(fd, buf, sizeof(buf), GREEN_NEVER) ==
		       sizeof(buf) &&
	       green_read_exactly(fd, got, sizeof(got), GREEN_NEVER) ==
		       sizeof(got) &&
	       !memcmp(got, buf, sizeof(got));
}

static void *
client(void *arg)
{
	struct server *s = arg;
	int fd = green_dial(s->name, NULL, GREEN_NEVER);

	wrong += fd < 0;
	for (int i = 0; i < 3; i++)
		wrong += !talk(fd);
	green_close(fd);
	return NULL;
}

static void
run_clients(struct server *s)
{
	struct green_scope *scope;

	green_scope_create(&scope, NULL);
	for (int i = 0; i < CLIENTS; i++)
		green_scope_spawn(scope, NULL, NULL, client, s);
	wrong += green_scope_wait(scope, GREEN_NEVER) != 0;
	green_scope_destroy(scope);
}

static void
round_of(const char *address, uint64_t limit)
{
	struct server s;

	open_server(&s, address, limit);
	green_spawn(&s.id, NULL, serve, &s);
	run_clients(&s);
	close_server(&s);
	is(wrong, 0, "%s, limit %d", address, (int)limit);
	is(s.stats.served, CLIENTS, "all were served");
	ok(s.stats.most >= (uint64_t)most, "at most %d at a time", most);
	ok(!limit || s.stats.most <= limit, "not more than the limit");
	is(s.stats.lost + s.stats.starved + s.stats.cancelled, 0,
	   "nothing special");
}

/* ---- several workers ----------------------------------------------------- */

static void *
elsewhere(void *arg)
{
	(void)arg;
	round_of("127.0.0.1:0", 0);
	round_of("127.0.0.1:0", 5);
	return NULL;
}

static void
several_workers(void)
{
	struct green_runtime_attr attr = { .size = sizeof(attr), .workers = 3 };
	struct green_runtime *runtime;

	is(green_runtime_create(&runtime, &attr), 0, "three workers");
	green_runtime_run(runtime, elsewhere, NULL, NULL);
	green_runtime_destroy(runtime);
}

/* ---- the limit ----------------------------------------------------------- */

/* As many as the limit are held up: then the loop waits. */
static void
limit(void)
{
	struct server s;
	int fds[5];

	open_server(&s, "127.0.0.1:0", 2);
	green_spawn(&s.id, NULL, serve, &s);
	for (int i = 0; i < 5; i++)
		fds[i] = green_dial(s.name, NULL, GREEN_NEVER);
	for (int i = 0; i < 5; i++) {
		wrong += !talk(fds[i]);
		/* Whoever has talked is one of those that are served. */
		wrong += active > 2;
		green_close(fds[i]);
	}
	close_server(&s);
	is(wrong, 0, "the others have their turn");
	is(s.stats.served, 5, "all of them");
	is(s.stats.most, 2, "two at a time");
	ok(s.stats.full > 0, "it was full %d times", (int)s.stats.full);
}

/* ---- descriptors --------------------------------------------------------- */

static rlim_t
lowest_free(void)
{
	int fd = dup(0);

	close(fd);
	return (rlim_t)fd;
}

static void
starved(void)
{
	struct rlimit old, low;
	struct server s;
	int fds[CLIENTS];

	open_server(&s, "127.0.0.1:0", 0);
	green_spawn(&s.id, NULL, serve, &s);
	for (int i = 0; i < CLIENTS; i++)
		fds[i] = green_dial(s.name, NULL, GREEN_NEVER);
	wrong += !talk(fds[0]);
	green_close(fds[0]);
	getrlimit(RLIMIT_NOFILE, &old);
	low = old;
	/* Whatever the server has open by now, there is one number for it. */
	low.rlim_cur = lowest_free() + 1;
	setrlimit(RLIMIT_NOFILE, &low);
	for (int i = 1; i < CLIENTS; i++) {
		wrong += !talk(fds[i]);
		green_close(fds[i]);
	}
	setrlimit(RLIMIT_NOFILE, &old);
	close_server(&s);
	is(wrong, 0, "descriptors run out");
	is(s.stats.served, CLIENTS, "all were served");
}

/* No descriptor at all, and no connection that would end. */
static void
starved_from_outside(void)
{
	struct rlimit old, low;
	struct server s;
	int fd;

	open_server(&s, "127.0.0.1:0", 0);
	fd = green_dial(s.name, NULL, GREEN_NEVER);
	getrlimit(RLIMIT_NOFILE, &old);
	low = old;
	low.rlim_cur = lowest_free();
	setrlimit(RLIMIT_NOFILE, &low);
	green_clock_virtual(GREEN_SECOND);
	green_spawn(&s.id, NULL, serve, &s);
	/* Time passes while it waits, and then in moments. */
	green_sleep_until(green_after(GREEN_SECOND));
	is(s.stats.served, 0, "nothing is there");
	setrlimit(RLIMIT_NOFILE, &old);
	ok(talk(fd), "and then it is");
	green_close(fd);
	close_server(&s);
	green_clock_real();
	is(wrong, 0, "it was served");
	ok(s.stats.starved > 0, "after it was starved %d times",
	   (int)s.stats.starved);
}

/* Valgrind closes what is accepted beyond the limit, and says EMFILE. */
static void
descriptors_run_out(void)
{
	const char *emulator = getenv("TEST_EMULATOR");

	if (emulator && strstr(emulator, "valgrind")) {
		skip("descriptors run out", "Valgrind loses connections");
		return;
	}
	starved();
	starved_from_outside();
}

int
main(void)
{
	char address[64];

	if (dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0) < 0)
		ok(0, "/dev/null");
	round_of("127.0.0.1:0", 0);
	round_of("127.0.0.1:0", 1);
	round_of("127.0.0.1:0", 7);
	snprintf(address, sizeof(address), "unix:@t-serve-%d", (int)getpid());
	round_of(address, 0);
	round_of(address, 3);
	limit();
	descriptors_run_out();
	several_workers();
	return tap_done();
}
