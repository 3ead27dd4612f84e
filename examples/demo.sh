#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What ./quickstart demo shows. In the environment: top_builddir, and PYTHON
# ("no": without the Python half).

set -eu

: "${top_builddir:?}" "${PYTHON:=no}"
examples=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
bin=$top_builddir/examples

title()
{
	printf '\n== %s\n' "$1"
	shift
	printf '   %s\n' "$@"
	echo
}

in_python()
{
	PYTHONPATH=$top_builddir/python LD_LIBRARY_PATH=$top_builddir/.libs \
		"$PYTHON" "$examples/$1.py"
}

title "Two green threads take turns (examples/fibers.c)" \
	"The left one counts to 10, the right one to 15. Each yields after every" \
	"number, so they alternate until the left one has finished."
"$bin/fibers" | awk '
	{ sub(/thread /, ""); sub(/: /, " ") }
	$1 == 1 { print "   " substr($0, 3) }
	$1 == 2 { print "                    " substr($0, 3) }'

if test "$PYTHON" != no; then
	title "The same in Python (examples/fibers.py)" \
		"Python functions, each on a green thread of its own."
	if test "$("$bin/fibers")" != "$(in_python fibers)"; then
		echo "It prints something else!" >&2
		exit 1
	fi
	echo "   It prints the same $("$bin/fibers" | wc -l) lines."
fi

title "Count words, one green thread per file (examples/words.c)" \
	"libgreen's own sources: lines, words and bytes, as wc would count them." \
	"All files are read in turns, a block at a time."
"$bin/words"

if test "$PYTHON" != no; then
	title "The same in Python (examples/words.py)" \
		"The first line is to be the same."
	in_python words
fi

title "A pool of workers, on all cores, counts the same files (examples/pool.c)" \
	"A few threads take the files out of a channel; the results come in order." \
	"Its last line is the first one from above."
"$bin/pool" | awk -v show="$(test -t 1 && echo yes)" '
	show { printf "\r   %d files, %s", NR, $4; printf "\033[K" }
	{ last = $0 }
	END { if (show) printf "\r\033[K"; print last }'

title "Prime numbers (examples/sieve.c)" \
	"Each prime is a green thread that lets no multiple of it through. The" \
	"numbers go from one to the next through channels that hold nothing."
"$bin/sieve" 20000 | awk '{ last = $0 }
	END { print NR " primes up to 20000, so many threads; the last is " last }'

title "A million green threads (examples/million.c)" \
	"All alive at the same time, each with a stack and, where the kernel can" \
	"do it (Linux 6.13 and newer), a guard below it that costs no mapping."
"$bin/million"

if test -x "$bin/httpd/httpd"; then
	title "A web server, one green thread per connection (examples/httpd)" \
		"Measured here and now, by programs that share this machine with it."
	sh "$examples/demo-httpd.sh"
else
	title "No web server (examples/httpd)" \
		"It wants http-parser (Debian: libhttp-parser-dev), then configure again."
fi
