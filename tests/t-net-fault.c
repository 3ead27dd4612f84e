/* SPDX-License-Identifier: MIT */
/* Proves: whichever allocation fails, a name is found or -ENOMEM is said, with
 * nothing stored; and nothing is left behind. */

#include "tap.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <green.h>

#include "mem.h"

static int bad;

/* How many things were refused. */
static int
ask(long n)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct addrinfo *list = NULL;
	char host[NI_MAXHOST] = "";
	int error, named;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	green__mem_fail_after(n);
	error = green_getaddrinfo("localhost", "80", NULL, &list, GREEN_NEVER);
	named = green_getnameinfo((struct sockaddr *)&in, sizeof(in), host,
				  sizeof(host), NULL, 0, NI_NUMERICHOST,
				  GREEN_NEVER);
	green__mem_fail_after(-1);
	bad += (error && error != -ENOMEM) || !error != (list != NULL);
	bad += (named && named != -ENOMEM) || !named != (host[0] != '\0');
	green_freeaddrinfo(list);
	return (error != 0) + (named != 0);
}

int
main(void)
{
	int refused = 1;
	long live, n;

	green_self(); /* a worker */
	live = green__mem_live();
	for (n = 0; refused && n < 100; n++)
		refused = ask(n);
	is(bad, 0, "nothing went wrong");
	is(n, 3, "each of two allocations");
	is(green__mem_live(), live, "no block is left");
	return tap_done();
}
