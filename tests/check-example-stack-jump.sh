#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: examples/stack-jump shows six slots, greets from both stacks, and
# comes back from each.
. "${srcdir:=.}/tests/examples.sh"

output=$(in_c stack-jump)
same "exit status" 0 $?

has() # a line that matches $1, once
{
	test "$(printf '%s\n' "$output" | grep -c "$1")" = 1
}

# Everything that is in $output, with addresses made equal.
plain=$(printf '%s\n' "$output" | sed 's/0x[0-9a-f]*/ADDRESS/g')

if has 'No jump by hand'; then
	skip "the jump by hand" "this CPU has none"
else
	runs "where greet returns to is at the top" has 'come_home: where'
	runs "greet's address is below it" has 'greet: the stack pointer is here'
	same "four slots are free" \
		4 "$(printf '%s\n' "$output" | grep -c ' free; ')"
	slots=$(printf '%s\n' "$output" | sed -n '2,7s/^  0x\([0-9a-f]*\).*/\1/p')
	first=$(printf '%s\n' "$slots" | sed -n '1p')
	second=$(printf '%s\n' "$slots" | sed -n '2p')
	same "the top is a multiple of 16" 0 $(((0x$first + 8) % 16))
	same "slots have 8 bytes" 8 $((0x$first - 0x$second))
	same "jump, greeting, return" \
		"Jump.
  Hello from a stack of 48 bytes!
And back on the stack that the kernel gave us." \
		"$(printf '%s\n' "$plain" | sed -n '8,10p')"
fi

same "the conversation with a context" \
	"green_context_init() prepared the stack from ADDRESS to ADDRESS.
Switch.
  Hello from the stack around ADDRESS! I was sent \"hello\".
It answers \"who are you?\"; switch again.
  Pleased to meet you, main.
Its function has returned \"goodbye\"." \
	"$(printf '%s\n' "$plain" | sed -n '/^green_context_init/,$p')"

lo=$(printf '%s\n' "$output" | sed -n 's/.*the stack from \(0x[0-9a-f]*\) .*/\1/p')
hi=$(printf '%s\n' "$output" | sed -n 's/.*the stack from .* to \(0x[0-9a-f]*\)\..*/\1/p')
at=$(printf '%s\n' "$output" | sed -n 's/.*the stack around \(0x[0-9a-f]*\)!.*/\1/p')
runs "it was on that stack" test $((at >= lo && at < hi)) = 1
done_testing
