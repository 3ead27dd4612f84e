#!/bin/sh
# SPDX-License-Identifier: MIT
# Proves: after make install the Python package lies where its interpreter
# looks, works from there without the build tree, and uninstalls cleanly.
. "${srcdir:=.}/tests/tap.sh"

test -n "$PYTHON_BINDINGS" || skip_all "no Python bindings in this build"
test -z "$TEST_EMULATOR" || skip_all "not under $TEST_EMULATOR"

unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES PYTHONPATH
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE

# One that the interpreter does not know, so that nothing is found by chance.
root=$scratch/root
runs "make install" $MAKE install DESTDIR="$root"
package=$(find "$root" -type d -name green -path '*-packages/green')
folder=$(dirname "$package")
where=${folder#"$root"}
lib=$(dirname "$(find "$root" -name 'libgreen.so')")
suffix=$("$PYTHON" -c \
	'import sysconfig; print(sysconfig.get_config_var("EXT_SUFFIX"))')

if test -n "$PYTHON_SEARCHED"; then
	same "the interpreter looks there" yes \
		"$("$PYTHON" -c 'import sys; print(
			"yes" if sys.argv[1] in sys.path else sys.path)' "$where")"
else
	skip "the interpreter looks there" "it looks nowhere under the prefix"
fi
same "the files of the package" "__init__.py
__init__.pyi
_core$suffix
_net.py
_scope.py
_sync.py
core.py
py.typed" "$(cd "$package" && ls)"
empty "the extension does not need libpython, nor the build tree" \
	"$($READELF -d "$package/_core$suffix" |
		grep -F -e libpython -e "$(pwd)")"

cat > "$scratch/use.py" <<'EOF'
import os
import sys

import green

assert os.path.dirname(green.__file__) == sys.argv[1], green.__file__
threads = [green.spawn(lambda n: (green.yield_(), n)[1], n) for n in range(9)]
print(green.version, sum(t.result() for t in threads))
EOF
version=$(sed -n 's/^Version: *//p' "$(find "$root" -name libgreen.pc)")
same "it works" "$version 36" "$(cd "$scratch" && PYTHONPATH=$folder \
	LD_LIBRARY_PATH=$lib "$PYTHON" use.py "$package" 2>&1)"

runs "make uninstall" $MAKE uninstall DESTDIR="$root"
empty "nothing is left of it" "$(find "$root" -path '*-packages/*')"
done_testing
