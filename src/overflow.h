/* SPDX-License-Identifier: MIT */
#ifndef GREEN__OVERFLOW_H
#define GREEN__OVERFLOW_H
#include <stdint.h>
int green__overflow_thread_init(void);
void green__overflow_thread_fini(void);
_Noreturn void green__overflow_die(uintptr_t sp);
#endif
