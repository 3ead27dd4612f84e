#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: examples/words counts what wc counts, on libgreen's sources and on
# files made to be difficult; more files than a process may open are no
# problem; what cannot be read is named and the rest counted.
. "${srcdir:=.}/tests/examples.sh"

# What wc says of all regular files below $@: lines, words, bytes.
by_wc()
{
	find "$@" -type f -print0 | wc --files0-from=- |
		$AWK '{ sums = $1 " " $2 " " $3 } END { print sums }'
}

# The same from the output of words.
sums()
{
	printf '%s\n' "$1" | $AWK '$4 == "total" { print $1, $2, $3 }'
}

# counts WHAT in_c|in_python WANTED FILE...
counts()
{
	what=$1 how=$2 wanted=$3
	shift 3
	out=$($how words "$@" 2> "$scratch/stderr")
	same "$what: exit status" 0 $?
	same "$what" "$wanted" "$(sums "$out")"
	same "$what: no complaint" "" "$(cat "$scratch/stderr")"
}

tree=$scratch/tree
mkdir -p "$tree/deep/er" "$tree/empty folder"
: > "$tree/empty"
printf 'no newline at the end' > "$tree/deep/no newline"
printf '\n\n \t\v\f\r\n' > "$tree/deep/white"
printf 'caf\303\251 \303\274ber\n\342\200\224 x\n' > "$tree/deep/er/utf8"
printf 'caf\351 \344\n' > "$tree/deep/latin1"
name=$(printf 'n\303\244me\351 with\nnewline')
printf 'odd name\n' > "$tree/deep/$name"
# A word that goes on over the edge of a block, and one that begins there.
$AWK 'BEGIN { for (i = 0; i < 16384; i++) printf "x"; print "y z"
	for (i = 0; i < 16379; i++) printf "x"; printf " new\n" }' \
	> "$tree/deep/er/edges"
ln -s ../deep "$tree/empty folder/loop"
ln -s /nowhere "$tree/dangling"
mkfifo "$tree/fifo"
# wc of coreutils before 9.5 takes for words what examples/words.c says; later
# ones count those of other bytes too, which differs in binary files only.
if test "$(printf '\200\n' | wc -w)" -eq 0; then
	cp examples/words "$tree/deep/er/binary"
else
	rm "$tree/deep/latin1" "$tree/deep/er/utf8"
fi

# Not tests/: there this test's log may be growing. Nor bindings/, which a make
# install of another test changes, if this is the build tree too.
sources=
for folder in arch docs examples include src; do
	test ! -d "$srcdir/$folder" || sources="$sources $srcdir/$folder"
done

try()
{
	counts "$1: files made to be difficult" "$2" "$(by_wc "$tree")" "$tree"
	counts "$1: a file" "$2" "1 2 9" "$tree/deep/$name"
	counts "$1: nothing at all" "$2" "0 0 0" "$tree/empty folder"
	# shellcheck disable=SC2086 # a list of folders
	counts "$1: libgreen's sources" "$2" "$(by_wc $sources)" $sources

	# shellcheck disable=SC2086,SC3045 # every shell has ulimit -n
	(ulimit -n 40 && $2 words $sources) > "$scratch/few" 2>&1
	# shellcheck disable=SC2086
	same "$1: fewer descriptors than files" "$(by_wc $sources)" \
		"$(sums "$(cat "$scratch/few")")"

	out=$($2 words "$tree/deep/latin1" "$tree/missing" 2>&1)
	same "$1: a missing file: exit status" 1 $?
	runs "$1: a missing file is named" \
		grep -q 'missing: No such file' <<-END
		$out
		END
	same "$1: a missing file: the rest is counted" \
		"$(by_wc "$tree/deep/latin1")" "$(sums "$out")"
}

try C in_c
runs "without an argument it takes libgreen's sources" \
	test "$(in_c words | $AWK '$4 == "total" { print $3 }')" -gt 100000
if has_python; then
	try Python in_python
	# shellcheck disable=SC2086 # a list of folders
	same "C and Python print the same" "$(in_c words $sources)" \
		"$(in_python words $sources)"
else
	skip "words.py" "no Python bindings"
fi

chmod 0 "$tree/deep/white" "$tree/deep/er"
if test -r "$tree/deep/white"; then
	skip "an unreadable file" "root can read anything"
else
	out=$(in_c words "$tree" 2>&1)
	same "an unreadable file: exit status" 1 $?
	same "an unreadable file and folder are named" 2 \
		"$(printf '%s\n' "$out" | grep -c 'Permission denied')"
fi
chmod 755 "$tree/deep/er"
done_testing
