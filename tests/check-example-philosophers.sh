#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: in examples/philosophers those who take the left fork first end in a
# deadlock, whose report names each of them with the fork that he wants and who
# holds it; one of them leaves, and all others eat. In the other order all eat.
. "${srcdir:=.}/tests/examples.sh"

names="Aristotle Bacon Confucius Descartes Epicurus"
output=$(in_c philosophers 2> "$scratch/report")
same "exit status" 0 $?

# eaters WHICH: what the first or the second dinner printed, sorted.
eaters()
{
	printf '%s\n' "$output" | $AWK -v which="$1" '
		/first$/ { dinner++; next }
		dinner == which' | sort
}

same "the left fork first: one leaves, the others eat" \
"Aristotle has eaten 0 times, and leaves: thread was cancelled
Bacon has eaten 3 times
Confucius has eaten 3 times
Descartes has eaten 3 times
Epicurus has eaten 3 times
they starve; Aristotle is asked to leave" "$(eaters 1)"
same "the lower fork first: all eat" "$(for name in $names; do
	echo "$name has eaten 3 times"
done)" "$(eaters 2)"

same "one deadlock is reported" 1 \
	"$(grep -c 'deadlock: every green thread waits' "$scratch/report")"
# Each holds what his left neighbour wants: name, id and the holder's id.
$AWK '/"/ { gsub(/[:",]/, ""); print $3, $2, $10 }' "$scratch/report" \
	> "$scratch/who"
same "the report names them" "$names" \
	"$(cut -d ' ' -f 1 "$scratch/who" | tr '\n' ' ' | sed 's/ $//')"
same "and who holds the fork that each wants" \
	"$(cut -d ' ' -f 2 "$scratch/who" | $AWK '
		NR == 1 { first = $0; next } { print } END { print first }')" \
	"$(cut -d ' ' -f 3 "$scratch/who")"
same "each waits for a fork of his own" 5 \
	"$(sed -n 's/.* locks mutex \([^,]*\),.*/\1/p' "$scratch/report" |
		sort -u | wc -l)"
done_testing
