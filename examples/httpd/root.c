/* SPDX-License-Identifier: MIT */
/*
 * The folder that is served. What lies outside cannot be reached, not because
 * paths are searched for dots, but because nothing here can name it: the kernel
 * is told to resolve the path beneath the folder, links included, and refuses
 * whatever would leave it (openat2(), Linux 5.6).
 *
 * Where that call is missing, or forbidden by a sandbox, the path is walked:
 * each name is opened by itself in the folder before it, ".." is refused, and
 * so are symbolic links, all of them.
 *
 * This may wait for a disk, and then so do the other threads of the worker. For
 * names that the kernel has in its cache an offload would cost more than the
 * rest of the request.
 */

#define _GNU_SOURCE
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <green.h>

/* Non-blocking: a FIFO opens at once, and is refused by whoever asked. */
#define READING (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

static int root;
static bool walks;

static int
open_beneath(const char *path)
{
	struct open_how how = { .flags = READING,
				.resolve = RESOLVE_BENEATH |
					   RESOLVE_NO_MAGICLINKS };
	long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

/* Open one name in a folder, which is closed. */
static int
step(int folder, const char *name, size_t n, int flags)
{
	char copy[NAME_MAX + 1];
	int fd = -ENOENT;

	if (n > NAME_MAX) {
		fd = -ENAMETOOLONG;
	} else if (n != 2 || memcmp(name, "..", 2) != 0) {
		memcpy(copy, name, n);
		copy[n] = '\0';
		fd = openat(folder, copy, flags | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			fd = -errno;
	}
	close(folder);
	return fd;
}

static int
walk(const char *path)
{
	int fd = openat(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	while (fd >= 0) {
		size_t n = strcspn(path, "/");
		size_t slashes = strspn(path + n, "/");

		/* A slash at the end asks for a folder: "name/" is "name/."  */
		if (!path[n] && n == 0)
			return step(fd, ".", 1, READING);
		if (!path[n])
			return step(fd, path, n, READING);
		fd = step(fd, path, n, O_PATH | O_DIRECTORY);
		path += n + slashes;
	}
	return fd;
}

int
root_find(const char *path)
{
	path += strspn(path, "/");
	if (walks)
		return walk(path);
	return open_beneath(*path ? path : ".");
}

int
root_open(const char *folder, bool walk_always)
{
	int fd;

	root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	walks = walk_always;
	fd = root_find("/");
	if (!walks && (fd == -ENOSYS || fd == -EPERM || fd == -EINVAL)) {
		walks = true;
		fd = root_find("/");
	}
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}
