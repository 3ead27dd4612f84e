#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: each public header compiles alone and twice, as C and as C++, old
# and new, without a warning, and defines no macro that is not named GREEN_*.
. "${srcdir:=.}/tests/tap.sh"

flags='-fsyntax-only -pedantic -Wall -Wextra -Werror -Wundef'
c_flags='-Wstrict-prototypes'

# compiles HEADER COMPILER LANGUAGE FLAG...
compiles()
{
	header=$1 compiler=$2 language=$3
	shift 3
	test "$language" != c || set -- "$@" $c_flags
	printf '#include <%s>\n#include <%s>\nextern int used;\n' \
		"$header" "$header" |
	$compiler $flags -I"$srcdir/include" "$@" -x "$language" -
}

# all_compile COMPILER LANGUAGE STANDARD
all_compile()
{
	bad=
	for header in $headers; do
		out=$(compiles "$header" "$1" "$2" "-std=$3" 2>&1) ||
			bad="$bad$header: $out
"
	done
	empty "each header alone with $1 -std=$3" "$bad"
}

headers=$(cd "$srcdir/include" && echo green.h green/*.h)
tried=' '
for compiler in "$CC" gcc clang; do
	case $tried in
	*" $compiler "*) continue ;;
	esac
	tried="$tried$compiler "
	if ! command -v ${compiler%% *} > "$scratch/which"; then
		skip "each header alone with $compiler" "not installed"
		continue
	fi
	for standard in c99 c11 gnu17; do
		all_compile "$compiler" c "$standard"
	done
done
for compiler in "$CXX" g++ clang++; do
	case $tried in
	*" $compiler "*) continue ;;
	esac
	tried="$tried$compiler "
	if ! command -v ${compiler%% *} > "$scratch/which"; then
		skip "each header alone with $compiler" "not installed"
		continue
	fi
	for standard in c++98 c++17; do
		all_compile "$compiler" c++ "$standard"
	done
done

# The program that a user writes: each constant has a value that both
# languages take.
cat > "$scratch/use.c" <<'EOF'
#include <green.h>

struct green_context context = GREEN_CONTEXT_INIT;
struct green_cond cond = GREEN_COND_INIT;
struct green_waitgroup waitgroup = GREEN_WAITGROUP_INIT;
struct green_rwlock rwlock = GREEN_RWLOCK_INIT;
struct green_barrier barrier = GREEN_BARRIER_INIT;
struct green_once once = GREEN_ONCE_INIT;
struct green_mutex mutex = GREEN_MUTEX_INIT;
struct green_sem sem = GREEN_SEM_INIT;
struct green_event event = GREEN_EVENT_INIT;
int64_t times[] = {
	GREEN_EAI_AGAIN, GREEN_EAI_BADFLAGS, GREEN_EAI_FAIL,
	GREEN_EAI_FAMILY, GREEN_EAI_NONAME, GREEN_EAI_OVERFLOW,
	GREEN_EAI_SERVICE, GREEN_EAI_SOCKTYPE,
	GREEN_NANOSECOND, GREEN_MICROSECOND, GREEN_MILLISECOND,
	GREEN_SECOND, GREEN_NEVER, GREEN_CHAN_UNBOUNDED,
};
unsigned flags[] = {
	GREEN_CONTEXT_FP, GREEN_FP, GREEN_DETACHED, GREEN_NEWEST_FIRST,
	GREEN_CONTEXT_STACK_MIN, GREEN_STACK_MIN, GREEN_STACK_DEFAULT,
	GREEN_KEYS_MAX, GREEN_NAME_MAX, GREEN_PRIVATE, GREEN_RECURSIVE,
	GREEN_BARRIER_SERIAL,
	GREEN_NET_DATAGRAM, GREEN_NET_IPV4, GREEN_NET_IPV6, GREEN_NET_SHARED,
	GREEN_NET_DELAY, GREEN_NET_NAME_MAX, GREEN_READER_SIZE,
	GREEN_SEM_MAX, GREEN_EVENT_AUTO, GREEN_CLAUSE_NONE,
	GREEN_CLAUSE_SEND, GREEN_CLAUSE_RECV, GREEN_CLAUSE_TIMER,
	GREEN_CLAUSE_THREAD, GREEN_CLAUSE_SEM, GREEN_CLAUSE_EVENT,
	GREEN_CLAUSE_JOB,
};
EOF
runs "constants in C" $CC $flags -I"$srcdir/include" -std=c99 "$scratch/use.c"
runs "constants in C++" $CXX $flags -I"$srcdir/include" -std=c++11 \
	-x c++ "$scratch/use.c"

empty "macros are named GREEN_*" "$(cd "$srcdir/include" &&
	grep -nE '^[[:space:]]*#[[:space:]]*define[[:space:]]' green.h green/*.h |
	grep -vE 'define[[:space:]]+GREEN_')"
empty "a guard per header, named after it" "$(cd "$srcdir/include" &&
	for header in green.h green/*.h; do
		guard=$(echo "$header" | tr 'a-z/.' 'A-Z__')
		grep -q "^#ifndef $guard\$" $header || echo "$header: $guard"
	done)"
same "green.h includes all the others" \
	"$(cd "$srcdir/include" && printf '%s\n' green/*.h)" \
	"$(sed -n 's/^#include <\(.*\)>/\1/p' "$srcdir/include/green.h" | sort)"
done_testing
