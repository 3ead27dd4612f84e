# SPDX-License-Identifier: MIT
"""Scheduler rows in Python: green, greenlet, gevent, asyncio.

Called as  threads.py PEER ROW THREADS COUNT,  prints one line of JSON. The
loop that calls is part of each number, with every peer alike.

    py-switch   THREADS threads hand over to each other, COUNT times in all;
                for greenlet a bare switch to the next of a ring, for the
                others what their users call: green.yield_(), gevent.sleep(0),
                await asyncio.sleep(0)
    py-spawn    spawn a function that returns at once, wait for its end;
                one after another, COUNT times, memory reused
    py-parked   memory of THREADS threads that have run and wait
"""
import gc
import json
import os
import sys
import time


def nothing():
    pass


def memory():
    """Resident bytes and page table bytes."""
    with open("/proc/self/status") as f:
        fields = dict(line.split(":", 1) for line in f)
    return [int(fields[k].split()[0]) * 1024 for k in ("VmRSS", "VmPTE")]


class Green:
    """libgreen's Python binding."""

    def __init__(self):
        import green
        self.green = green
        self.version = getattr(green, "__version__", "?")

    def switch(self, threads, per_thread):
        y, clock, at = self.green.yield_, time.process_time_ns, []

        def body():
            y()
            at.append(clock())
            for _ in range(per_thread):
                y()
            at.append(clock())

        for t in [self.green.spawn(body) for _ in range(threads)]:
            t.join()
        return at[-1] - at[threads - 1]

    def spawn(self, count):
        spawn = self.green.spawn
        start = time.process_time_ns()
        for _ in range(count):
            spawn(nothing).join()
        return time.process_time_ns() - start

    def park(self, threads):
        y, go = self.green.yield_, []

        def body():
            while not go:
                y()

        all = [self.green.spawn(body) for _ in range(threads)]
        y()
        after = memory()
        go.append(1)
        for t in all:
            t.join()
        return after


class Greenlet:
    """Bare switches: it has no scheduler."""

    def __init__(self):
        import greenlet
        self.greenlet = greenlet.greenlet
        self.version = greenlet.__version__

    def switch(self, threads, per_thread):
        ring = []

        def body(i):
            ring[0].parent.switch()
            switch = ring[(i + 1) % threads].switch
            for _ in range(per_thread):
                switch()
            ring[0].parent.switch()

        ring.extend(self.greenlet(body) for _ in range(threads))
        for i, g in enumerate(ring):
            g.switch(i)
        start = time.process_time_ns()
        ring[0].switch()
        return time.process_time_ns() - start

    def spawn(self, count):
        greenlet = self.greenlet
        start = time.process_time_ns()
        for _ in range(count):
            greenlet(nothing).switch()
        return time.process_time_ns() - start

    def park(self, threads):
        def body():
            ring[0].parent.switch()

        ring = [self.greenlet(body) for _ in range(threads)]
        for g in ring:
            g.switch()
        return memory()


class Gevent:
    def __init__(self):
        import gevent
        self.gevent = gevent
        self.version = gevent.__version__

    def switch(self, threads, per_thread):
        sleep, clock, at = self.gevent.sleep, time.process_time_ns, []

        def body():
            sleep(0)
            at.append(clock())
            for _ in range(per_thread):
                sleep(0)
            at.append(clock())

        self.gevent.joinall([self.gevent.spawn(body) for _ in range(threads)])
        return at[-1] - at[threads - 1]

    def spawn(self, count):
        spawn = self.gevent.spawn
        start = time.process_time_ns()
        for _ in range(count):
            spawn(nothing).join()
        return time.process_time_ns() - start

    def park(self, threads):
        from gevent.event import Event
        go = Event()
        all = [self.gevent.spawn(go.wait) for _ in range(threads)]
        self.gevent.sleep(0)
        after = memory()
        go.set()
        self.gevent.joinall(all)
        return after


class Asyncio:
    def __init__(self):
        import asyncio
        self.asyncio = asyncio
        self.version = sys.version.split()[0]

    def switch(self, threads, per_thread):
        sleep, clock, at = self.asyncio.sleep, time.process_time_ns, []

        async def body():
            await sleep(0)
            at.append(clock())
            for _ in range(per_thread):
                await sleep(0)
            at.append(clock())

        async def all():
            await self.asyncio.gather(*[body() for _ in range(threads)])

        self.asyncio.run(all())
        return at[-1] - at[threads - 1]

    def spawn(self, count):
        async def body():
            pass

        async def all():
            spawn = self.asyncio.create_task
            start = time.process_time_ns()
            for _ in range(count):
                await spawn(body())
            return time.process_time_ns() - start

        return self.asyncio.run(all())

    def park(self, threads):
        async def all():
            go = self.asyncio.Event()
            tasks = [self.asyncio.create_task(go.wait())
                     for _ in range(threads)]
            await self.asyncio.sleep(0)
            after = memory()
            go.set()
            await self.asyncio.gather(*tasks)
            return after

        return self.asyncio.run(all())


PEERS = {"green": Green, "greenlet": Greenlet, "gevent": Gevent,
         "asyncio": Asyncio}


def measure(peer, row, threads, count):
    if row == "py-switch":
        per_thread = max(count // threads, 1)
        ns = peer.switch(threads, per_thread)
        return {"ns": ns / (per_thread * threads)}
    if row == "py-spawn":
        peer.spawn(count // 10 + 1)
        return {"ns": peer.spawn(count) / count}
    if row == "py-parked":
        gc.collect()
        before = memory()
        after = peer.park(threads)
        return {"rss": (after[0] - before[0]) / threads,
                "page_tables": (after[1] - before[1]) / threads}
    raise ValueError("no such row")


def main():
    name, row = sys.argv[1:3]
    threads, count = map(int, sys.argv[3:5])
    try:
        peer = PEERS[name]()
        result = measure(peer, row, threads, count)
        result = {"peer": name, "row": row, "threads": threads,
                  "count": count, "version": peer.version, **result}
    except (ImportError, MemoryError, OSError) as e:
        result = {"error": "%s: %s" % (type(e).__name__, e)}
    print(json.dumps(result), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
