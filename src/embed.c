/* SPDX-License-Identifier: MIT */
/*
 * Looking at threads: who am I, names, the user slot, where a stack is.
 */

#include "config.h"

#include "base.h"
#include "sched.h"
#include "thread.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

green_t
green_self(void)
{
	struct thread *t = green__current();

	return t ? t->id : 0;
}

void *
green_user(void)
{
	struct worker *w = green__worker;

	return w ? w->current->user : NULL;
}

void *
green_reserve(void)
{
	struct worker *w = green__worker;
	struct thread *t = w ? w->current : NULL;

	if (!t || !t->reserve)
		return NULL;
	return t->stack.lo + t->stack.size - t->reserve;
}

size_t
green_control_size(void)
{
	return sizeof(struct thread);
}

/* A thread of the calling worker, 0 meaning the current one, and its locked
 * entry: an ended one could be joined by another OS thread. The current one
 * needs no lock, and gets none: a signal handler may ask for it. */
static int
lock_own(green_t id, struct thread **ret, struct id_entry **ret_entry)
{
	struct worker *w = green__worker;
	struct thread *t;

	*ret_entry = NULL;
	if (!id || (w && w->current->id == id)) {
		*ret = green__current();
		return *ret ? 0 : -ENOMEM;
	}
	*ret = t = green__id_lock(id, ret_entry);
	if (!t)
		return -ESRCH;
	if (t->worker == w)
		return 0;
	green__id_unlock(*ret_entry);
	return -EPERM;
}

static void
unlock(struct id_entry *e)
{
	if (e)
		green__id_unlock(e);
}

int
green_name_set(green_t id, const char *name)
{
	struct id_entry *e;
	struct thread *t;
	int error = lock_own(id, &t, &e);

	if (error)
		return error;
	error = green__thread_rename(t, name);
	unlock(e);
	return error;
}

int
green_name_get(green_t id, char *buf, size_t size)
{
	struct id_entry *e;
	struct thread *t;
	int error;

	if (!buf || !size)
		return -EINVAL;
	error = lock_own(id, &t, &e);
	if (error)
		return error;
	buf[0] = '\0';
	strncat(buf, green__thread_name(t), size - 1);
	unlock(e);
	return 0;
}

/* The OS thread's own stack, which the C library knows. */
static int
main_stack(struct green_stack_info *info)
{
	pthread_attr_t attr;
	size_t size, guard;
	void *lo;
	int error = pthread_getattr_np(pthread_self(), &attr);

	if (error)
		return -error;
	pthread_attr_getstack(&attr, &lo, &size);
	pthread_attr_getguardsize(&attr, &guard);
	pthread_attr_destroy(&attr);
	info->low = (uintptr_t)lo;
	info->high = info->reserve_end = (uintptr_t)lo + size;
	info->guard_size = guard;
	info->used = info->high - (uintptr_t)__builtin_frame_address(0);
	return 0;
}

static int
pool_stack(const struct thread *t, struct green_stack_info *info)
{
	if (t->flags & T_NEW || t->state == THREAD_ENDED)
		return -EAGAIN;
	info->low = (uintptr_t)t->stack.lo;
	info->reserve_end = info->low + t->stack.size;
	info->high = info->reserve_end - t->reserve;
	info->guard_size = green__stack_guard_size(&t->stack);
	info->used = green__stack_used(&t->stack);
	return 0;
}

int
green_stack_get(green_t id, struct green_stack_info *ret_info)
{
	struct green_stack_info info = { .size = sizeof(info) };
	struct id_entry *e;
	struct thread *t;
	int error;

	if (!ret_info || ret_info->size < sizeof(info))
		return -EINVAL;
	error = lock_own(id, &t, &e);
	if (error)
		return error;
	error = t->flags & T_MAIN ? main_stack(&info) : pool_stack(t, &info);
	unlock(e);
	if (error)
		return error;
	info.size = ret_info->size;
	memset(ret_info, 0, ret_info->size);
	memcpy(ret_info, &info, sizeof(info));
	return 0;
}
