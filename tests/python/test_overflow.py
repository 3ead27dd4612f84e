# SPDX-License-Identifier: MIT
"""Proves: a stack that overflows ends the program with a report that names the
thread, and other crashes are left to those who handle them."""

RECURSE = """
import green, sys
class Endless:
    def __getattr__(self, name):
        return getattr(self, name + "x")
sys.setrecursionlimit(10 ** 6)
def work():
    Endless().x
"""


def test_recursion_beyond_the_stack(python):
    done = python(RECURSE + "green.spawn(work, name='deep one').join()")
    assert done.returncode == -11
    assert 'stack overflow in thread' in done.stderr
    assert '"deep one"' in done.stderr and "stack_size" in done.stderr


def test_a_larger_stack_holds_more(python):
    done = python(RECURSE.replace("10 ** 6", "3000") + """
green.set_stack_size(16 << 20)
print(type(green.spawn(work).exception()).__name__)
""")
    assert (done.returncode, done.stdout) == (0, "RecursionError\n"), \
        done.stderr


def test_faulthandler_still_sees_other_crashes(python):
    done = python("""
import green, faulthandler
def crash():
    faulthandler._sigsegv()
green.spawn(crash).join()
""")
    assert done.returncode == -11
    assert "Fatal Python error: Segmentation fault" in done.stderr
    assert "in crash" in done.stderr
    assert "stack overflow" not in done.stderr
