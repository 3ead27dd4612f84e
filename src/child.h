/* SPDX-License-Identifier: MIT */
#ifndef GREEN__CHILD_H
#define GREEN__CHILD_H

/*
 * Children that are waited for.
 */

#include <stdatomic.h>
#include <stdbool.h>

/* The kernel has no pidfd_open(2); tests say so, too. */
extern _Atomic bool green__child_no_pidfd;

#endif
