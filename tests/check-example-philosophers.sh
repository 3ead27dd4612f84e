#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: in examples/philosophers those who take the left fork first end in a
# deadlock, whose report names each of them with the fork that he wants and who
# holds it; one of them leaves, and all others eat. In the other order all eat.
# In Python the report is the text of an exception, too.
. "${srcdir:=.}/tests/examples.sh"

names="Aristotle Bacon Confucius Descartes Epicurus"

# eaters WHICH: what the first or the second dinner printed, sorted.
eaters()
{
	printf '%s\n' "$output" | $AWK -v which="$1" '
		/first$/ { dinner++; next }
		dinner == which && (/has eaten/ || /they starve/)' | sort
}

# names_them WHAT REPORT: each of them with a fork of his own that he wants, and
# who holds it.
names_them()
{
	# Each holds what his left neighbour wants: name, id and the holder's id.
	$AWK '/"/ { gsub(/[:",]/, ""); print $3, $2, $10 }' "$2" \
		> "$scratch/who"
	same "$1 names them" "$names" \
		"$(cut -d ' ' -f 1 "$scratch/who" | tr '\n' ' ' |
			sed 's/ $//')"
	same "$1: and who holds the fork that each wants" \
		"$(cut -d ' ' -f 2 "$scratch/who" | $AWK '
			NR == 1 { first = $0; next }
			{ print }
			END { print first }')" \
		"$(cut -d ' ' -f 3 "$scratch/who")"
	same "$1: each waits for a fork of his own" 5 \
		"$(sed -n 's/.* locks mutex \([^,]*\),.*/\1/p' "$2" |
			sort -u | wc -l)"
}

# try C|Python in_c|in_python
try()
{
	output=$($2 philosophers 2> "$scratch/report")
	same "$1: exit status" 0 $?
	same "$1: the left fork first: one leaves, the others eat" \
"Aristotle has eaten 0 times, and leaves: thread was cancelled
Bacon has eaten 3 times
Confucius has eaten 3 times
Descartes has eaten 3 times
Epicurus has eaten 3 times
they starve; Aristotle is asked to leave" "$(eaters 1)"
	same "$1: the lower fork first: all eat" "$(for name in $names; do
		echo "$name has eaten 3 times"
	done)" "$(eaters 2)"
	same "$1: one deadlock is reported" 1 \
		"$(grep -c 'deadlock: every green thread waits' \
			"$scratch/report")"
	names_them "$1: the report" "$scratch/report"
}

try C in_c
if has_python; then
	try Python in_python
	printf '%s\n' "$output" > "$scratch/exception"
	names_them "Python: the exception" "$scratch/exception"
else
	skip "philosophers.py" "no Python bindings"
fi
done_testing
