/* SPDX-License-Identifier: MIT */
/*
 * Reservations. See slab.h.
 *
 * mprotect() of a chunk is the portable way to commit: it works under every
 * overcommit policy, where one huge writable mapping does not, and the
 * writable part of a slab stays one mapping however many chunks it grows by.
 *
 * Huge pages are refused: with one touched page per slot they would multiply
 * the memory of a thread by the pages of a slot. Under mlockall() a chunk
 * becomes resident as a whole when it is committed, which is what locking
 * asks for.
 */

#include "config.h"

#include "slab.h"

#include "mem.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

/* In <linux/prctl.h> of Linux 5.17. */
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

/* A process with little address space keeps most of it for other things. */
static size_t
fair_share(void)
{
	struct rlimit as;

	if (getrlimit(RLIMIT_AS, &as) < 0 || as.rlim_cur == RLIM_INFINITY ||
	    as.rlim_cur / 16 > SIZE_MAX)
		return SIZE_MAX;
	return (size_t)(as.rlim_cur / 16);
}

int
green__slab_reserve(struct slab *slab, size_t slot, size_t want)
{
	size_t share = fair_share();
	char *base;

	while (want > slot && want > share)
		want /= 2;
	while (!(base = green__map_reserve(want))) {
		if (want <= slot)
			return -ENOMEM;
		want /= 2;
	}
	/* Both may be unknown to the kernel, and then do no harm. */
#ifdef MADV_NOHUGEPAGE
	madvise(base, want, MADV_NOHUGEPAGE);
#endif
#ifdef __linux__
	prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, base, want, "green stacks");
#endif
	*slab = (struct slab){ base, want, 0 };
	return 0;
}

long
green__slab_commit(struct slab *slab, size_t slot, size_t want)
{
	char *from = slab->base + slab->committed;
	size_t room = (slab->size - slab->committed) / slot;

	if (want > room)
		want = room;
	while (!green__mem_allowed() ||
	       mprotect(from, want * slot, PROT_READ | PROT_WRITE) < 0) {
		if (want <= 1)
			return -ENOMEM;
		want /= 2;
	}
	slab->committed += want * slot;
	return (long)want;
}

void
green__slab_release(struct slab *slab)
{
	green__unmap(slab->base, slab->size);
}
