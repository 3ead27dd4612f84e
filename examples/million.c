/* SPDX-License-Identifier: MIT */
/*
 * A million green threads, alive at the same time: what they cost.
 *
 *	million [N]
 *
 * Takes as many as half of the available memory holds if that is fewer, and
 * says so. Each thread runs, yields, and so keeps its stack while all others
 * do the same; then the memory is measured, and all go on and end.
 */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <green.h>

/* What a parked thread takes, rounded up: a page of stack, its share of page
 * tables, its control block and its entry in the run queue. */
#define THREAD_BYTES 5120

static uint64_t ran;

static void *
work(void *arg)
{
	green_yield(); /* all others are spawned and run to here meanwhile */
	ran++;
	return arg;
}

/* The number that follows a word in a file of /proc or /sys; all_ones if it
 * is not there. */
static uint64_t
read_number(const char *path, const char *word)
{
	FILE *file = fopen(path, "r");
	char line[256];
	uint64_t n = UINT64_MAX;

	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, word, strlen(word)) == 0 &&
		    sscanf(line + strlen(word), "%" SCNu64, &n) == 1)
			break;
	if (file)
		fclose(file);
	return n;
}

static uint64_t
kilobytes(const char *path, const char *word)
{
	uint64_t n = read_number(path, word);

	return n == UINT64_MAX ? n : n * 1024;
}

/* Of the machine, or of the control group (a container) if that is less. */
static uint64_t
available_memory(void)
{
	uint64_t available = kilobytes("/proc/meminfo", "MemAvailable:");
	uint64_t limit = read_number("/sys/fs/cgroup/memory.max", "");
	uint64_t used = read_number("/sys/fs/cgroup/memory.current", "");

	if (limit != UINT64_MAX && used < limit && limit - used < available)
		available = limit - used;
	return available;
}

struct memory {
	uint64_t resident, page_tables;
};

static struct memory
memory_now(void)
{
	return (struct memory){
		.resident = kilobytes("/proc/self/status", "VmRSS:"),
		.page_tables = kilobytes("/proc/self/status", "VmPTE:"),
	};
}

static double
seconds(int64_t from, int64_t to)
{
	return (double)(to - from) / GREEN_SECOND;
}

static void
report(uint64_t n, struct memory before)
{
	struct memory now = memory_now();
	double resident = (double)(now.resident - before.resident);
	double tables = (double)(now.page_tables - before.page_tables);
	struct green_stats stats = { .size = sizeof(stats) };

	green_stats_get(&stats);
	printf("  memory   %.2f KiB a thread: %.2f resident, "
	       "%.2f in page tables\n",
	       (resident + tables) / 1024 / (double)n,
	       resident / 1024 / (double)n, tables / 1024 / (double)n);
	printf("  guards   %ju stacks with MADV_GUARD_INSTALL, %ju with "
	       "mprotect, %ju with none\n",
	       (uintmax_t)stats.stacks_guard_install,
	       (uintmax_t)stats.stacks_guard_mprotect,
	       (uintmax_t)stats.stacks_guard_none);
}

static uint64_t
spawn_all(green_t *ids, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		int error = green_spawn(&ids[i], NULL, work, NULL);

		if (error < 0) {
			printf("spawn %ju: %s\n", (uintmax_t)i + 1,
			       green_strerror(error));
			return i;
		}
	}
	return n;
}

int
main(int argc, char **argv)
{
	uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
	uint64_t fit = available_memory() / 2 / THREAD_BYTES;
	struct memory before;
	int64_t start, spawned, all_ran, ended;
	green_t *ids;

	if (n > fit) {
		printf("Half of the available memory holds %ju threads.\n",
		       (uintmax_t)fit);
		n = fit;
	}
	ids = calloc(n + 1, sizeof(*ids));
	if (!ids)
		return 1;
	before = memory_now();
	start = green_now();
	n = spawn_all(ids, n);
	spawned = green_now();
	green_yield();
	all_ran = green_now();
	printf("%ju green threads are alive; each has run, and waits.\n",
	       (uintmax_t)n);
	report(n, before);

	ended = green_now();
	for (uint64_t i = 0; i < n; i++)
		green_join(ids[i], NULL, GREEN_NEVER);
	printf("  time     spawn %.2f s, first run of all %.2f s, end of all "
	       "%.2f s\n",
	       seconds(start, spawned), seconds(spawned, all_ran),
	       seconds(ended, green_now()));
	printf("%ju of them went on and ended.\n", (uintmax_t)ran);
	free(ids);
	return ran != n;
}
