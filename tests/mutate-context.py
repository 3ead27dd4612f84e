#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make check-mutation: would a test notice a mistake in the assembly?

Drops each instruction of the backend's switch.S in turn, links the tests of
contexts with what is left, and runs them (through TEST_EMULATOR) until one
fails. A mutant that no test notices is reported, and the exit status is 1.

Lines with a comment "speed" are left alone: without them the code is slower,
not wrong. A mutant that assembles to the same code (a line for another
setting of the compiler) counts only if the static checks notice it.

With --cfi (x86-64) the unwind directives are dropped as well, and gdb has to
notice. What it does not is for a human to read: a rule that a register was
popped is no different from the one before while the memory still has it.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

# In this order: the first one kills most.
TESTS = ("t-context-keeps-registers.c", "t-context-hands-values.c",
         "t-context-keeps-rounding.c", "t-context-aligns-stacks.c",
         "t-context-any-stack.c", "t-context-misuse-dies.c",
         "t-context-ends-backtraces.c", "t-context-throws.cc",
         "t-context-formats-doubles.c")
STATIC = "tests/check-context-marks.sh"
TIMEOUT = 60


def arguments():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--srcdir", default=".")
    p.add_argument("--arch", required=True)
    p.add_argument("--cpu", required=True)
    p.add_argument("--cc", default="cc")
    p.add_argument("--cxx", default="c++")
    p.add_argument("--cflags", default="-O2 -g")
    p.add_argument("--emulator", default="")
    p.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    p.add_argument("--cfi", action="store_true")
    return p.parse_args()


def run(command, **kwargs):
    return subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=TIMEOUT,
                          stdin=subprocess.DEVNULL, **kwargs)


def must(command):
    done = run(command)
    if done.returncode != 0:
        sys.exit("%s\n%s" % (shlex.join(command),
                             done.stdout.decode(errors="replace")))


class Bench:
    """What all mutants share: paths, flags, the compiled tests."""

    def __init__(self, args, scratch):
        self.args = args
        self.scratch = scratch
        self.src = pathlib.Path(args.srcdir).resolve()
        self.backend = self.src / "arch" / args.arch
        self.cc = shlex.split(args.cc) + shlex.split(args.cflags)
        self.cxx = shlex.split(args.cxx) + shlex.split(args.cflags)
        self.emulator = shlex.split(args.emulator)
        include = ("include", "src", "arch", "arch/" + args.arch, "tests")
        self.flags = ["-I."] + ["-I%s" % (self.src / i) for i in include]
        self.objcopy = self.tool("objcopy")

    def tool(self, name):
        found = run(self.cc + ["-print-prog-name=" + name]).stdout.decode()
        return found.strip()

    def prepare(self):
        """Objects of the tests, and the library without its switches."""
        self.rest = self.scratch / "rest.a"
        shutil.copy(".libs/libgreencore.a", self.rest)
        must([self.tool("ar"), "d", str(self.rest),
              "libgreencore_la-switch.o"])
        self.fill = self.scratch / "fill.o"
        must(self.cc + self.flags + ["-c", "-o", str(self.fill), str(
            self.src / "tests/arch" / self.args.cpu / "fill.S")])
        for test in TESTS:
            compiler = self.cxx if test.endswith(".cc") else self.cc
            must(compiler + self.flags + ["-c", "-o", str(self.object(test)),
                                          str(self.src / "tests" / test)])

    def object(self, test):
        return self.scratch / (test + ".o")

    def assemble(self, source, where):
        """The object's code, or None if it does not assemble."""
        switch = where / "switch.o"
        if run(self.cc + self.flags + ["-c", "-o", str(switch),
                                       str(source)]).returncode != 0:
            return None
        code = where / "code"
        must([self.objcopy, "-O", "binary", "-j", ".text", str(switch),
              str(code)])
        return code.read_bytes()

    def passes(self, test, where):
        compiler = self.cxx if test.endswith(".cc") else self.cc
        program = where / "test"
        must(compiler + ["-o", str(program), str(self.object(test)),
                         str(where / "switch.o"), str(self.fill),
                         str(self.rest), "-lpthread", "-lm"])
        try:
            done = run(self.emulator + [str(program)])
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    def static_passes(self, where):
        """The static checks look at a tree with the mutant in it."""
        tree = where / "tree"
        shutil.copytree(self.src / "arch", tree / "arch")
        shutil.copy(where / "switch.S",
                    tree / "arch" / self.args.arch / "switch.S")
        (tree / "tests").symlink_to(self.src / "tests")
        return run(["sh", STATIC], cwd=tree,
                   env=dict(os.environ, srcdir=".")).returncode == 0

    def gdb_passes(self, where):
        # The library's own folder, for a program linked with libgreen.so.
        must(self.cc + ["-shared", "-o", str(where / "libgreen.so.0"),
                        "-Wl,-soname,libgreen.so.0",
                        "-Wl,--version-script=%s" % (
                            self.src / "src/libgreen.map"),
                        str(where / "switch.o"), "-Wl,--whole-archive",
                        str(self.rest), "-Wl,--no-whole-archive",
                        "-lpthread"])
        must(self.cc + self.flags + [
            "-o", str(where / "gdb-context"),
            str(self.src / "tests/gdb-context.c"),
            str(where / "libgreen.so.0"), "-Wl,-rpath,%s" % where])
        try:
            done = run(["gdb", "-nx", "-q", "-batch", "-x",
                        str(self.src / "tests/gdb-context.py"),
                        str(where / "gdb-context")])
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def instructions(lines, cfi):
    """Numbers of the lines to drop. A macro's lines are dropped where they
    are defined, not the use of it as a whole."""
    macros = re.findall(r"^\.macro (\w+)", "".join(lines), re.M)
    comment = False
    for number, line in enumerate(lines):
        if comment or line.startswith("/*"):
            comment = "*/" not in line
            continue
        code = re.sub(r"/\*.*", "", line)
        comment = "/*" in line and "*/" not in line
        if re.search(r"/\*.*\bspeed\b", line):
            continue
        if re.match(r"\t\.cfi_(?!startproc|endproc)", code):
            if cfi:
                yield number
        elif re.match(r"(\d+:)?\t[A-Za-z]", code) and code.split()[0] not in (
                "BEGIN_FILE", "END_FILE", *macros):
            yield number


def judge(bench, lines, number, original):
    """How a mutant fared: who noticed it, or None, or "same"."""
    with tempfile.TemporaryDirectory(dir=bench.scratch) as name:
        where = pathlib.Path(name)
        label = re.match(r"\d+:", lines[number])
        mutant = list(lines)
        mutant[number] = (label.group() if label else "") + "\n"
        source = where / "switch.S"
        source.write_text("".join(mutant))
        code = bench.assemble(source, where)
        if code is None:
            return "assembler"
        if code != original:
            for test in TESTS:
                if not bench.passes(test, where):
                    return test
        if not bench.static_passes(where):
            return STATIC
        if bench.args.cfi and not bench.gdb_passes(where):
            return "gdb"
        return "same" if code == original and not bench.args.cfi else None


def main():
    args = arguments()
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        bench = Bench(args, scratch)
        lines = (bench.backend / "switch.S").read_text().splitlines(True)
        bench.prepare()
        original = bench.assemble(bench.backend / "switch.S", scratch)
        shutil.copy(scratch / "switch.o", scratch / "whole.o")
        for test in TESTS:
            if not bench.passes(test, scratch):
                sys.exit("%s fails without any mutation" % test)
        (scratch / "switch.o").unlink()
        numbers = list(instructions(lines, args.cfi))
        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            verdicts = list(pool.map(
                lambda n: judge(bench, lines, n, original), numbers))
    noticed = {}
    for number, verdict in zip(numbers, verdicts):
        noticed.setdefault(verdict, []).append(number)
    for verdict, found in noticed.items():
        if verdict not in (None, "same"):
            print("%4d noticed by %s" % (len(found), verdict))
    for number in noticed.get("same", ()):
        print("not in this build: %d: %s" % (number + 1,
                                             lines[number].strip()))
    for number in noticed.get(None, ()):
        print("NOT NOTICED: %d: %s" % (number + 1, lines[number].strip()))
    print("%s: %d mutants, %d not noticed" % (
        args.arch, len(numbers), len(noticed.get(None, ()))))
    return None in noticed or not numbers


if __name__ == "__main__":
    sys.exit(main())
