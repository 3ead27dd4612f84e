# SPDX-License-Identifier: MIT
"""The dining philosophers: five of them sit around a table, with one fork
between each two. To eat, a philosopher needs the forks at both sides.

First everybody takes the left fork and then waits for the right one, and they
starve: all hold one fork, and none will get a second. libgreen sees that nobody
can go on, and raises Deadlock where the main flow waits. Its text tells who
waits for what, and who holds it. Here it is caught; one philosopher is asked to
leave, and the others eat.

Then everybody takes the fork with the lower number first. That makes one of
them, the last, begin at the other side, and no circle can close any more.

What it prints of the dinners is what philosophers.c does.
"""

import green

NAMES = ["Aristotle", "Bacon", "Confucius", "Descartes", "Epicurus"]
MEALS = 3

forks = [green.Lock() for _ in NAMES]


def dine(first, second):
    name = green.current().name
    meals = 0
    try:
        while meals < MEALS:
            with forks[first]:
                green.yield_()  # thinks, while the others reach for theirs
                with forks[second]:
                    meals += 1
    except green.Cancelled:
        print(f"{name} has eaten {meals} times, and leaves: "
              "thread was cancelled")
        raise
    print(f"{name} has eaten {meals} times")


def dinner(lower_first):
    table = []
    for left, name in enumerate(NAMES):
        pair = left, (left + 1) % len(forks)
        if lower_first:
            pair = sorted(pair)
        table.append(green.spawn(dine, *pair, name=name))
    try:
        table[0].join()
    except green.Deadlock as error:
        print(error)
        print(f"they starve; {table[0].name} is asked to leave")
        table[0].cancel()  # what it waits for raises Cancelled
    for philosopher in table:
        philosopher.join()


print("the left fork first")
dinner(lower_first=False)
print("the lower fork first")
dinner(lower_first=True)
