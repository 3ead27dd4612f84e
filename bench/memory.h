/* SPDX-License-Identifier: MIT */
#ifndef MEMORY_H
#define MEMORY_H

/*
 * What a process holds, as Linux counts it; zeros elsewhere. Reading maps is
 * done by read(2) into a static buffer: it may happen on a small stack, and
 * with 60,000 mappings.
 */

#include <fcntl.h>
#include <unistd.h>

struct memory {
	double rss;         /* bytes */
	double page_tables; /* bytes */
	double maps;        /* mappings */
};

static char memory_text[65536];

static double
memory_field(const char *name)
{
	const char *at = strstr(memory_text, name);

	return at ? atof(at + strlen(name)) * 1024 : 0;
}

/* process: its number, or "self". */
maybe_unused static void
memory_read_of(struct memory *m, const char *process)
{
	char path[64];
	ssize_t n, i;
	int fd;

	memset(m, 0, sizeof(*m));
	snprintf(path, sizeof(path), "/proc/%.32s/maps", process);
	fd = open(path, O_RDONLY);
	while ((n = read(fd, memory_text, sizeof(memory_text))) > 0)
		for (i = 0; i < n; i++)
			m->maps += memory_text[i] == '\n';
	close(fd);
	snprintf(path, sizeof(path), "/proc/%.32s/status", process);
	fd = open(path, O_RDONLY);
	n = read(fd, memory_text, sizeof(memory_text) - 1);
	close(fd);
	memory_text[n > 0 ? n : 0] = '\0';
	m->rss = memory_field("VmRSS:");
	m->page_tables = memory_field("VmPTE:");
}

maybe_unused static void
memory_read(struct memory *m)
{
	memory_read_of(m, "self");
}

#endif
