# SPDX-License-Identifier: MIT
"""Two green threads take turns: one counts to 10, one to 15.

Each yields after every number, so the lines alternate until the first is
done. The output is that of fibers.c.
"""

import green


def count(name, limit):
    for i in range(1, limit + 1):
        print(f"thread {name}: counter {i}")
        green.yield_()
    print(f"thread {name}: finished")


threads = [green.spawn(count, "1", 10), green.spawn(count, "2", 15)]
for thread in threads:
    thread.join()
