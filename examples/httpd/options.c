/* SPDX-License-Identifier: MIT */
/*
 * The command line of httpd.
 */

#define _GNU_SOURCE
#include "options.h"

#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include <green.h>

struct options options = {
	.address = "127.0.0.1",
	.port = "8080",
	.workers = 1,
	.connections = 10000,
	.mime = "/etc/mime.types",
	.header_bytes = 8192,
	.header_fields = 100,
	.target_bytes = 4096,
	.header_time = 10 * GREEN_SECOND,
	.idle_time = 60 * GREEN_SECOND,
	.send_time = 30 * GREEN_SECOND,
	.grace = 10 * GREEN_SECOND,
};

static const char help[] =
	"Usage: httpd [OPTION]... FOLDER\n"
	"Serve the files of FOLDER over HTTP/1.1.\n"
	"\n"
	"  --address=ADDRESS     listen on this one (127.0.0.1)\n"
	"  --port=N              and this port (8080); 0: any that is free\n"
	"  --workers=N           OS threads (1); 0: one per CPU\n"
	"  --connections=N       at most so many at a time (10000)\n"
	"  --tls=CERT,KEY        speak TLS, with these two PEM files\n"
	"  --list                show folders that have no index.html\n"
	"  --log=FILE            a line per request; -: on standard output\n"
	"  --mime-types=FILE     more types of files (/etc/mime.types)\n"
	"  --walk                find files as on a kernel without openat2()\n"
	"\n"
	"Limits of a request, and times in seconds:\n"
	"  --max-header=BYTES (8192)    --max-fields=N (100)\n"
	"  --max-target=BYTES (4096)    --header-time=S (10)\n"
	"  --idle-time=S (60)           --send-time=S (30)\n"
	"  --grace=S (10): for requests in flight, after SIGTERM or SIGINT\n";

enum {
	OPT_ADDRESS = 256,
	OPT_PORT,
	OPT_WORKERS,
	OPT_CONNECTIONS,
	OPT_TLS,
	OPT_LIST,
	OPT_LOG,
	OPT_MIME,
	OPT_WALK,
	OPT_MAX_HEADER,
	OPT_MAX_FIELDS,
	OPT_MAX_TARGET,
	OPT_HEADER_TIME,
	OPT_IDLE_TIME,
	OPT_SEND_TIME,
	OPT_GRACE,
	OPT_HELP,
};

static const struct option names[] = {
	{ "address", required_argument, NULL, OPT_ADDRESS },
	{ "port", required_argument, NULL, OPT_PORT },
	{ "workers", required_argument, NULL, OPT_WORKERS },
	{ "connections", required_argument, NULL, OPT_CONNECTIONS },
	{ "tls", required_argument, NULL, OPT_TLS },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "mime-types", required_argument, NULL, OPT_MIME },
	{ "walk", no_argument, NULL, OPT_WALK },
	{ "max-header", required_argument, NULL, OPT_MAX_HEADER },
	{ "max-fields", required_argument, NULL, OPT_MAX_FIELDS },
	{ "max-target", required_argument, NULL, OPT_MAX_TARGET },
	{ "header-time", required_argument, NULL, OPT_HEADER_TIME },
	{ "idle-time", required_argument, NULL, OPT_IDLE_TIME },
	{ "send-time", required_argument, NULL, OPT_SEND_TIME },
	{ "grace", required_argument, NULL, OPT_GRACE },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static void
bad_value(const char *what)
{
	fprintf(stderr, "httpd: '%s' is no value for this option\n", what);
	exit(2);
}

static unsigned
number(const char *text, unsigned least, unsigned most)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (end == text || *end || *text == '-' || value < least ||
	    value > most)
		bad_value(text);
	return (unsigned)value;
}

static int64_t
seconds(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value > 0 && value < 1e9))
		bad_value(text);
	return (int64_t)(value * GREEN_SECOND);
}

static void
two_files(char *text)
{
	char *comma = text;

	while (*comma && *comma != ',')
		comma++;
	if (!*comma)
		bad_value(text);
	*comma = '\0';
	options.cert = text;
	options.key = comma + 1;
}

static void
set_limit(int option, const char *value)
{
	switch (option) {
	case OPT_MAX_HEADER:
		options.header_bytes = number(value, 64, 65535);
		break;
	case OPT_MAX_FIELDS:
		options.header_fields = number(value, 1, 10000);
		break;
	case OPT_MAX_TARGET:
		options.target_bytes = number(value, 1, 65535);
		break;
	case OPT_HEADER_TIME:
		options.header_time = seconds(value);
		break;
	case OPT_IDLE_TIME:
		options.idle_time = seconds(value);
		break;
	case OPT_SEND_TIME:
		options.send_time = seconds(value);
		break;
	case OPT_GRACE:
		options.grace = seconds(value);
		break;
	}
}

static void
set(int option, char *value)
{
	switch (option) {
	case OPT_ADDRESS:
		options.address = value;
		break;
	case OPT_PORT:
		options.port = value;
		break;
	case OPT_WORKERS:
		options.workers = number(value, 0, GREEN_WORKERS_MAX);
		break;
	case OPT_CONNECTIONS:
		options.connections = number(value, 1, 10000000);
		break;
	case OPT_TLS:
		two_files(value);
		break;
	case OPT_LIST:
		options.list = true;
		break;
	case OPT_LOG:
		options.log = value;
		break;
	case OPT_MIME:
		options.mime = value;
		break;
	case OPT_WALK:
		options.walk = true;
		break;
	default:
		set_limit(option, value);
	}
}

/* Those that this process may run on. */
static unsigned
count_cpus(void)
{
	cpu_set_t cpus;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
		return 1;
	return (unsigned)CPU_COUNT(&cpus);
}

int
options_read(int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (option == OPT_HELP) {
			fputs(help, stdout);
			return 0;
		}
		if (option == '?')
			return 2;
		set(option, optarg);
	}
	if (optind + 1 != argc) {
		fputs(help, stderr);
		return 2;
	}
	options.folder = argv[optind];
	if (options.workers == 0)
		options.workers = count_cpus();
	return -1;
}
