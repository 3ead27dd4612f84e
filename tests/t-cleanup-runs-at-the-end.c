/* SPDX-License-Identifier: MIT */
/* Proves: cleanup handlers run once each, the last one first and before key
 * destructors, when a thread returns, exits or is cancelled, of a main flow
 * too; shielded, and able to park, push, pop and exit; popping runs one or does
 * not; and those of abandoned threads do not run. */

#include "tap.h"

#include <pthread.h>

#include <green.h>

static char log_text[64], exited[] = "exited";
static green_key_t key;
static struct green_scope *scope;

static void
write_down(const char *what)
{
	strncat(log_text, what, sizeof(log_text) - strlen(log_text) - 1);
}

static void
note(void *arg)
{
	write_down(arg);
}

static void
push(void (*fn)(void *), const char *what)
{
	is(green_cleanup_push(fn, (void *)(uintptr_t)what), 0, "push %s", what);
}

static void
parks(void *arg)
{
	is(green_cancelled(), 0, "shielded");
	is(green_sleep_until(green_after(1)), 0, "sleeps");
	note(arg);
}

static void
pushes(void *arg)
{
	note(arg);
	push(note, "+");
}

static void
pops(void *arg)
{
	note(arg);
	is(green_cleanup_pop(0), 0, "pop from a handler");
}

static void
exits(void *arg)
{
	note(arg);
	green_exit(exited);
}

static void *
returns(void *arg)
{
	push(note, "a");
	push(parks, "b");
	push(pushes, "c");
	green_key_set(key, &key);
	push(exits, "d");
	push(note, "e");
	push(pops, "f");
	push(note, "g");
	is(green_cleanup_pop(0), 0, "pop");
	push(note, "h");
	return arg;
}

static void *
calls_exit(void *arg)
{
	returns(arg);
	green_exit(arg);
}

static void *
sleeps(void *arg)
{
	returns(arg);
	return green_sleep_until(GREEN_NEVER) == -ECANCELED ? arg : NULL;
}

static void
runs(green_fn fn, struct green_scope *in, const char *how)
{
	struct green_attr attr = { .size = sizeof(attr), .scope = in };
	void *value = NULL;
	green_t id;

	log_text[0] = '\0';
	green_spawn(&id, &attr, fn, &key);
	green_yield();
	green_cancel(id);
	is(green_join(id, &value, GREEN_NEVER), 0, "%s: joined", how);
	ok(value == exited, "%s: a handler said how", how);
	ok(!strcmp(log_text, "hfdc+bak"), "%s: in order: %s", how, log_text);
}

static void *
pops_only(void *arg)
{
	is(green_cleanup_pop(1), -ENOENT, "nothing to pop");
	push(note, "a");
	push(parks, "b");
	push(note, "c");
	is(green_cleanup_pop(2), -EINVAL, "run is 0 or 1");
	is(green_cleanup_pop(1), 0, "pop and run");
	green_cancel(green_self());
	is(green_cleanup_pop(1), 0, "shielded");
	is(green_cancelled(), 1, "not any more");
	is(green_cleanup_pop(0), 0, "pop only");
	is(green_cleanup_pop(0), -ENOENT, "none left");
	ok(!strcmp(log_text, "cb"), "ran: %s", log_text);
	return arg;
}

/* The usual way to own a scope in a function that may be left by green_exit().
 */
static void
leave_and_destroy(void *arg)
{
	struct green_scope *s = arg;
	int error = green_scope_leave(s);

	ok(error == 0 || error == -EINVAL, "leave, unless left");
	is(green_scope_destroy(s), 0, "destroy");
	write_down("s");
}

static void *
owns_a_scope(void *arg)
{
	struct green_scope *s;

	for (int i = 0; i < 2; i++) {
		green_scope_create(&s, NULL);
		green_cleanup_push(leave_and_destroy, s);
		green_scope_enter(s);
		green_scope_cancel(s);
		is(green_cancelled(), 1, "called off");
		if (i == 0) {
			is(green_cleanup_pop(1), 0, "destroyed");
			is(green_cancelled(), 0, "over");
			is(green_shield(0), 0, "no shield is left");
		}
	}
	green_exit(arg);
}

static void *
pushes_key(void *arg)
{
	is(green_key_set(key, arg), 0, "a value");
	return arg;
}

static void
destructor(void *value)
{
	write_down("k");
	if (value == &scope)
		push(note, "l");
}

static void *
main_flow(void *arg)
{
	push(note, "m");
	push(parks, "n");
	if (arg)
		green_exit(NULL);
	return NULL;
}

static void *
abandons(void *arg)
{
	green_spawn(NULL, NULL, sleeps, NULL);
	green_yield();
	log_text[0] = '\0';
	return arg;
}

static void
of_os_thread(void *(*fn)(void *), void *arg, const char *want)
{
	pthread_t thread;

	log_text[0] = '\0';
	pthread_create(&thread, NULL, fn, arg);
	pthread_join(thread, NULL);
	ok(!strcmp(log_text, want), "of an OS thread: %s", log_text);
}

int
main(void)
{
	green_t id;

	is(green_cleanup_pop(0), -ENOENT, "nothing without a runtime");
	is(green_cleanup_push(NULL, NULL), -EINVAL, "no handler");
	green_key_create(&key, destructor);
	green_scope_create(&scope, NULL);
	runs(returns, NULL, "return");
	runs(calls_exit, NULL, "exit");
	runs(sleeps, NULL, "cancel");
	runs(returns, scope, "a member");
	green_scope_destroy(scope);

	log_text[0] = '\0';
	green_spawn(&id, NULL, pops_only, NULL);
	green_join(id, NULL, GREEN_NEVER);
	log_text[0] = '\0';
	green_spawn(&id, NULL, owns_a_scope, NULL);
	green_join(id, NULL, GREEN_NEVER);
	ok(!strcmp(log_text, "ss"), "both scopes: %s", log_text);
	log_text[0] = '\0';
	green_spawn(&id, NULL, pushes_key, &scope);
	green_join(id, NULL, GREEN_NEVER);
	ok(!strcmp(log_text, "kl"), "pushed by a destructor: %s", log_text);

	of_os_thread(main_flow, NULL, "nm");
	of_os_thread(main_flow, &key, "nm");
	of_os_thread(abandons, NULL, "");
	return tap_done();
}
