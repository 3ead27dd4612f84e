/* SPDX-License-Identifier: MIT */
#ifndef GREEN__CANCEL_H
#define GREEN__CANCEL_H

/*
 * What a thread is protected from, and why it is cancelled. The question that
 * every call asks, green__is_cancelled(), is in sched.h.
 */

#include <stdbool.h>

#include "thread.h"

/* Hold cancellation off the calling thread, or let it in again; returns
 * whether it was held off. */
bool green__shield(struct thread *t, bool on);

#endif
