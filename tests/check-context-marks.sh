#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: where the compiler is told to harden branches, the assembly carries
# the marks that say so and they are true: a landing pad at the start of each
# function that can be called through a pointer, signed return addresses on
# AArch64, never a shadow stack on x86-64. And x18 is never touched, no stack
# is made executable.
. "${srcdir:=.}/tests/tap.sh"

# assemble COMPILER FOLDER FLAGS: $scratch/switch.o and its disassembly.
assemble()
{
	"$1" $3 -I"$srcdir/arch" -I"$srcdir/arch/$2" \
		-c "$srcdir/arch/$2/switch.S" -o "$scratch/switch.o" \
		> "$scratch/log" 2>&1 || return 1
	$objdump -d --no-show-raw-insn "$scratch/switch.o" > "$scratch/dis"
	readelf -nSW "$scratch/switch.o" > "$scratch/elf" 2>&1
}

# first_instructions: of each function but the start of a stack, which is only
# ever returned or jumped to by name.
first_instructions()
{
	$AWK '/^[0-9a-f]* <green/ { name = $2; getline
		if (name != "<green__start>:") print name, $2, $3 }' \
		"$scratch/dis"
}

# marked WHAT WANTED: the property note, "" for none.
marked()
{
	same "$1" "$2" "$(sed -n 's/.*feature: *//p' "$scratch/elf" |
		sed 's/ *$//')"
}

no_executable_stack()
{
	empty "$1: no executable stack" "$(
		grep -q 'note\.GNU-stack' "$scratch/elf" || echo "no note"
		grep 'note\.GNU-stack.*X' "$scratch/elf")"
}

x86_64()
{
	objdump=objdump
	if ! assemble "$1" x86_64 "-fcf-protection=full" ||
		! grep -q 'file format elf64-x86-64' "$scratch/dis"; then
		skip "x86-64" "no compiler for it"
		return
	fi
	empty "x86-64: landing pads" "$(first_instructions | grep -v endbr64)"
	marked "x86-64: marked for IBT, not for shadow stacks" "IBT"
	empty "x86-64: indirect jumps to return sites are exempt" \
		"$(grep -E '[^k] jmp +\*' "$scratch/dis")"
	no_executable_stack "x86-64"
	assemble "$1" x86_64 "-fcf-protection=none"
	marked "x86-64: no mark without the flag" ""
	empty "x86-64: nor a landing pad" "$(grep endbr64 "$scratch/dis")"
}

aarch64()
{
	objdump=aarch64-linux-gnu-objdump
	if ! command -v $objdump > "$scratch/log" 2>&1 ||
		! assemble "$1" aarch64 "-mbranch-protection=standard"; then
		skip "AArch64" "no compiler for it"
		return
	fi
	empty "AArch64: landing pads" "$(first_instructions | grep -v 'bti c')"
	marked "AArch64: marked" "BTI, PAC"
	same "AArch64: whatever stores x30 has signed it" \
		"$(grep -c 'stp.*x29, x30' "$scratch/dis")" \
		"$(grep -c paciasp "$scratch/dis")"
	same "AArch64: whatever loads x30 checks it" \
		"$(grep -c 'ldp.*x29, x30' "$scratch/dis")" \
		"$(grep -c autiasp "$scratch/dis")"
	no_executable_stack "AArch64"
	assemble "$1" aarch64 "-mbranch-protection=pac-ret+b-key"
	marked "AArch64: signed with the other key" "PAC"
	same "AArch64: by the other key" \
		"$(grep -c 'stp.*x29, x30' "$scratch/dis")" \
		"$(grep -c pacibsp "$scratch/dis")"
	assemble "$1" aarch64 "-mbranch-protection=none"
	marked "AArch64: no mark without the flag" ""
	empty "AArch64: x18 is left alone" "$(grep -w '[xw]18' "$scratch/dis")"
}

x86_64 gcc
aarch64 aarch64-linux-gnu-gcc
done_testing
