/* SPDX-License-Identifier: MIT */
/*
 * Listening.
 *
 * The file of a UNIX socket stays when its process ends, and nobody can bind to
 * it again. It is removed only when it is certain that no socket is behind it:
 * the kernel is asked to connect a socket of datagrams to it. Whether there is
 * a socket it finds out before it compares types, so a socket of another type
 * is EPROTOTYPE, also one that does not listen yet, and nobody notices the
 * question; ECONNREFUSED is none. A file that has lost its socket never gets
 * another.
 *
 * Between the question and the removal somebody else may have done the same,
 * and listen there. So the file is renamed first, which takes whichever file it
 * is at that moment, and looked at again; if it is not the one that was asked
 * about, it goes back.
 *
 * Rejected: unlinking whatever is there, as many servers do, which takes the
 * file from under one that still runs; connecting with the right type, which
 * finds sockets that do not listen yet refused, too, and troubles those that
 * do; a file beside it to lock, which stays.
 */

#include "config.h"

#include "address.h"

#include "base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <green/io.h>
#include <green/net.h>

#define ATTR_MIN sizeof(struct green_listen_attr) /* of the first release */
#define FLAGS \
	(GREEN_NET_DATAGRAM | GREEN_NET_IPV4 | GREEN_NET_IPV6 | \
	 GREEN_NET_SHARED | GREEN_NET_DELAY)

/* ---- files without a socket ---------------------------------------------- */

/* Is it the file of a UNIX socket, and is no socket behind it? */
static bool
is_stale(const struct address *a, struct stat *ret)
{
	bool refused;
	int fd;

	if (lstat(a->un.sun_path, ret) || !S_ISSOCK(ret->st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	refused = connect(fd, &a->any, a->len) && errno == ECONNREFUSED;
	close(fd);
	return refused;
}

/* False: it is still there, or another one is. */
static bool
remove_stale(const struct address *a)
{
	char aside[sizeof(a->un.sun_path) + 32];
	struct stat asked, moved;

	if (!is_stale(a, &asked))
		return false;
	snprintf(aside, sizeof(aside), "%s.%d.stale", a->un.sun_path,
		 (int)getpid());
	if (rename(a->un.sun_path, aside))
		return false;
	if (!lstat(aside, &moved) && moved.st_dev == asked.st_dev &&
	    moved.st_ino == asked.st_ino)
		return !unlink(aside);
	/* It was another one's. Who has come meanwhile stays. */
	renameat2(AT_FDCWD, aside, AT_FDCWD, a->un.sun_path, RENAME_NOREPLACE);
	return false;
}

static int
bind_to(int fd, const struct address *a)
{
	bool is_file = a->any.sa_family == AF_UNIX && *a->un.sun_path;
	int error = bind(fd, &a->any, a->len) ? -errno : 0;

	if (error == -EADDRINUSE && is_file && remove_stale(a))
		error = bind(fd, &a->any, a->len) ? -errno : 0;
	return error;
}

/* ---- listening ----------------------------------------------------------- */

/* What has to be set before bind(2). */
static int
set_options(int fd, const struct address *a, uint64_t flags, bool only_v6)
{
	bool ok = true;

	if (a->any.sa_family == AF_UNIX)
		return 0;
	/* For datagrams it would let two sockets have the same port. */
	if (!(flags & GREEN_NET_DATAGRAM))
		ok = green__net_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (ok && flags & GREEN_NET_SHARED)
		ok = green__net_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (ok && a->any.sa_family == AF_INET6)
		ok = green__net_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, only_v6);
	return ok ? 0 : -errno;
}

static int
listen_on(const struct address *a, const struct green_listen_attr *attr,
	  bool only_v6)
{
	/* The system makes it less if that is too much. */
	int backlog = attr->backlog && attr->backlog < INT32_MAX
			      ? (int)attr->backlog
			      : INT32_MAX;
	int fd = green__net_socket(a, attr->flags);
	int error;

	if (fd < 0)
		return fd;
	error = set_options(fd, a, attr->flags, only_v6);
	if (!error)
		error = bind_to(fd, a);
	if (!error && !(attr->flags & GREEN_NET_DATAGRAM) &&
	    listen(fd, backlog))
		error = -errno;
	if (!error)
		return fd;
	green_close(fd);
	return error;
}

/* The first that can be had; the error of the first if none can. */
static int
listen_on_any(const struct addresses *list,
	      const struct green_listen_attr *attr)
{
	bool both = list->no_host && !(attr->flags & GREEN_NET_IPV6);
	int first = 0, pass, i;

	/* Without a host, IPv6 comes first: that socket serves both. */
	for (pass = !list->no_host; pass < 2; pass++) {
		for (i = 0; i < list->count; i++) {
			const struct address *a = &list->all[i];
			int fd;

			if (!pass && a->any.sa_family != AF_INET6)
				continue;
			fd = listen_on(a, attr, !both);
			if (fd >= 0)
				return fd;
			if (!first)
				first = fd;
		}
	}
	return first;
}

int
green_listen(const char *address, const struct green_listen_attr *attr,
	     int64_t deadline)
{
	static const struct green_listen_attr defaults = { .size = ATTR_MIN };
	struct addresses list;
	int fd;

	if (!attr)
		attr = &defaults;
	fd = green__struct_check(attr, attr->size, ATTR_MIN, sizeof(*attr));
	if (!fd)
		fd = green__net_flags_check(attr->flags, FLAGS);
	if (!fd)
		fd = green__addresses_find(&list, address, attr->flags, true,
					   deadline);
	if (fd)
		return fd;
	fd = listen_on_any(&list, attr);
	green__addresses_free(&list);
	return fd;
}
