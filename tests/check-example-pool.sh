#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: examples/pool prints for each file what wc does, in the order in which
# the files were named, more of them than it holds at a time; its sums are those
# of examples/words; what cannot be read is named and the rest counted. The
# Python one prints the same, and says that it uses one core.
. "${srcdir:=.}/tests/examples.sh"

# Not tests/, where this test's log may be growing, nor bindings/, which a make
# install of another test changes, if this is the build tree too.
folders=
for folder in arch docs examples include src; do
	test ! -d "$srcdir/$folder" || folders="$folders $srcdir/$folder"
done
# shellcheck disable=SC2086 # a list of folders
find $folders -type f | sort -r > "$scratch/files"

# numbers: without the spaces that only line them up.
numbers()
{
	sed 's/^ *//; s/  */ /g'
}

cat "$scratch/files" "$scratch/files" "$scratch/files" > "$scratch/many"
xargs wc < "$scratch/many" | numbers > "$scratch/wanted-files"
# shellcheck disable=SC2086 # the emulator is words
xargs $TEST_EMULATOR examples/pool < "$scratch/many" > "$scratch/pool"
same "exit status" 0 $?
same "each file as wc counts it, in order" \
	"$(cat "$scratch/wanted-files")" "$(numbers < "$scratch/pool")"
runs "more than it holds at a time" test "$(wc -l < "$scratch/pool")" -gt 300

# shellcheck disable=SC2086
same "folders: the sums of examples/words" \
	"$(in_c words $folders | grep ' total$')" \
	"$(in_c pool $folders | grep ' total$')"
runs "without an argument it takes libgreen's sources" \
	test "$(in_c pool | $AWK '$4 == "total" { print $3 }')" -gt 100000

if has_python; then
	# shellcheck disable=SC2046 # names without spaces
	in_python pool $(cat "$scratch/many") > "$scratch/py" 2> "$scratch/turns"
	same "Python: exit status" 0 $?
	runs "Python prints the same" cmp "$scratch/pool" "$scratch/py"
	same "Python says that it uses one core" \
		"pool: 8 workers take turns on one core" "$(cat "$scratch/turns")"
	# shellcheck disable=SC2086
	same "Python: folders, in any order" "$(in_c pool $folders | sort)" \
		"$(in_python pool $folders 2> "$scratch/turns" | sort)"
	# Bytes that are in no word, and names that are no UTF-8.
	odd=$scratch/$(printf 'n\303\244me\351')
	printf '\342\200\224 x\n\200caf\351 \200 \f\vz' > "$odd"
	same "Python: odd bytes" "$(in_c pool "$odd")" \
		"$(export PYTHONIOENCODING=utf-8:strict
		in_python pool "$odd" 2> "$scratch/turns")"
	runs "Python: without an argument it takes libgreen's sources" \
		test "$(in_python pool 2> "$scratch/turns" |
			$AWK '$4 == "total" { print $3 }')" -gt 100000
else
	skip "pool.py" "no Python bindings"
fi

echo "two words" > "$scratch/two"
for how in in_c $(has_python && echo in_python); do
	output=$($how pool "$scratch/two" "$scratch/missing" "$scratch/two" 2>&1)
	same "$how: a missing file: exit status" 1 $?
	same "$how: a missing file is named, the rest counted" \
		"1 2 10 $scratch/two
1 2 10 $scratch/two
2 4 20 total
pool: $scratch/missing: No such file or directory" \
		"$(printf '%s\n' "$output" | grep -v 'on one core' |
			numbers | sort)"
done
done_testing
