# SPDX-License-Identifier: MIT
"""For check-context-gdb.sh, inside gdb: prints test points.

At each instruction of each function that switches, the caller as gdb unwinds
it must have the program counter, stack pointer and callee-saved registers
that it had when it called: before the stack pointer changes, the caller on
this stack; from then on, the one that left the other stack some time ago.
"""

import gdb

REGISTERS = ("rbx", "rbp", "r12", "r13", "r14", "r15")
FUNCTIONS = ("green_context_switch", "green_context_switch_with",
             "green__switch", "green__switch_with", "green__jump",
             "green__start")

points = 0
failed = 0


def ok(good, what):
    global points, failed
    points += 1
    failed += not good
    print("%sok %d - %s" % ("" if good else "not ", points, what))


def number(expression):
    return int(gdb.parse_and_eval(expression)) & (2 ** 64 - 1)


def register(frame, name):
    return int(frame.read_register(name)) & (2 ** 64 - 1)


def chain(frame):
    """Names of all callers, and why gdb found no more."""
    names = []
    while True:
        names.append(frame.name() or hex(frame.pc()))
        older = frame.older()
        if older is None or len(names) > 30:
            return names, frame.unwind_stop_reason()
        frame = older


class Stepper:
    def __init__(self):
        self.stacks = {}
        for name in ("ctx", "other"):
            low = number("(long)&%s_stack" % name)
            high = low + number("sizeof(%s_stack)" % name)
            self.stacks[name] = (low, high)
        self.range = {}
        self.visited = {name: set() for name in FUNCTIONS}
        self.left = {}  # flow -> what its caller had
        self.wrong = []

    def flow(self, sp):
        for name, (low, high) in self.stacks.items():
            if low < sp <= high:
                return name
        return "main"

    def find(self, frame):
        """The extent of the frame's function, once it is first seen."""
        name = frame.name()
        if name in FUNCTIONS and name not in self.range:
            text = gdb.execute("info symbol %d" % frame.pc(), to_string=True)
            begin = frame.pc()
            if " + " in text:
                begin -= int(text.split(" + ")[1].split()[0])
            self.range[name] = begin
        return name

    def caller(self, frame):
        found = {r: register(frame, r) for r in REGISTERS}
        found["rsp"] = register(frame, "rsp")
        found["pc"] = frame.pc()
        return found

    def complain(self, frame, text):
        self.wrong.append("%s: %s" % (
            gdb.execute("x/i $pc", to_string=True).strip(), text))

    def check(self, frame, name):
        sp, pc = register(frame, "rsp"), frame.pc()
        flow = self.flow(sp)
        self.visited[name].add(pc)
        if pc == self.range[name] and name != "green__start":
            self.left[flow] = {r: register(frame, r) for r in REGISTERS}
            self.left[flow]["rsp"] = sp + 8
            self.left[flow]["pc"] = number("*(long *)$rsp")
        names, reason = chain(frame)
        end = "main" if flow == "main" else "green__start"
        if names[-1] != end or len(names) > 12:
            self.complain(frame, "ends in " + " ".join(names))
        if end == "green__start" and reason != gdb.FRAME_UNWIND_OUTERMOST:
            self.complain(frame, "no clean end")
        older = frame.older()
        wanted = self.left.get(flow)
        if older is None:
            if name != "green__start":
                self.complain(frame, "no caller")
            return
        if wanted is None:
            if names[1:] != ["green__start"]:
                self.complain(frame, "fresh, but " + " ".join(names))
            return
        found = self.caller(older)
        if found != wanted:
            self.complain(frame, "caller has %s, wanted %s" % (
                {k: hex(v) for k, v in found.items() if v != wanted[k]},
                {k: hex(v) for k, v in wanted.items() if v != found[k]}))

    def run(self, limit):
        """Until step_to_here(); each time with a context made anew."""
        self.left = {}
        for _ in range(limit):
            frame = gdb.newest_frame()
            name = self.find(frame)
            if name == "step_to_here":
                return True
            if name in self.range:
                self.check(frame, name)
            gdb.execute("stepi", to_string=True)
        return False

    def missed(self, name):
        """Instructions of a function that were never stepped on."""
        begin = self.range[name]
        lines = gdb.execute("disassemble %d" % begin, to_string=True)
        missed = []
        for line in lines.splitlines():
            words = line.replace("=>", "").split()
            if not words or not words[0].startswith("0x"):
                continue
            if "nop" in line or "int3" in words:
                continue  # padding
            if "notrack" in line:
                continue  # one of two, by which address is higher
            if int(words[0], 16) not in self.visited[name]:
                missed.append(line)
        return missed


def main():
    gdb.execute("set pagination off")
    gdb.execute("set confirm off")
    gdb.execute("set backtrace past-main off")
    gdb.execute("set environment LD_BIND_NOW=1")
    gdb.execute("break deepest", to_string=True)
    gdb.execute("run", to_string=True)
    names, reason = chain(gdb.newest_frame())
    ok(names == ["deepest", "pong", "entry", "context_main", "green__start"],
       "bt on a context: " + " ".join(names))
    ok(reason == gdb.FRAME_UNWIND_OUTERMOST, "and gdb knows that is the end")
    text = gdb.execute("bt", to_string=True)
    ok("corrupt" not in text and "??" not in text, "bt without complaint")
    gdb.execute("delete", to_string=True)

    gdb.execute("break step_from_here", to_string=True)
    gdb.execute("run", to_string=True)
    stepper = Stepper()
    for what in ("plain", "jump", "chain", "FP", "FP jump", "FP chain"):
        ok(stepper.run(5000), what + ": stepped through all of it")
        gdb.execute("continue", to_string=True)
    for line in stepper.wrong[:20]:
        print("# " + line)
    ok(not stepper.wrong, "unwinds at %d instructions" % sum(
        len(v) for v in stepper.visited.values()))
    for name in FUNCTIONS:
        ok(name in stepper.range and not stepper.missed(name),
           name + ": at each of its instructions")
    print("1..%d" % points)


try:
    main()
except gdb.error as error:
    print("Bail out! gdb: %s" % error)
    failed = 1
gdb.execute("quit %d" % (failed != 0))
