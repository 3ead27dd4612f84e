/* SPDX-License-Identifier: MIT */
#ifndef GREEN__MEM_H
#define GREEN__MEM_H

/*
 * Every allocation of the library goes through here, so that a test can make
 * each of them fail in turn.
 */

#include <stddef.h>

/* Zeroed memory from the heap, or NULL. Free with green__free(). */
void *green__alloc(size_t size);
/* realloc(); old stays valid on failure. New bytes are not zeroed. */
void *green__realloc(void *old, size_t size);
void green__free(void *p);

/* Private anonymous memory from the system: zeroed and writable, or
 * reserved address space only (PROT_NONE). NULL on failure. */
void *green__map(size_t size);
void *green__map_reserve(size_t size);
void green__unmap(void *p, size_t size);

/* May this step (mprotect() of a chunk, say) go ahead? For calls other than
 * the above that can run out of memory: false when a test wants it to fail. */
int green__mem_allowed(void);

/* For tests: let n allocations succeed and all later ones fail; negative:
 * fail none. green__mem_count() is the number asked for so far. */
void green__mem_fail_after(long n);
unsigned long green__mem_count(void);
/* For tests: blocks from the heap that were not freed yet. */
long green__mem_live(void);

size_t green__page_size(void);

#endif
