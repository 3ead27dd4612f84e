/* SPDX-License-Identifier: MIT */
/*
 * How objects begin and end.
 *
 * All zero is a valid object: an unlocked lock, no flags, an empty queue. What
 * init adds is flags, and whose a private one is. The storage is the caller's,
 * of a size that never changes; what we keep in it is checked against that
 * where it is defined.
 */

#include "config.h"

#include "sync.h"

#include <errno.h>
#include <string.h>

_Static_assert(sizeof(struct green_cond) == 64, "a public size");
_Static_assert(sizeof(struct green_waitgroup) == 64, "a public size");
_Static_assert(sizeof(struct green_rwlock) == 96, "a public size");
_Static_assert(sizeof(struct green_barrier) == 64, "a public size");
_Static_assert(sizeof(struct green_once) == 64, "a public size");
_Static_assert(sizeof(struct green_mutex) == 64, "a public size");
_Static_assert(GREEN_PRIVATE == QUEUE_PRIVATE &&
		       GREEN_RECURSIVE == QUEUE_RECURSIVE,
	       "flags are kept as they come");

#define ATTR_MIN sizeof(struct green_sync_attr) /* of the first release */

static int
check_attr(const struct green_sync_attr *attr, uint64_t known)
{
	int error = green__struct_check(attr, attr->size, ATTR_MIN,
					sizeof(*attr));

	return !error && attr->flags & ~known ? -EINVAL : error;
}

int
green__sync_init(void *object, size_t size, const struct green_sync_attr *attr,
		 uint64_t known)
{
	struct wait_queue *q = object;
	struct worker *w = NULL;
	int error;

	if (!object)
		return -EINVAL;
	error = attr ? check_attr(attr, known) : 0;
	if (error)
		return error;
	if (attr && attr->flags & GREEN_PRIVATE && !(w = green__worker_get()))
		return -ENOMEM;
	memset(object, 0, size);
	q->flags = attr ? (uint32_t)attr->flags : 0;
	q->owner = w;
	return 0;
}

int
green__sync_fini_lock(struct wait_queue *q)
{
	int error = green__queue_check(q);

	if (!error)
		green__queue_lock(q);
	return error;
}

int
green__sync_fini(struct wait_queue *q, size_t size, bool busy)
{
	busy |= green__queue_busy(q);
	green__queue_unlock(q);
	if (busy)
		return -EBUSY;
	memset(q, 0, size);
	return 0;
}
