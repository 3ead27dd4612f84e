/* SPDX-License-Identifier: MIT */
/*
 * Output, death, and the checks that every public struct goes through.
 *
 * Nothing here allocates or locks; the output functions may be called from
 * a signal handler on a small alternate stack.
 */

#include "config.h"

#include "base.h"
#include "os.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <green/net.h>
#include <green/runtime.h>

void
green__out_flush(struct out *o)
{
	size_t done = 0;

	while (done < o->len) {
		ssize_t n = green__write(o->fd, o->buf + done, o->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			if (!o->error)
				o->error = -errno;
			break;
		}
		done += (size_t)n;
	}
	o->len = 0;
}

void
green__out_str(struct out *o, const char *s)
{
	while (*s) {
		if (o->len == sizeof(o->buf))
			green__out_flush(o);
		o->buf[o->len++] = *s++;
	}
}

static void
out_base(struct out *o, uint64_t n, unsigned base)
{
	char digits[24], *p = digits + sizeof(digits);

	*--p = '\0';
	do
		*--p = "0123456789abcdef"[n % base];
	while (n /= base);
	green__out_str(o, p);
}

void
green__out_dec(struct out *o, uint64_t n)
{
	out_base(o, n, 10);
}

void
green__out_hex(struct out *o, uint64_t n)
{
	green__out_str(o, "0x");
	out_base(o, n, 16);
}

void
green__die(const char *what)
{
	struct out o = OUT_INIT(STDERR_FILENO);

	green__out_str(&o, "libgreen: ");
	green__out_str(&o, what);
	green__out_str(&o, "\n");
	green__out_flush(&o);
	abort();
}

int
green__struct_check(const void *s, size_t size, size_t min, size_t known)
{
	const unsigned char *bytes = s;

	if (size < min)
		return -EINVAL;
	for (size_t i = known; i < size; i++)
		if (bytes[i])
			return -E2BIG;
	return 0;
}

const char *
green_version(void)
{
	return PACKAGE_VERSION;
}

const char *
green_strerror(int error)
{
	switch (error) {
	case 0:
		return "success";
	case -E2BIG:
		return "struct has fields that this libgreen does not know";
	case -EAGAIN:
		return "would block, or no more of that kind";
	case -EALREADY:
		return "thread is not waiting, or it is done already";
	case -EBUSY:
		return "in use by another thread";
	case -ECANCELED:
		return "thread was cancelled";
	case -ECHILD:
		return "threads were left unjoined";
	case -EDEADLK:
		return "wait that would never end";
	case -EILSEQ:
		return "program that does not repeat itself";
	case -EINTR:
		return "wait was interrupted";
	case -EINVAL:
		return "invalid argument";
	case -ELOOP:
		return "program that does not end";
	case -ENOMEM:
		return "out of memory or address space";
	case -EMSGSIZE:
		return "item is not of the channel's size";
	case -EOVERFLOW:
		return "value would be too large";
	case -EPERM:
		return "belongs to another worker or thread";
	case -EPIPE:
		return "channel is closed";
	case -ERANGE:
		return "too many at once";
	case -ESRCH:
		return "no such thread";
	case -ETIMEDOUT:
		return "deadline has passed";
	case GREEN_EAI_AGAIN:
		return "name servers do not answer";
	case GREEN_EAI_BADFLAGS:
		return "flags that do not go together";
	case GREEN_EAI_FAIL:
		return "name could not be looked up";
	case GREEN_EAI_FAMILY:
		return "address family is not supported";
	case GREEN_EAI_NONAME:
		return "no such name, service or address";
	case GREEN_EAI_OVERFLOW:
		return "name is too long for the buffer";
	case GREEN_EAI_SERVICE:
		return "no such service for that type of socket";
	case GREEN_EAI_SOCKTYPE:
		return "type of socket is not supported";
	default:
		return error < 0 ? "system error" : "not an error";
	}
}
