/* SPDX-License-Identifier: MIT */
/* Proves: names are copied and cut, can be set, changed and taken away, are
 * read by id or 0 within a buffer of any size, and only on the own worker. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

static char got[GREEN_NAME_MAX + 8];

static const char *
name_of(green_t id)
{
	int error = green_name_get(id, got, sizeof(got));

	return error ? green_strerror(error) : got;
}

static void *
work(void *arg)
{
	green_yield();
	strcpy(arg, name_of(0));
	ok(!strcmp(arg, name_of(green_self())), "0 is the calling thread");
	green_name_set(0, "renamed by itself");
	green_yield();
	return NULL;
}

static void *
elsewhere(void *arg)
{
	green_t id = *(green_t *)arg;
	char buf[4];

	is(green_name_get(id, buf, sizeof(buf)), -EPERM, "get elsewhere");
	is(green_name_set(id, "x"), -EPERM, "set elsewhere");
	green_self();
	is(green_name_get(id, buf, sizeof(buf)), -EPERM, "get, as a worker");
	return NULL;
}

static void
buffers(green_t id)
{
	char buf[8] = "abcdefg";

	is(green_name_get(id, NULL, 8), -EINVAL, "NULL buffer");
	is(green_name_get(id, buf, 0), -EINVAL, "no room");
	ok(!strcmp(buf, "abcdefg"), "which was not written to");
	is(green_name_get(id, buf, 1), 0, "room for one byte");
	ok(!memcmp(buf, "\0bcdefg", 8), "gets the end alone");
	is(green_name_get(id, buf, 4), 0, "room for four");
	ok(!memcmp(buf, "ren\0efg", 8), "gets three letters");
}

int
main(void)
{
	struct green_attr attr = { .size = sizeof(attr) };
	char name[80], seen[GREEN_NAME_MAX + 8];
	pthread_t other;
	green_t id;

	ok(!strcmp(name_of(0), ""), "the main flow has no name");
	is(green_name_set(0, "main"), 0, "give it one");
	ok(!strcmp(name_of(0), "main"), "now it has");
	is(green_name_set(0, NULL), 0, "take it away");
	ok(!strcmp(name_of(0), ""), "gone");

	strcpy(name, "worker");
	attr.name = name;
	is(green_spawn(&id, &attr, work, seen), 0, "spawn with a name");
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ok(!strcmp(name_of(id), "worker"), "it was copied");
	green_yield();
	green_yield();
	ok(!strcmp(seen, "worker"), "the thread sees it");
	ok(!strcmp(name_of(id), "renamed by itself"), "and can change it");
	buffers(id);
	is(green_name_set(id, name), 0, "a name that is too long");
	is(strlen(name_of(id)), GREEN_NAME_MAX - 1, "is cut");
	is(green_name_set(id, "y"), 0, "a shorter one");
	ok(!strcmp(name_of(id), "y"), "replaces all of it");
	is(green_name_set(id, ""), 0, "an empty one");
	ok(!strcmp(name_of(id), ""), "is none");

	pthread_create(&other, NULL, elsewhere, &id);
	pthread_join(other, NULL);
	green_join(id, NULL, GREEN_NEVER);
	is(green_name_get(id, seen, sizeof(seen)), -ESRCH, "stale id");
	is(green_name_set(id, "z"), -ESRCH, "stale id");
	attr.name = "";
	is(green_spawn(&id, &attr, work, seen), 0, "spawn with an empty name");
	ok(!strcmp(name_of(id), ""), "is without");
	green_join(id, NULL, GREEN_NEVER);
	return tap_done();
}
