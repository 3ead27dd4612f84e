# SPDX-License-Identifier: MIT
"""What goes into a thread, and what comes out.

Any callable can be spawned, closures too; what it returns, or raises, comes
out of result(). The output is that of closures.c.
"""

import green


def raise_to(base, exponent):
    result = 1
    for _ in range(exponent):
        result *= base
        green.yield_()
    return result


threads = [green.spawn(raise_to, base, exponent=3) for base in range(1, 6)]
for base, thread in enumerate(threads, start=1):
    print(f"{base} to the power of 3 is {thread.result()}")

shared = 0


def add_100():
    # No lock: a green thread runs until it yields or waits.
    global shared
    for _ in range(100):
        shared += 1
        green.yield_()


for thread in [green.spawn(add_100), green.spawn(add_100)]:
    thread.join()
print(f"two threads added 100 each: {shared}")
