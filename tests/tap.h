/* SPDX-License-Identifier: MIT */
#ifndef TAP_H
#define TAP_H

/*
 * The Test Anything Protocol in a few lines. A test's main is
 *
 *	int main(void) { ...; return tap_done(); }
 *
 * with calls of ok() and is() between. There is no longjmp: a failed
 * assertion on a foreign stack must not leave that stack. Death tests run
 * their deadly part in a child: see dies().
 */

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Built with a sanitizer: memory and time are not what they are elsewhere. */
#if defined __SANITIZE_THREAD__
#define TAP_TSAN 1
#elif defined __has_feature
#if __has_feature(thread_sanitizer)
#define TAP_TSAN 1
#endif
#endif
#ifndef TAP_TSAN
#define TAP_TSAN 0
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define TAP_SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
	__has_feature(memory_sanitizer)
#define TAP_SANITIZED 1
#endif
#endif
#ifndef TAP_SANITIZED
#define TAP_SANITIZED 0
#endif

static int tap_count, tap_failed;

/* How many of something: fewer where everything takes ten times as long. */
__attribute__((unused)) static int
tap_scale(int many, int few)
{
	const char *emulator = getenv("TEST_EMULATOR");

	return TAP_SANITIZED || (emulator && *emulator) ? few : many;
}

__attribute__((format(printf, 4, 5), unused)) static int
tap_check(int good, const char *file, int line, const char *what, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	printf("%sok %d - %s\n", good ? "" : "not ", ++tap_count, text);
	if (!good) {
		tap_failed++;
		printf("# failed at %s:%d\n", file, line);
	}
	fflush(stdout);
	return good;
}

/* ok(condition, "what it shows", ...): one test point. */
#define ok(cond, ...) tap_check(!!(cond), __FILE__, __LINE__, __VA_ARGS__)

/* is(got, wanted, "what"): the same for integers and pointers, and prints
 * both when they differ. */
#define is(got, want, ...) \
	tap_is((intmax_t)(got), (intmax_t)(want), __FILE__, __LINE__, \
	       __VA_ARGS__)

__attribute__((format(printf, 5, 6), unused)) static int
tap_is(intmax_t got, intmax_t want, const char *file, int line,
       const char *what, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, what);
	vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	if (!tap_check(got == want, file, line, "%s", text))
		printf("# got %jd (%#jx), wanted %jd (%#jx)\n", got,
		       (uintmax_t)got, want, (uintmax_t)want);
	return got == want;
}

/* A local array is to have its full size: clang makes a volatile one as small
 * as the part that is used, unless its address goes somewhere. */
#define take_all_of(array) __asm__ volatile("" : : "r"(array) : "memory")

/* The whole file cannot run here: say why and leave. */
__attribute__((unused, noreturn)) static void
skip_all(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	exit(0);
}

/* One test point that cannot run here. */
__attribute__((unused)) static void
skip(const char *what, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++tap_count, what, why);
}

__attribute__((unused)) static int
tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed != 0;
}

/* Run fn in a child that may spoil itself, and pass its test result on: fn
 * returns 0 for "as it should be", 77 for "cannot be tried here", else a
 * number that says what was wrong. */
__attribute__((unused)) static void
holds_in_child(int (*fn)(void), const char *what)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(fn());
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip(what, "not possible on this system");
	else
		is(status, 0, "%s", what);
}

/*
 * Run fn(arg) in a child and catch what it writes to stderr in text. Returns
 * the child's wait status. No core is written. The child's stdout goes
 * nowhere: its test points would be counted twice.
 */
__attribute__((unused)) static int
dies(void (*fn)(void *), void *arg, char *text, size_t size)
{
	struct rlimit none = { 0, 0 };
	int fds[2], status = -1;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	fflush(stdout);
	if (pipe(fds) < 0 || (pid = fork()) < 0) {
		perror("dies");
		exit(99);
	}
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &none);
		dup2(fds[1], 2);
		close(fds[0]);
		close(fds[1]);
		if (!freopen("/dev/null", "w", stdout))
			_exit(98);
		fn(arg);
		_exit(0);
	}
	close(fds[1]);
	while (len + 1 < size &&
	       (n = read(fds[0], text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(fds[0]);
	waitpid(pid, &status, 0);
	return status;
}

#endif
