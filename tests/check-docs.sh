#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: each public function has its place in one manual page, with the
# prototype that the header has; each constant is mentioned; mandoc finds
# nothing to complain about; and the example programs compile.
. "${srcdir:=.}/tests/tap.sh"

man=$srcdir/docs/man
set -- "$man"/*.[0-9]
test -f "$1" || skip_all "no manual pages"
: "${MANDOC:=mandoc}"

# synopses FILE...: "page: prototype" for each function of the SYNOPSIS, from
# .Ft, .Fn, .Fo, .Fa and .Fc.
synopses()
{
	$AWK '
	# The next macro argument of rest, which may be quoted.
	function argument(  s) {
		sub(/^[ \t]+/, "", rest)
		if (rest ~ /^"/) {
			s = substr(rest, 2, index(substr(rest, 2), "\"") - 1)
			rest = substr(rest, length(s) + 3)
		} else {
			s = rest
			sub(/[ \t].*/, "", s)
			rest = substr(rest, length(s) + 1)
		}
		return s
	}
	function all(  s) {
		for (s = argument(); rest ~ /[^ \t]/;)
			s = s " " argument()
		return s
	}
	function add(a) { list = list (list == "" ? "" : ", ") a }
	function finish() {
		page = FILENAME
		sub(/.*\//, "", page)
		s = type " " name "(" (list == "" ? "void" : list) ")"
		gsub(/\* /, "*", s)
		print page ": " s
	}
	/^\.Sh/ { inside = /SYNOPSIS/ }
	!inside { next }
	{ rest = $0; sub(/^\.[A-Z][a-z]/, "", rest) }
	/^\.Ft/ { type = all() }
	/^\.F[no]/ { name = argument(); list = "" }
	/^\.F[na]/ { while (rest ~ /[^ \t]/) add(argument()) }
	/^\.F[nc]/ { finish() }
	' "$@"
}

# examples FILE: writes each block of its EXAMPLES that has a main to
# $scratch/example-N.c.
examples()
{
	rm -f "$scratch"/example-*.c
	$AWK -v base="$scratch/example-" '
	/^\.Sh/ { inside = /EXAMPLES/ }
	!inside { next }
	/^\.Bd/ { block = ""; in_block = 1; next }
	/^\.Ed/ {
		in_block = 0
		if (block ~ /main\(/) {
			n++
			printf "%s", block > (base n ".c")
		}
	}
	in_block {
		gsub(/\\&/, ""); gsub(/\\-/, "-"); gsub(/\\e/, "\\")
		block = block $0 "\n"
	}
	' "$1"
}

prototypes "$srcdir"/include/green/*.h | sed 's/^GREEN_NORETURN //' \
	> "$scratch/prototypes"
synopses "$@" > "$scratch/synopses"

while read -r prototype; do
	name=$(echo "$prototype" | function_names)
	same "$name: the page has the prototype of the header" "$prototype" \
		"$(sed -n "s/^[^:]*: \(.*[ *]$name(.*\)/\1/p" \
			"$scratch/synopses")"
	page=$man/$(sed -n "s/^\([^:]*\): .*[ *]$name(.*/\1/p" \
		"$scratch/synopses" | head -n 1)
	if grep "^\.Nm $name\( ,\)\{0,1\}\$" "$page" > "$scratch/found" 2>&1
	then
		ok "$name: is among the names of its page"
	else
		not_ok "$name: is among the names of its page" "$page"
	fi
done < "$scratch/prototypes"

sort "$scratch/prototypes" > "$scratch/declared"
empty "pages describe no function that is not there" "$(
	sed 's/^[^:]*: //' "$scratch/synopses" | sort |
	comm -23 - "$scratch/declared")"

for name in $(sed -n 's/^#define \(GREEN_[A-Z0-9_]*\).*/\1/p' \
	"$srcdir"/include/green/*.h | grep -v '_H$' |
	grep -v '^GREEN_\(API\|NORETURN\)$' | sort -u); do
	runs "$name: some page mentions it" grep -lw "$name" "$@"
done

for page in "$@"; do
	short=$(basename "$page")
	if command -v $MANDOC > "$scratch/which"; then
		runs "$short: mandoc has nothing to say" \
			$MANDOC -Tlint -Wwarning "$page"
	else
		skip "$short: mandoc has nothing to say" "not installed"
	fi
	examples "$page"
	for example in "$scratch"/example-*.c; do
		test ! -f "$example" ||
			runs "$short: $(basename "$example") compiles" $CC \
			-std=gnu11 -fsyntax-only -Wall -Wextra -Werror \
			-I"$srcdir/include" "$example"
	done
done
done_testing
