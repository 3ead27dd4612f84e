/* SPDX-License-Identifier: MIT */
#ifndef GREEN_BASE_H
#define GREEN_BASE_H

/*
 * What every libgreen header needs: the export mark, the words that bracket
 * C declarations for C++, and the version.
 *
 * Conventions of the whole library, said once:
 *
 * - Whatever can fail returns a negative errno value (-EINVAL, -ENOMEM, ...)
 *   and 0 or a useful positive number on success. errno itself is neither
 *   read nor set as an interface.
 * - A call that "may park" may let other green threads run before it returns.
 *   A call that does not say so never does.
 * - An option struct begins with its own size, set by the caller with sizeof;
 *   all-zero fields mean the default, a NULL pointer to it means all defaults.
 *   A struct from a newer program with a non-zero part that this library does
 *   not know is refused with -E2BIG; one smaller than the first release's is
 *   refused with -EINVAL.
 * - An output parameter is written on success only, and may be NULL where its
 *   name begins with ret_.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef SWIG
#define GREEN_API
#define GREEN_NORETURN
#elif defined(__GNUC__) && __GNUC__ >= 6 && !defined(__clang__)
/* noplt: bound when the program starts, not at the first call, which would
 * take 3 KiB of a green thread's stack; and one jump less in each call. */
#define GREEN_API __attribute__((visibility("default"), noplt))
#define GREEN_NORETURN __attribute__((noreturn))
#elif defined(__GNUC__)
#define GREEN_API __attribute__((visibility("default")))
#define GREEN_NORETURN __attribute__((noreturn))
#else
#define GREEN_API
#define GREEN_NORETURN
#endif

/** Version of the headers; green_version() tells that of the library. */
#define GREEN_VERSION_MAJOR 0
#define GREEN_VERSION_MINOR 1
#define GREEN_VERSION_PATCH 0

#endif
