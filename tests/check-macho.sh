#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: clang assembles each backend for macOS too, with the underscores and
# the hidden symbols that Mach-O wants. There is no linking and no running.
. "${srcdir:=.}/tests/tap.sh"

command -v clang > "$scratch/where" 2>&1 || skip_all "no clang"

# try_target TRIPLE FOLDER
try_target()
{
	echo nop > "$scratch/probe.S"
	if ! clang --target="$1" -c "$scratch/probe.S" -o "$scratch/probe.o" \
		> "$scratch/log" 2>&1; then
		skip "$1" "this clang does not know it"
		return
	fi
	runs "$1 assembles" clang --target="$1" -Wall -Werror \
		-I"$srcdir/arch" -I"$srcdir/arch/$2" \
		-c "$srcdir/arch/$2/switch.S" -o "$scratch/switch.o"
	for name in green_context_switch green_context_switch_with \
		green__switch green__switch_with green__jump green__start \
		green__fp_get green__fp_set; do
		grep -q "_$name" "$scratch/switch.o" || echo "no _$name"
	done > "$scratch/missing"
	empty "$1 defines all names" "$(cat "$scratch/missing")"
}

try_target x86_64-apple-darwin x86_64
try_target arm64-apple-darwin aarch64
done_testing
