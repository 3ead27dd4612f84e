/* SPDX-License-Identifier: MIT */
#ifndef GREEN_H
#define GREEN_H

/*
 * libgreen: green threads for C. This header includes all others; each of
 * them can be included alone.
 *
 *	green/context.h	raw stack switching
 *	green/thread.h	spawn, yield, join, names, thread-specific values
 *	green/sync.h	mutexes and what else threads wait for each other with
 *	green/time.h	deadlines and sleeping
 *	green/chan.h	channels
 *	green/scope.h	cancellation, scopes
 *	green/io.h	read, write, sockets
 *	green/signal.h	signals that are waited for
 *	green/child.h	children of the process
 *	green/reader.h	lines, and pieces of known length
 *	green/select.h	wait for one of several things
 *	green/runtime.h	runtimes of several workers; numbers, reports
 *	green/offload.h	functions that block, run by other OS threads
 *	green/net.h	names and addresses
 *	green/explore.h	for tests: in which order threads run
 *	green/embed.h	for bindings of other languages
 */

#include <green/base.h>
#include <green/chan.h>
#include <green/child.h>
#include <green/context.h>
#include <green/embed.h>
#include <green/explore.h>
#include <green/io.h>
#include <green/net.h>
#include <green/offload.h>
#include <green/reader.h>
#include <green/runtime.h>
#include <green/scope.h>
#include <green/select.h>
#include <green/signal.h>
#include <green/sync.h>
#include <green/thread.h>
#include <green/time.h>

#endif
