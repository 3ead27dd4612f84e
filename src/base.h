/* SPDX-License-Identifier: MIT */
#ifndef GREEN__BASE_H
#define GREEN__BASE_H

/*
 * The bottom layer: output without stdio, the end of the process on errors
 * that cannot be reported, and checks of size-first structs.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <green/base.h>

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define noinline __attribute__((__noinline__))
#define cold __attribute__((__cold__, __noinline__))

#define container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/*
 * A line or report being written. Async-signal-safe and sparing with stack:
 * dprintf() needs up to 11 KiB. Flushed when full.
 */
struct out {
	int fd;
	int error; /* first negative errno of a write, or 0 */
	size_t len;
	char buf[512];
};

#define OUT_INIT(fd) \
	{ \
		(fd), 0, 0, \
		{ \
			0 \
		} \
	}

void green__out_str(struct out *o, const char *s);
void green__out_dec(struct out *o, uint64_t n);
void green__out_hex(struct out *o, uint64_t n);
void green__out_flush(struct out *o);

/* Print "libgreen: <what>" to stderr, then abort. For misuse and corruption
 * that no return value can report. */
_Noreturn void green__die(const char *what);

/*
 * Check a size-first struct that the caller gave us. min is its size in the
 * first release, known its size now. Returns 0, -EINVAL, or -E2BIG when what
 * lies beyond known is not all zero.
 */
int green__struct_check(const void *s, size_t size, size_t min, size_t known);

#endif
