/* SPDX-License-Identifier: MIT */
/* Proves: a disk that is full, a file that may not grow and a device without
 * room give what was written, and then the kernel's error, whichever call
 * writes; and there is room again when something was removed. The disk is a
 * small one in a mount namespace, where that is permitted. */

#define _GNU_SOURCE /* unshare() */

#include "tap.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include <green.h>

#define SMALL 65536

static char big[2 * SMALL];

/* At most SMALL bytes fit. */
static void
fill(int fd, int error, const char *what)
{
	ssize_t n, sum = 0;

	while ((n = green_write(fd, big, 10000, GREEN_NEVER)) > 0)
		sum += n;
	is(n, error, "%s: write", what);
	is(sum, SMALL, "%s: as much as there is room for", what);
	is(green_write_all(fd, big, 1, GREEN_NEVER), error, "%s: write all",
	   what);
	is(green_pwrite(fd, big, 1, SMALL, GREEN_NEVER), error, "%s: pwrite",
	   what);
	is(green_pwrite(fd, big, 10, 5, GREEN_NEVER), 10,
	   "%s: what is there can be changed", what);
	is(green_fsync(fd, GREEN_NEVER), 0, "%s: and kept", what);
}

static void
no_room(void)
{
	struct iovec iov[2] = { { big, 10 }, { big, 10 } };
	int fd = green_open("/dev/full", O_RDWR, 0, GREEN_NEVER);

	if (fd < 0) {
		skip("/dev/full", "there is none");
		return;
	}
	is(green_write(fd, big, 10, GREEN_NEVER), -ENOSPC, "/dev/full");
	is(green_write_all(fd, big, 10, GREEN_NEVER), -ENOSPC, "write all");
	is(green_writev(fd, iov, 2, GREEN_NEVER), -ENOSPC, "writev");
	is(green_read(fd, big, 10, GREEN_NEVER), 10, "it can be read");
	is(green_close(fd), 0, "and closed");
}

static void
no_growth(void)
{
	struct rlimit limit = { SMALL, SMALL };
	char path[] = "/tmp/t-io-disk-full-XXXXXX";
	int fd = mkstemp(path);

	unlink(path);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = SMALL;
	setrlimit(RLIMIT_FSIZE, &limit);
	fill(fd, -EFBIG, "a limit");
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
	is(green_write_all(fd, big, 1, GREEN_NEVER), 1, "without the limit");
	is(green_close(fd), 0, "close");
}

static int
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	close(fd);
	return n < 0 ? -1 : 0;
}

/* Root in a name space of its own, for who is not root. */
static int
become_root(void)
{
	char user[64], group[64];

	snprintf(user, sizeof(user), "0 %d 1", (int)getuid());
	snprintf(group, sizeof(group), "0 %d 1", (int)getgid());
	return unshare(CLONE_NEWUSER | CLONE_NEWNS) ||
	       write_file("/proc/self/uid_map", user) ||
	       write_file("/proc/self/setgroups", "deny") ||
	       write_file("/proc/self/gid_map", group);
}

/* Its mounts are nobody else's. */
static int
own_mounts(void)
{
	if (unshare(CLONE_NEWNS) && become_root())
		return -1;
	return mount("none", "/", "", MS_REC | MS_PRIVATE, "");
}

/* In a child: its status, or 77. */
static int
on_small_disk(void)
{
	char path[] = "/tmp/t-io-disk-full-XXXXXX", name[64], other[64];
	int fd, hog, error = 0;

	if (!mkdtemp(path))
		return 77;
	if (own_mounts() || mount("none", path, "tmpfs", 0, "size=128k")) {
		rmdir(path);
		return 77;
	}
	snprintf(name, sizeof(name), "%s/file", path);
	snprintf(other, sizeof(other), "%s/hog", path);
	hog = green_open(other, O_RDWR | O_CREAT, 0600, GREEN_NEVER);
	fd = green_open(name, O_RDWR | O_CREAT, 0600, GREEN_NEVER);
	if (green_write_all(hog, big, SMALL, GREEN_NEVER) != SMALL)
		error = 1;
	fill(fd, -ENOSPC, "a full disk");
	green_close(hog);
	unlink(other);
	is(green_write_all(fd, big, SMALL, GREEN_NEVER), SMALL,
	   "with room again");
	green_close(fd);
	umount(path);
	rmdir(path);
	return error || tap_failed;
}

static int
quietly(void)
{
	return freopen("/dev/null", "w", stdout) ? on_small_disk() : 99;
}

int
main(void)
{
	no_room();
	no_growth();
	holds_in_child(quietly, "a full disk");
	return tap_done();
}
