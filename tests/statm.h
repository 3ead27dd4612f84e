/* SPDX-License-Identifier: MIT */
#ifndef STATM_H
#define STATM_H

/* What the kernel says of this process's memory, in bytes; 0 where that cannot
 * be known. Reads without stdio, which would take some. */

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* The nth number, from 0, of /proc/self/statm, which counts pages. */
static uint64_t
statm(int n)
{
	char buf[64] = { 0 }, *at = buf;
	int fd = open("/proc/self/statm", O_RDONLY);
	uint64_t pages = 0;

	if (fd < 0 || read(fd, buf, sizeof(buf) - 1) < 0)
		return 0;
	close(fd);
	for (; n >= 0; n--)
		pages = strtoull(at, &at, 10);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

__attribute__((unused)) static uint64_t
address_space(void)
{
	return statm(0);
}

__attribute__((unused)) static uint64_t
resident_memory(void)
{
	return statm(1);
}

#endif
