#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: the shared library exports what the public headers declare, under a
# version node, and nothing else; the static one defines no name that is not
# ours; and the shared one is linked as the manual promises.
. "${srcdir:=.}/tests/tap.sh"

map=$srcdir/src/libgreen.map
so=.libs/libgreen.so
archive=.libs/libgreen.a

# mapped: "name@@node" for each name of the version map.
mapped()
{
	$AWK '
	/\{$/ { node = $1 }
	/^\tgreen_[a-z0-9_]*;$/ { sub(/;/, "", $1); print $1 "@@" node }
	' "$map" | sort
}

# exported: the same from the library; the nodes themselves left out.
exported()
{
	$NM -D --defined-only "$so" | $AWK '$2 != "A" { print $3 }' | sort
}

# A sanitizer adds libraries and names of its own.
case " $CFLAGS $LDFLAGS" in
*' -fsanitize'*) plain= ;;
*) plain=yes ;;
esac

declared=$(prototypes "$srcdir"/include/green/*.h | function_names | sort)
named=$(mapped | sed 's/@@.*//')
same "what headers declare is in the version map, nothing else" "$declared" \
	"$named"
empty "the map names no pattern but local: *" "$(sed '/^\/\*/d' "$map" |
	grep -n '[*?[]' | grep -v '^[0-9]*:	\*;$')"
same "names in a node of the map are sorted" "$(mapped)" \
	"$($AWK '/\{$/ { node = $1 }
	/^\tgreen_/ { sub(/;/, "", $1); print $1 "@@" node }' "$map")"

if test -f "$so"; then
	same "what the map names is exported, nothing else" "$(mapped)" \
		"$(exported)"
	$READELF -lW "$so" > "$scratch/segments"
	$READELF -dW "$so" > "$scratch/dynamic"
	empty "the stack is not executable" "$(
		grep -q GNU_STACK "$scratch/segments" || echo "no GNU_STACK"
		grep 'GNU_STACK.*E' "$scratch/segments")"
	empty "no segment is writable and executable" \
		"$(grep 'LOAD.*RWE' "$scratch/segments")"
	for flag in NOW NODELETE; do
		runs "linked with $flag" \
			grep "FLAGS_1.*[[:space:]]$flag" "$scratch/dynamic"
	done
	runs "relocations end up read-only" grep GNU_RELRO "$scratch/segments"
	runs "the soname has the ABI number" \
		grep 'SONAME.*\[libgreen\.so\.0\]' "$scratch/dynamic"
	empty "no text relocations, no path to search" \
		"$(grep -E 'TEXTREL|R(UN)?PATH' "$scratch/dynamic")"
	# The dynamic loader may be named for thread-local storage.
	test -z "$plain" ||
		empty "needs libc only" "$(grep NEEDED "$scratch/dynamic" |
		grep -vE '\[(libc|ld-linux[-a-z0-9]*)\.so\.[0-9]+\]')"
else
	skip "the shared library" "not built"
fi

if test -z "$plain"; then
	skip "what is linked and defined" "built with a sanitizer"
elif test -f "$archive"; then
	empty "the static library defines only green_*" "$(
		$NM -g --defined-only "$archive" |
		$AWK 'NF == 3 && $3 !~ /^_?green_/ { print $3 }')"
	same "the static library defines every function" "$named" "$(
		$NM -g --defined-only "$archive" |
		$AWK 'NF == 3 { sub(/^_/, "", $3); print $3 }' |
		grep -v '^green__' | sort)"
else
	skip "the static library" "not built"
fi
done_testing
