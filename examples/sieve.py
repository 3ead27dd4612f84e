# SPDX-License-Identifier: MIT
"""The prime sieve of concurrency: a chain of green threads, one per prime.

    sieve.py [N]    print the primes up to N, 100 if not given

The source sends 2, 3, 4, ... into a channel. Whatever comes first out of a
channel is a prime; then a filter is put behind it that lets through only what
this prime does not divide, and the next prime comes first out of that:

    source --2,3,4,5..-> filter 2 --3,5,7,9..-> filter 3 --5,7,11..-> main

The channels hold nothing: each number waits until it is taken, so nobody runs
ahead. "with" closes a channel at its end. Whoever iterates over one that is
closed comes to the end, too, closes his own, and so on up to main. The output
is that of sieve.c.
"""

import sys

import green


def source(limit, out):
    with out:
        for n in range(2, limit + 1):
            out.send(n)


def keep_undivided(prime, numbers, out):
    with out:
        for n in numbers:
            if n % prime != 0:
                out.send(n)


limit = int(sys.argv[1]) if len(sys.argv) > 1 else 100

# The scope owns the threads: it waits for them, and if main fails, as it does
# when nobody reads what it prints, no thread is left to send in vain.
with green.scope() as chain:
    numbers = green.Channel()
    chain.spawn(source, limit, numbers)
    while prime := next(numbers, None):
        print(prime)
        rest = green.Channel()
        chain.spawn(keep_undivided, prime, numbers, rest)
        numbers = rest
