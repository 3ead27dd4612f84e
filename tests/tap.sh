# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# TAP for shell tests: . "$srcdir/tests/tap.sh", then
#
#	ok WHAT COMMAND...	a point: the command succeeds
#	same WHAT GOT WANTED	a point: the two strings are equal
#	skip WHAT WHY		a point that cannot run here
#	tap_done		the plan; last
#
# $emulate runs a program of the build, under the emulator if there is one.

tap_count=0
tap_failed=0
emulate=${TEST_EMULATOR-}

tap_point()
{
	tap_count=$((tap_count + 1))
	test "$1" = ok || tap_failed=1
	echo "$1 $tap_count - $2"
}

ok()
{
	tap_what=$1
	shift
	if tap_output=$("$@" 2>&1); then
		tap_point ok "$tap_what"
	else
		tap_point "not ok" "$tap_what"
		echo "$tap_output" | sed 's/^/# /'
	fi
}

same()
{
	if test "$2" = "$3"; then
		tap_point ok "$1"
	else
		tap_point "not ok" "$1"
		printf 'got:\n%s\nwanted:\n%s\n' "$2" "$3" | sed 's/^/# /'
	fi
}

skip()
{
	tap_point ok "$1 # SKIP $2"
}

tap_done()
{
	echo "1..$tap_count"
	exit "$tap_failed"
}
