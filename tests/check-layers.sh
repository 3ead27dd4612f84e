#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: a file of the library includes only its own layer, the layers below
# and public headers; each private header compiles alone; and only arch/ knows
# which CPU it is.
. "${srcdir:=.}/tests/tap.sh"

# The layers, lowest first. A module is a .c and .h pair of src/; one that is
# not in the table is an error.
layers='
base mem os poller valgrind
wheel tools
context epoll guard pool slab stack trim overflow
id
thread
lobby
sched
abandon clock fork key order runtime share sleep spawn worker
wait describe
cancel chain cleanup fd poll scope value select
sync
chan event job mutex offload sem
cond waitgroup rwlock barrier once
child file io signal splice
address net
dial embed explore foreign join listen reader report serve
'
# The layer of what is in arch/, and what may be included only there.
arch_layer=context
arch_headers=' asm frame '

# rank MODULE: number of its layer.
rank()
{
	echo "$layers" |
	$AWK -v m="$1" '{ for (i = 1; i <= NF; i++) if ($i == m) print NR }'
}

# includes FILE: the modules whose private headers it includes.
includes()
{
	sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\(.*\)\.h".*/\1/p' \
		"$1"
}

# check_file FILE MODULE: prints what it includes against the rules.
check_file()
{
	own=$(rank "$2")
	test -n "$own" || echo "$1: $2 has no place in the table"
	for name in $(includes "$1"); do
		case $1:$name in
		*.c:config) continue ;;
		*.h:config) echo "$1: a header includes config.h" ;;
		*/arch/*) case $arch_headers in
			*" $name "*) continue ;;
			esac ;;
		esac
		other=$(rank "$name")
		if test -z "$other"; then
			echo "$1: $name.h has no place in the table"
		elif test -n "$own" && test "$other" -gt "$own"; then
			echo "$1: $name.h is of a higher layer"
		fi
	done
}

# first_include FILE: config.h comes first in what is compiled.
first_include()
{
	first=$(grep '^#include' "$1" | head -n 1)
	test "$first" = '#include "config.h"' || echo "$1: $first"
}

for file in "$srcdir"/src/*.c; do
	module=$(basename "$file" .c)
	bad=$(check_file "$file" "$module"; first_include "$file")
	test ! -f "${file%.c}.h" ||
		bad=$bad$(check_file "${file%.c}.h" "$module")
	empty "src/$module includes only what is below it" "$bad"
done
for file in "$srcdir"/src/*.h; do
	module=$(basename "$file" .h)
	test -f "${file%.h}.c" ||
		empty "src/$module.h includes only what is below it" \
			"$(check_file "$file" "$module")"
done
empty "arch includes only what is below it" "$(
	for file in "$srcdir"/arch/*.[chS] "$srcdir"/arch/*/*.[chS]; do
		test ! -f "$file" || check_file "$file" $arch_layer
	done)"

for file in "$srcdir"/src/*.h; do
	printf '#include "config.h"\n#include "%s"\nextern int used;\n' \
		"$(basename "$file")" > "$scratch/alone.c"
	runs "src/$(basename "$file") compiles alone" $CC -std=gnu11 \
		-fsyntax-only -Wall -Wextra -Werror -I. -I"$srcdir/include" \
		-iquote "$srcdir/src" "$scratch/alone.c"
done

cpu='x86_64|amd64|AMD64|i[3-6]86|aarch64|AARCH64|arm|ARM|thumb|riscv|powerpc'
cpu="$cpu|PPC|ppc|s390|mips|sparc|loongarch|alpha|hppa|m68k|ia64|sh[1-5]"
cpu="$cpu|SSE|AVX|NEON|CET"
empty "src has no condition on a CPU" "$(cd "$srcdir/src" &&
	grep -nE '^[[:space:]]*#[[:space:]]*(el)?if' *.[ch] |
	grep -v '^valgrind\.h:' | grep -E "_($cpu)")"
empty "src has no assembly" "$(cd "$srcdir/src" &&
	grep -nE '\<(__)?asm(__)?\>' *.[ch] | grep -v '^valgrind\.h:')"
done_testing
