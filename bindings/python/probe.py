# SPDX-License-Identifier: MIT
"""Tell configure about the interpreter that runs this, as shell assignments.

usage: PYTHON probe.py PREFIX

A line of its own so that any Python from 2.7 on can run it and be told
politely that it is too old: no f-strings, nothing but the standard library.

The folder for the package is where *this* interpreter looks: Debian's knows
/usr/local/lib/python3.11/dist-packages, and not the site-packages beside it
that automake would choose. It is printed relative to ${prefix}, so that
`make install prefix=...` goes on working.
"""
import os
import sys
import sysconfig

try:
    from shlex import quote
except ImportError:
    from pipes import quote


def pyexecdir(prefix):
    """The first folder of the module search path that lies under prefix, and
    whether there is one; otherwise where this Python would keep packages if
    it had been installed there."""
    import site
    known = []
    if hasattr(site, "getsitepackages"):
        known = site.getsitepackages()
    known = [p for p in sys.path if p in known] + known
    for folder in known:
        if folder.startswith(os.path.join(prefix, "lib")):
            return os.path.relpath(folder, prefix), "yes"
    scheme = "posix_prefix"
    folder = sysconfig.get_path("platlib", scheme, {
        "base": prefix, "platbase": prefix,
        "installed_base": prefix, "installed_platbase": prefix})
    return os.path.relpath(folder, prefix), "no"


def implementation():
    if hasattr(sys, "implementation"):
        return sys.implementation.name
    return "pypy" if "PyPy" in sys.version else "cpython"


def has_pytest():
    try:
        import pytest
    except Exception:
        return "no"
    return "yes" if pytest else "no"


def main():
    folder, searched = pyexecdir(sys.argv[1])
    include = sysconfig.get_path("include")
    config = sysconfig.get_config_var
    facts = {
        "version": "%d.%d" % sys.version_info[:2],
        "full": "%d.%d.%d" % sys.version_info[:3],
        "hex": "0x%x" % sys.hexversion,
        "implementation": implementation(),
        "executable": sys.executable,
        "include": include,
        "headers": "yes" if os.path.exists(
            os.path.join(include, "Python.h")) else "no",
        "suffix": config("EXT_SUFFIX") or ".so",
        "debug": "yes" if config("Py_DEBUG") else "no",
        "freethreaded": "yes" if config("Py_GIL_DISABLED") else "no",
        "pytest": has_pytest(),
        "searched": searched,
    }
    for name in sorted(facts):
        print("green_py_%s=%s" % (name, quote(str(facts[name]))))
    print("green_py_dir='${prefix}/%s'" % folder)


main()
