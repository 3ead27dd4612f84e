# SPDX-License-Identifier: MIT
# The Test Anything Protocol for the check-*.sh scripts, which read this
# first. It leaves $scratch, an empty folder that is removed at the end.
#
# The makefile exports what configure found: srcdir, CC, CXX, NM, READELF and
# so on. A script run by hand takes what is in PATH.

LC_ALL=C
export LC_ALL
: "${srcdir:=.}" "${CC:=cc}" "${CXX:=c++}" "${NM:=nm}" "${READELF:=readelf}"
: "${AWK:=awk}" "${MAKE:=make}" "${PKG_CONFIG:=pkg-config}"

points=0
failed=0
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' 0
trap 'exit 99' 1 2 15

# ok WHAT: a point that holds.
ok()
{
	points=$((points + 1))
	echo "ok $points - $1"
}

# not_ok WHAT [REASON]: one that does not; the reason may have many lines.
not_ok()
{
	points=$((points + 1))
	failed=$((failed + 1))
	echo "not ok $points - $1"
	test -z "$2" || printf '%s\n' "$2" | sed 's/^/# /'
}

# skip WHAT WHY
skip()
{
	points=$((points + 1))
	echo "ok $points - $1 # SKIP $2"
}

# skip_all WHY: nothing of this script can run here.
skip_all()
{
	echo "1..0 # SKIP $1"
	exit 0
}

# runs WHAT COMMAND...: the command ends with 0. Its output is shown if not.
runs()
{
	runs_what=$1
	shift
	if runs_out=$("$@" 2>&1); then
		ok "$runs_what"
	else
		not_ok "$runs_what" "$runs_out"
	fi
}

# empty WHAT TEXT: there is no text; each line of it is a violation.
empty()
{
	if test -z "$2"; then
		ok "$1"
	else
		not_ok "$1" "$2"
	fi
}

# same WHAT WANTED GOT: two texts are equal, line by line.
same()
{
	printf '%s\n' "$2" > "$scratch/wanted"
	printf '%s\n' "$3" > "$scratch/got"
	if diff "$scratch/wanted" "$scratch/got" > "$scratch/diff"; then
		ok "$1"
	else
		not_ok "$1" "$(cat "$scratch/diff")"
	fi
}

done_testing()
{
	echo "1..$points"
	test "$failed" = 0
	exit
}

# prototypes FILE...: the functions that public headers declare, one on a
# line, with single spaces and without GREEN_API.
prototypes()
{
	$AWK '
	/^[ \t]*#/ { while (/\\$/) getline; next }
	{ text = text " " $0 }
	END {
		while ((from = index(text, "/*")) != 0) {
			rest = substr(text, from + 2)
			text = substr(text, 1, from - 1) " " \
			       substr(rest, index(rest, "*/") + 2)
		}
		n = split(text, part, ";")
		for (i = 1; i <= n; i++) {
			if (!sub(/.*GREEN_API/, "", part[i]))
				continue
			gsub(/[ \t]+/, " ", part[i])
			gsub(/\* /, "*", part[i])
			sub(/^ /, "", part[i])
			print part[i]
		}
	}' "$@"
}

# function_names: the names of the prototypes on standard input.
function_names()
{
	sed 's/^\([^(]*[ *]\)\(green_[a-z0-9_]*\)(.*/\2/'
}
