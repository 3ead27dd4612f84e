#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: examples/fetch fetches every URL, whole, never more at a time than it
# was told; says which have failed and why, within their time; counts them;
# takes URLs from the standard input, keeps files, and overwrites none; draws a
# bar on a terminal only; and its exit status says how it went.
. "${srcdir:=.}/tests/examples.sh"

test -x examples/fetch || skip_all "no libcurl (Debian: libcurl4-openssl-dev)"
python=${EXAMPLE_PYTHON:-python3}
command -v "$python" > "$scratch/which" || skip_all "no Python for a server"
# Whatever stands between us and others does not stand here.
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY

mkfifo "$scratch/port"
"$python" "$srcdir/tests/fetch-server.py" > "$scratch/port" &
server=$!
trap 'kill $server' EXIT
read -r port < "$scratch/port"
url=http://127.0.0.1:$port

# fetch ARGUMENT...: leaves output, errors and the exit status.
fetch()
{
	in_c fetch "$@" > "$scratch/out" 2> "$scratch/err"
	status=$?
}

# counted: the first line of the summary, without times.
counted()
{
	sed -n 's/^\([0-9]* of [0-9]* fetched, [^ ]* [kM]*B\) .*; \(.*\)/\1; \2/p' \
		"$scratch/out"
}

wanted()
{
	$AWK -v n="$1" 'BEGIN {
		for (; n >= 16; n -= 16)
			print "0123456789abcde"
		printf "%s", substr("0123456789abcde", 1, n)
	}'
}

i=0
while test $i -lt 60; do
	echo "$url/bytes/$((i * 1000))/$i"
	i=$((i + 1))
done > "$scratch/urls"
mkdir "$scratch/files"
# shellcheck disable=SC2046 # words without spaces
fetch -c 5 -d "$scratch/files" $(cat "$scratch/urls")
same "many: exit status" 0 $status
same "many: all are counted" "60 of 60 fetched, 1.8 MB; at most N at a time" \
	"$(counted | sed 's/most [1-5] /most N /')"
same "many: a line for each" "$(sort "$scratch/urls")" \
	"$(sed -n 's/^ .* s  //p' "$scratch/out" | sort)"
runs "many: the slowest is named" grep '^slowest: .* s, http' "$scratch/out"
empty "many: no complaint" "$(cat "$scratch/err")"
same "many: a file for each" 60 "$(find "$scratch/files" -type f | wc -l)"
for i in 0 1 15 16 59; do
	wanted $((i * 1000)) > "$scratch/wanted"
	runs "many: $i is whole" cmp "$scratch/wanted" "$scratch/files/$i"
done
fetch -d "$scratch" "$url/most"
runs "many: not more at a time" test "$(cat "$scratch/most")" -le 5

printf '%s\r\n\n%s\n%s' "$url/bytes/10/a" "$url/away/bytes/20/b" \
	"$url/bytes/30/c" > "$scratch/lines"
fetch < "$scratch/lines"
same "standard input: exit status" 0 $status
same "standard input: all are counted" "3 of 3 fetched, 60 B" \
	"$(counted | sed 's/;.*//')"
fetch < /dev/null
same "nothing: exit status" 0 $status
same "nothing: is counted" "0 of 0 fetched, 0 B; at most 0 at a time" \
	"$(counted)"

fetch "$url/bytes/5/a" "$url/nothing" "nowhere://x" "$url/bytes/7/b"
same "failures: exit status" 1 $status
same "failures: are counted" "2 of 4 fetched, 12 B" \
	"$(counted | sed 's/;.*//')"
runs "failures: not found" grep "^fetch: $url/nothing: .*404" "$scratch/err"
runs "failures: no such protocol" grep "^fetch: nowhere://x: " "$scratch/err"
same "failures: nothing else" 2 "$(wc -l < "$scratch/err")"
fetch -t 0.2 "$url/never" "$url/never"
same "no answer: exit status" 1 $status
same "no answer: after its time" 2 \
	"$(grep -c "^fetch: $url/never: .*timed out" "$scratch/err")"

echo mine > "$scratch/files/1"
fetch -d "$scratch/files" "$url/bytes/16/1" "$url/nothing" "$url/bytes/3/"
same "files: exit status" 1 $status
runs "files: none is overwritten" grep "files/1: File exists" "$scratch/err"
same "files: what was there stays" mine "$(cat "$scratch/files/1")"
runs "files: one without a name" test -s "$scratch/files/index.html"
runs "files: none is left of a failure" test ! -e "$scratch/files/nothing"
fetch -d "$scratch/no/folder" "$url/bytes/1/a"
same "files: no folder: exit status" 1 $status

for bad in "-c 0" "-c x" "-t 0" "-t 1x" "-x"; do
	# shellcheck disable=SC2086 # two words
	fetch $bad "$url/bytes/1/a"
	same "$bad: exit status" 2 $status
done

if command -v script > "$scratch/which" && test -z "$TEST_EMULATOR"; then
	script -qec "examples/fetch $url/bytes/1000/a $url/nothing" /dev/null \
		< /dev/null > "$scratch/terminal"
	same "terminal: exit status" 1 $?
	runs "terminal: a bar" grep '\[#*\] 2 of 2, 1.0 kB, 1 failed' \
		"$scratch/terminal"
	runs "terminal: the failure" grep '404' "$scratch/terminal"
	empty "terminal: no line for what was fetched" \
		"$(grep 'bytes  ' "$scratch/terminal")"
else
	skip "terminal" "script is not installed"
fi
done_testing
