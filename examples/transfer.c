/* SPDX-License-Identifier: MIT */
/*
 * libcurl's multi interface on green threads: how to use a library that hands
 * out descriptors and time-outs instead of waiting itself.
 *
 * The library says by one callback which sockets it wants to know about, and by
 * another until when it can wait. For each direction of a socket there is a
 * watcher, a green thread that waits for it and tells the library; another one
 * waits for the time. Whoever tells the library something looks afterwards
 * which transfers have ended, and lets those go on who wait for them.
 *
 *	transfer() --- add ---> multi handle <--- ready --- watchers
 *	    ^                        |       <--- time ---- timer
 *	    +-------- done ----------+
 *
 * All of them are threads of one worker, and nothing parks inside of the
 * library: so there is never more than one in it, without any lock.
 *
 * The sockets are the library's: it opens and closes them. When it has no more
 * use for one, libgreen is told to forget the number, which the next socket may
 * have.
 */

#define _GNU_SOURCE
#include "transfer.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <green.h>

#define STACK (256 * 1024) /* TLS needs more than most */

/* A direction of a socket. */
struct watcher {
	int fd;
	int events; /* POLLIN or POLLOUT; 0: it may go */
	green_t id;
};

/* The library keeps it with the socket. */
struct watched {
	struct watcher *in, *out; /* NULL: not wanted */
};

static CURLM *multi;
static struct green_scope *scope; /* of the watchers and the timer */
static green_t timer;
static int64_t until; /* when the library wants to be called */

/* ---- what the library is told -------------------------------------------- */

struct waiting {
	struct green_event done;
	CURLcode result;
};

static void
let_go(void)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(multi, &left))) {
		struct waiting *w;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &w);
		w->result = message->data.result;
		green_event_set(&w->done);
	}
}

static void
tell(curl_socket_t fd, int what)
{
	int running;

	if (curl_multi_socket_action(multi, fd, what, &running) > CURLM_OK) {
		fputs("libcurl has no memory to go on\n", stderr);
		exit(1);
	}
	let_go();
}

static void *
watch(void *arg)
{
	struct watcher *w = arg;

	while (w->events) {
		int ready = green_fd_wait(w->fd, w->events, GREEN_NEVER);

		/* The library has changed its mind meanwhile. */
		if (!w->events || ready == -EINTR)
			continue;
		if (ready == -ECANCELED)
			break;
		/* The library takes its time; others have their turn. */
		green_yield();
		if (!w->events)
			continue;
		tell(w->fd, ready < 0             ? CURL_CSELECT_ERR
			    : w->events == POLLIN ? CURL_CSELECT_IN
						  : CURL_CSELECT_OUT);
	}
	free(w);
	return NULL;
}

static void *
wait_for_time(void *arg)
{
	for (;;) {
		int64_t now_until = until;
		int error = green_sleep_until(now_until);

		if (error == -ECANCELED)
			return arg;
		/* Interrupted, or it is another time by now. */
		if (error || now_until != until)
			continue;
		until = GREEN_NEVER;
		tell(CURL_SOCKET_TIMEOUT, 0);
	}
}

/* ---- what the library says ----------------------------------------------- */

/* A watcher that is there or not becomes one that is wanted or not. Returns
 * false if there is no memory for it. */
static bool
want(struct watcher **watcher, bool wanted, int fd, int events)
{
	struct green_attr attr = { .size = sizeof(attr),
				   .flags = GREEN_DETACHED,
				   .stack_size = STACK };
	struct watcher *w = *watcher;

	if (wanted == !!w)
		return true;
	if (w) {
		w->events = 0;
		green_interrupt(w->id);
		*watcher = NULL;
		return true;
	}
	w = malloc(sizeof(*w));
	if (!w)
		return false;
	*w = (struct watcher){ .fd = fd, .events = events };
	if (green_scope_spawn(scope, &w->id, &attr, watch, w)) {
		free(w);
		return false;
	}
	*watcher = w;
	return true;
}

static int
socket_changed(CURL *handle, curl_socket_t fd, int what, void *arg,
	       void *socket_arg)
{
	struct watched *w = socket_arg;
	bool good;

	(void)handle;
	(void)arg;
	if (!w) {
		w = calloc(1, sizeof(*w));
		if (!w)
			return -1;
		curl_multi_assign(multi, fd, w);
	}
	good = want(&w->in, what == CURL_POLL_IN || what == CURL_POLL_INOUT, fd,
		    POLLIN);
	good &= want(&w->out, what == CURL_POLL_OUT || what == CURL_POLL_INOUT,
		     fd, POLLOUT);
	if (what == CURL_POLL_REMOVE) {
		curl_multi_assign(multi, fd, NULL);
		free(w);
		green_fd_forget(fd);
	}
	return good ? 0 : -1;
}

static int
time_changed(CURLM *m, long ms, void *arg)
{
	(void)m;
	(void)arg;
	until = ms < 0 ? GREEN_NEVER : green_after(ms * GREEN_MILLISECOND);
	green_interrupt(timer);
	return 0;
}

/* ---- transfers ----------------------------------------------------------- */

CURLcode
transfer(CURL *handle)
{
	struct waiting w = { .done = GREEN_EVENT_INIT };
	int error;

	curl_easy_setopt(handle, CURLOPT_PRIVATE, &w);
	if (curl_multi_add_handle(multi, handle) != CURLM_OK)
		return CURLE_FAILED_INIT;
	do
		error = green_event_wait(&w.done, GREEN_NEVER);
	while (error == -EINTR);
	if (error)
		w.result = CURLE_ABORTED_BY_CALLBACK;
	curl_multi_remove_handle(multi, handle);
	return w.result;
}

int
transfers_begin(void)
{
	struct green_attr attr = { .size = sizeof(attr), .stack_size = STACK };
	int error;

	until = GREEN_NEVER;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) ||
	    !(multi = curl_multi_init()))
		return -ENOMEM;
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket_changed);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, time_changed);
	error = green_scope_create(&scope, NULL);
	if (!error)
		error = green_scope_spawn(scope, &timer, &attr, wait_for_time,
					  NULL);
	return error;
}

void
transfers_end(void)
{
	/* Connections that were kept have their watchers taken away. */
	curl_multi_cleanup(multi);
	green_scope_cancel(scope);
	green_join(timer, NULL, GREEN_NEVER);
	green_scope_destroy(scope);
	curl_global_cleanup();
}
