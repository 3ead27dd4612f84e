#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: each C file that git knows is as clang-format 14 would write it,
# except what is not ours or is assembly. make check-format runs this alone.
. "${srcdir:=.}/tests/tap.sh"

foreign='^\(src/valgrind\|arch/asm\)\.h$'

: "${CLANG_FORMAT:=clang-format}"
command -v $CLANG_FORMAT > "$scratch/which" ||
	skip_all "clang-format is not installed"
# Each release of it formats a little differently.
$CLANG_FORMAT --version | grep -q 'version 14\.' ||
	skip_all "$CLANG_FORMAT is not version 14"
cd "$srcdir" || exit 99
files=$(git ls-files '*.c' '*.h' 2> "$scratch/why" | grep -v "$foreign")
test -n "$files" || skip_all "not a git checkout"
bad=
for file in $files; do
	test ! -f "$file" ||
		$CLANG_FORMAT --dry-run -Werror "$file" 2> "$scratch/out" ||
		bad="$bad$file
$(head -n 3 "$scratch/out")
"
done
empty "clang-format has nothing to change" "$bad"
done_testing
