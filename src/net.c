/* SPDX-License-Identifier: MIT */
/*
 * Names: getaddrinfo(3) and getnameinfo(3), by jobs.
 *
 * A question lies in the block of a job, strings and all, and so does the
 * answer; whoever asked takes it out. If nobody does, it is freed behind the
 * question. A question to which the answer is known without asking anybody, as
 * its names are numbers, is answered in place.
 *
 * The list is libc's own memory. It is freed by a call of ours all the same, so
 * that another resolver could answer.
 *
 * Rejected: getaddrinfo_a(3), which has OS threads of its own, without bounds
 * and without an end; asking name servers ourselves, which leaves out
 * /etc/hosts, multicast names and whatever else the system is configured for.
 */

#include "config.h"

#include "net.h"

#include "base.h"
#include "mem.h"
#include "offload.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include <green/net.h>

int
green__net_error(int eai)
{
	switch (eai) {
	case 0:
		return 0;
	case EAI_AGAIN:
		return GREEN_EAI_AGAIN;
	case EAI_BADFLAGS:
		return GREEN_EAI_BADFLAGS;
	case EAI_FAMILY:
		return GREEN_EAI_FAMILY;
	case EAI_MEMORY:
		return -ENOMEM;
	case EAI_NONAME:
#ifdef EAI_NODATA
	case EAI_NODATA:
#endif
#ifdef EAI_ADDRFAMILY
	case EAI_ADDRFAMILY:
#endif
		return GREEN_EAI_NONAME;
	case EAI_OVERFLOW:
		return GREEN_EAI_OVERFLOW;
	case EAI_SERVICE:
		return GREEN_EAI_SERVICE;
	case EAI_SOCKTYPE:
		return GREEN_EAI_SOCKTYPE;
	case EAI_SYSTEM:
		return errno ? -errno : GREEN_EAI_FAIL;
	default:
		return GREEN_EAI_FAIL;
	}
}

/* First thing of each call. */
static int
may_block(int64_t deadline)
{
	struct worker *w = green__worker;

	green__choice_point(w);
	if (deadline < 0)
		return -EINVAL;
	return w && green__is_cancelled(w->current) ? -ECANCELED : 0;
}

/* ---- addresses of a name ------------------------------------------------ */

struct question {
	struct addrinfo hints;
	const char *node, *service; /* in text, or NULL */
	struct addrinfo *list;
	int error;
	char text[];
};

static int
look_up(const char *node, const char *service, const struct addrinfo *hints,
	struct addrinfo **ret_list)
{
	struct addrinfo *list;
	int saved = errno, error;

	errno = 0;
	error = green__net_error(getaddrinfo(node, service, hints, &list));
	errno = saved;
	if (!error)
		*ret_list = list;
	return error;
}

static void *
ask(void *block)
{
	struct question *q = block;

	q->error = look_up(q->node, q->service, &q->hints, &q->list);
	return q;
}

static void
forget(void *block, void *value)
{
	struct question *q = block;

	if (value && !q->error)
		freeaddrinfo(q->list);
}

static const char *
copy(char **to, const char *text, size_t size)
{
	char *at = *to;

	if (!text)
		return NULL;
	memcpy(at, text, size);
	*to += size;
	return at;
}

/* NULL: no memory. */
static struct green_job *
question_new(const char *node, const char *service,
	     const struct addrinfo *hints)
{
	size_t n = node ? strlen(node) + 1 : 0;
	size_t s = service ? strlen(service) + 1 : 0;
	struct green_job *job;
	struct question *q;
	char *to;

	job = green__job_create(ask, sizeof(*q) + n + s);
	if (!job)
		return NULL;
	job->slow = true;
	q = green__job_block(job);
	q->hints = *hints;
	to = q->text;
	q->node = copy(&to, node, n);
	q->service = copy(&to, service, s);
	return job;
}

/* Nothing but digits. */
static bool
is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

/* Is it an address? What has a zone may be one, and is for the pool. */
static bool
is_address(const char *node)
{
	unsigned char buf[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, node, buf) == 1 ||
	       inet_pton(AF_INET6, node, buf) == 1;
}

int
green_getaddrinfo(const char *node, const char *service,
		  const struct addrinfo *hints, struct addrinfo **ret_list,
		  int64_t deadline)
{
	/* What libc takes a NULL for. */
	static const struct addrinfo defaults = {
		.ai_flags = AI_V4MAPPED | AI_ADDRCONFIG,
		.ai_family = AF_UNSPEC,
	};
	int error = may_block(deadline);
	struct green_job *job;
	struct question *q;

	if (error)
		return error;
	if (!ret_list || (!node && !service))
		return -EINVAL;
	if (!hints)
		hints = &defaults;
	if ((!node || is_address(node)) && (!service || is_number(service)))
		return look_up(node, service, hints, ret_list);
	job = question_new(node, service, hints);
	if (!job)
		return -ENOMEM;
	error = green__job_call(job, deadline, forget);
	if (error)
		return error;
	q = green__job_block(job);
	error = q->error;
	if (!error)
		*ret_list = q->list;
	green__job_free(job);
	return error;
}

void
green_freeaddrinfo(struct addrinfo *list)
{
	if (list)
		freeaddrinfo(list);
}

/* ---- names of an address ------------------------------------------------ */

struct naming {
	struct sockaddr_storage addr;
	socklen_t len;
	int flags;
	int error;
	socklen_t host_size, service_size;
	char host[NI_MAXHOST], service[NI_MAXSERV];
};

static void *
name(void *block)
{
	struct naming *n = block;
	int saved = errno;

	errno = 0;
	n->error = green__net_error(
		getnameinfo((struct sockaddr *)&n->addr, n->len,
			    n->host_size ? n->host : NULL, n->host_size,
			    n->service_size ? n->service : NULL,
			    n->service_size, n->flags));
	errno = saved;
	return n;
}

/* Room for no more than any name needs. */
static socklen_t
room(const char *buf, size_t size, size_t most)
{
	return (socklen_t)(!buf ? 0 : size < most ? size : most);
}

static int
call_naming(struct green_job *job, int64_t deadline)
{
	const struct naming *n = green__job_block(job);

	if (~n->flags & (NI_NUMERICHOST | NI_NUMERICSERV))
		return green__job_call(job, deadline, NULL);
	name(green__job_block(job));
	return 0;
}

int
green_getnameinfo(const struct sockaddr *addr, size_t len, char *host,
		  size_t host_size, char *service, size_t service_size,
		  int flags, int64_t deadline)
{
	int error = may_block(deadline);
	struct green_job *job;
	struct naming *n;

	if (error)
		return error;
	if (!addr)
		return -EINVAL;
	if (len > sizeof(n->addr))
		return GREEN_EAI_FAMILY;
	job = green__job_create(name, sizeof(*n));
	if (!job)
		return -ENOMEM;
	job->slow = true;
	n = green__job_block(job);
	memcpy(&n->addr, addr, len);
	n->len = (socklen_t)len;
	n->flags = flags;
	n->host_size = room(host, host_size, sizeof(n->host));
	n->service_size = room(service, service_size, sizeof(n->service));
	error = call_naming(job, deadline);
	if (error)
		return error;
	error = n->error;
	if (!error && n->host_size)
		memcpy(host, n->host, strlen(n->host) + 1);
	if (!error && n->service_size)
		memcpy(service, n->service, strlen(n->service) + 1);
	green__job_free(job);
	return error;
}
