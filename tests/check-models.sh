#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: the protocols between OS threads hold in every order of events that
# spin finds in tests/models/*.pml; each model fails when it is broken in one
# of the ways that its head names; and the functions it mirrors exist.
. "${srcdir:=.}/tests/tap.sh"

# They are the same whatever the library is built with.
test "${MODELS-}" = no && skip_all "MODELS=no says so"
command -v spin > /dev/null || skip_all "spin is not installed"
# pan is C for this machine, whatever we are building for.
test "$build" = "$host" || CC=cc
command -v ${CC%% *} > /dev/null || skip_all "no compiler for this machine"

models=$(cd "$srcdir/tests/models" && pwd) || exit 99
root=$(cd "$srcdir" && pwd) || exit 99
cd "$scratch" || exit 99

# search MODEL [-DMUTATION]: all its states; prints what was found.
search()
{
	rm -f pan pan.* ./*.trail
	spin ${2:+"$2"} -a "$models/$1.pml" &&
		$CC -O1 -w -DSAFETY -o pan pan.c &&
		./pan -m100000 -w20
}

# words KEYWORD MODEL: what follows it in the head, a line each.
words()
{
	sed -n "s/^ \* $1 //p" "$models/$2.pml"
}

for model in join mutex share sleep wait; do
	search $model > out 2>&1
	if grep -q 'errors: 0$' out && ! grep -q 'not completed' out; then
		ok "$model: holds, $(sed -n 's/^ *\([0-9]*\) states, s.*/\1/p' \
			out) states"
	else
		not_ok "$model: holds" "$(cat out)"
	fi
	words mutation $model > mutations
	while IFS=: read -r name what; do
		search $model -D"$name" > out 2>&1
		if grep -q 'errors: [1-9]' out; then
			ok "$model: notices$what"
		else
			not_ok "$model: notices$what" "$(cat out)"
		fi
	done < mutations
	words mirrors $model > mirrors
	while read -r file names; do
		for name in $names; do
			grep -q "^$name(" "$root/$file" ||
				echo "$model.pml: no $name() in $file"
		done
	done < mirrors > missing
	empty "$model: what it mirrors is there" "$(cat missing)"
done

done_testing
