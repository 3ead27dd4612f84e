#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the programs that it is given again and again, on all cores, each round
# with a seed of its own, until the time is up or one fails: then it says how to
# repeat that. Every second round has seeded scheduling orders, too, the others
# are as they are everywhere. make soak calls this.
#
# SOAK_SECONDS   how long, 600; what runs then is run to its end
# SOAK_SEED      the seed of the first round, the time of day
# SOAK_JOBS      how many at a time, as many as there are cores
# SOAK_PATIENCE  seconds after which a program hangs, 300
# TEST_EMULATOR  as for make check

: "${SOAK_SECONDS:=600}" "${SOAK_PATIENCE:=300}"
seconds_now()
{
	date +%s
}
first=${SOAK_SEED:-$(seconds_now)}
jobs=${SOAK_JOBS:-$(nproc 2> /dev/null || echo 2)}
end=$(($(seconds_now) + SOAK_SECONDS))
scratch=$(mktemp -d) || exit 99
runners=
trap 'rm -rf "$scratch"' 0
# shellcheck disable=SC2086 # words
trap 'kill $runners 2> /dev/null; wait; exit 99' 1 2 15

# with_seed SEED: the environment of its round.
with_seed()
{
	echo "GREEN_STRESS_SEED=$1"
	test $(($1 % 2)) = 0 || echo "GREEN_SEED=$1"
}

# failed SEED PROGRAM STATUS LOG: what there is to say. The first one says it.
failed()
{
	mkdir "$scratch/failed" 2> /dev/null || return
	case $3 in
	124 | 137) echo "not ok - $2 hangs: no end in $SOAK_PATIENCE s" ;;
	*) echo "not ok - $2 ends with $3" ;;
	esac
	sed 's/^/# /' "$4"
	echo "seed $1; this repeats it (so far as the OS does the same):"
	# shellcheck disable=SC2046 # words
	echo "    cd $(pwd) &&" $(with_seed "$1") \
		${TEST_EMULATOR:+"$TEST_EMULATOR"} "./$2"
}

# runner NUMBER PROGRAM...: every jobs-th round, from this one.
runner()
{
	seed=$((first + $1))
	log=$scratch/$1
	shift
	child=
	trap 'kill $child 2> /dev/null; exit 99' 1 2 15
	while :; do
		for program; do
			test "$(seconds_now)" -lt $end || return
			test ! -d "$scratch/failed" || return
			# shellcheck disable=SC2046,SC2086 # words
			env $(with_seed $seed) \
				timeout -k 5 "$SOAK_PATIENCE" \
				$TEST_EMULATOR "./$program" \
				> "$log" 2>&1 &
			child=$!
			wait $child ||
				failed $seed "$program" $? "$log"
			echo >> "$log.runs"
		done
		seed=$((seed + jobs))
	done
}

test $# -gt 0 || {
	echo "usage: $0 PROGRAM..." >&2
	exit 99
}
echo "$# programs, $SOAK_SECONDS s, $jobs at a time, seeds from $first"
i=0
while test $i -lt "$jobs"; do
	runner $i "$@" &
	runners="$runners $!"
	i=$((i + 1))
done
wait
test ! -d "$scratch/failed" || exit 1
echo "ok - $(cat "$scratch"/*.runs | wc -l) runs"
