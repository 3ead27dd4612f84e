#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: after make install, a program in C and one in C++ build with what
# pkg-config says and nothing else, shared and static, and run.
. "${srcdir:=.}/tests/tap.sh"

# The make that runs this test has made everything; its options (-n, -t, a
# list of tests) are not for the one below.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
root=$scratch/root
runs "make install DESTDIR=" $MAKE install DESTDIR="$root"

pc=$(find "$root" -name libgreen.pc)
if test -z "$pc"; then
	not_ok "libgreen.pc is installed"
	done_testing
fi
PKG_CONFIG_SYSROOT_DIR=$root
PKG_CONFIG_LIBDIR=$(dirname "$pc")
export PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_LIBDIR
# Flags that would be left out because a system's compiler knows them.
PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1
PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
export PKG_CONFIG_ALLOW_SYSTEM_CFLAGS PKG_CONFIG_ALLOW_SYSTEM_LIBS

same "every public header is installed" \
	"$(cd "$srcdir/include" && find . -name '*.h' | sort)" \
	"$(cd "$root$($PKG_CONFIG --variable=includedir libgreen |
		sed "s,^$root,,")" && find . -name 'green*.h' -o -path \
		'./green/*.h' | sort)"
empty "nothing installed knows the build tree" \
	"$(grep -rlF "$(pwd)" "$root" | grep -v '\.\(so\|a\|pyc\)')"

cat > "$scratch/program.c" <<'EOF'
#include <stdio.h>

#include <green.h>

static struct green_context home = GREEN_CONTEXT_INIT, away;
static char stack[65536];

static void *
greet(void *name)
{
	printf("hello %s", (char *)name);
	return name;
}

static void *
tell_version(void *arg)
{
	green_yield();
	printf(" from %s\n", green_version());
	return arg;
}

int
main(void)
{
	char name[] = "stranger";
	void *value = NULL;
	green_t id;

	if (green_context_init(&away, stack, sizeof(stack), 0, greet, &home))
		return 1;
	if (green_context_switch(&home, &away, name) != name)
		return 2;
	if (green_spawn(&id, NULL, tell_version, name) ||
	    green_join(id, &value, GREEN_NEVER))
		return 3;
	return value != name;
}
EOF
cp "$scratch/program.c" "$scratch/program.cc"

lib_dir=$(dirname "$PKG_CONFIG_LIBDIR")
version=$(sed -n 's/^Version: *//p' "$pc")

# greets PROGRAM: it runs and says so.
greets()
{
	if test "$build" != "$host" && test -z "$TEST_EMULATOR"; then
		skip "$1 runs" "cross-compiled, and TEST_EMULATOR is empty"
		return
	fi
	said=$(LD_LIBRARY_PATH=$lib_dir $TEST_EMULATOR "$scratch/$1" 2>&1)
	same "$1 runs" "hello stranger from $version" "$said"
}

# builds PROGRAM COMPILER SOURCE PKG-CONFIG-OPTION LINK-OPTION
builds()
{
	runs "$1 builds" $2 -Wall -Wextra -Werror $flags \
		-o "$scratch/$1" "$scratch/$3" $5 \
		$($PKG_CONFIG $4 --cflags --libs libgreen)
	test ! -x "$scratch/$1" || greets "$1"
}

flags="$CFLAGS $LDFLAGS"
if test -n "$(find "$root" -name 'libgreen.so')"; then
	builds shared-c "$CC" program.c
	flags="$CXXFLAGS $LDFLAGS"
	builds shared-c++ "$CXX" program.cc
else
	skip "programs with the shared library" "not built"
fi

flags="$CFLAGS $LDFLAGS"
echo 'int main(void) { return 0; }' > "$scratch/empty.c"
if test -z "$(find "$root" -name 'libgreen.a')"; then
	skip "programs with the static library" "not built"
elif echo " $flags " | grep -q -e ' -fsanitize=thread '; then
	skip "programs with the static library" "TSan wants shared ones"
elif ! $CC $flags -static -o "$scratch/empty" "$scratch/empty.c" \
	2> "$scratch/why"; then
	skip "programs with the static library" "no static libc, or a sanitizer"
else
	builds static-c "$CC" program.c --static -static
	flags="$CXXFLAGS $LDFLAGS"
	builds static-c++ "$CXX" program.cc --static -static
fi
done_testing
