#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A part of the demo: httpd serves libgreen's own docs on loopback, curl fetches
# some, wrk drives it, and SIGTERM stops it. In the environment: top_builddir.

set -eu

: "${top_builddir:?}"
httpd=$top_builddir/examples/httpd/httpd
docs=$(CDPATH='' cd -- "$(dirname -- "$0")/../docs" && pwd -P)

has() { command -v "$1" >/dev/null; }

say() # WHAT FORMAT [ARGUMENT]...
{
	printf '   %-14s' "$1"
	shift
	# shellcheck disable=SC2059 # it is a format
	printf "$@"
	echo
}

fail()
{
	echo "demo: $*" >&2
	exit 1
}

start()
{
	mkfifo "$scratch/said"
	# Connections, those of wrk too, are descriptors.
	# shellcheck disable=SC3045 # the shells that there are have it
	ulimit -n "$(ulimit -H -n)"
	"$httpd" --port=0 --list "$docs" >"$scratch/said" &
	server=$!
	exec 3<"$scratch/said"
	read -r line <&3 || fail "httpd does not start"
	url=${line##* }
	say httpd "serves docs/ on %s" "$url"
}

# One file as it lies on the disk, and one that nobody should get.
fetch()
{
	has curl || { say curl "is not installed"; return; }
	curl -sS -o "$scratch/got" "$url/design.md"
	cmp -s "$scratch/got" "$docs/design.md" || fail "that is another file"
	say curl "/design.md: %d bytes, as on the disk" \
		"$(wc -c <"$scratch/got")"
	status=$(curl -sS -o "$scratch/got" -w '%{http_code}' --path-as-is \
		"$url/../README.md")
	say "" "/../README.md: %s" "$status"
}

memory() # of the server, in KiB
{
	awk '/^RssAnon/ { print $2 }' "/proc/$server/status"
}

sockets()
{
	# shellcheck disable=SC2010 # targets of links, not names
	ls -l "/proc/$server/fd" 2>/dev/null | grep -c 'socket:'
}

report() # of wrk
{
	awk '
	/ 50% / { half = $2 }
	/ 99% / { most = $2 }
	/^Requests\/sec/ { rate = $2 }
	/Socket errors|Non-2xx/ { wrong = wrong $0 }
	END {
		printf "   %-14s%d requests a second; 50 %% of them took" \
		       " up to %s,\n   %-14s99 %% up to %s%s\n", "",
		       rate, half, "", most, wrong
	}' "$scratch/wrk"
}

# drive CONNECTIONS SECONDS: in the middle of it the memory is read, when all
# connections are there.
drive()
{
	before=$(memory)
	idle=$(sockets)
	wrk -t1 -c"$1" -d"$2" --latency --timeout 10s "$url/abi.md" \
		>"$scratch/wrk" &
	wrk=$!
	while kill -0 "$wrk" 2>/dev/null &&
		test $(($(sockets) - idle)) -lt "$1"; do
		sleep 0.1
	done
	held=$(($(sockets) - idle))
	during=$(memory)
	wait "$wrk" || fail "wrk failed"
	each=$((10 * (during - before) / (held > 0 ? held : 1)))
	say "wrk, $1" "connections held: %d, with %d.%d KiB of memory each" \
		"$held" $((each / 10)) $((each % 10))
	report
}

stop()
{
	kill -TERM "$server"
	wait "$server" || fail "httpd ended with $?"
	said=$(cat <&3 | tail -n 1)
	say SIGTERM "%s, and ended with 0" "${said#*: }"
	server=
}

scratch=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server"; rm -rf "$scratch"' 0
start
fetch
if has wrk; then
	drive 64 2
	drive "$(test "$(ulimit -n)" -gt 10100 && echo 10000 || echo 500)" 5
else
	say wrk "is not installed"
fi
stop
