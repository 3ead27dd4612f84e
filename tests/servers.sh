# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# For check-httpd.sh and check-proxy.sh: clients written in Python, with what
# its standard library has, against the servers of examples/.

. "${srcdir:=.}/tests/tap.sh"

# pytest_runs FILE...: of tests/servers/, instead of this script.
pytest_runs()
{
	python=
	for try in "${EXAMPLE_PYTHON-}" python3 /usr/bin/python3; do
		test -z "$try" || ! "$try" -c 'import pytest' \
			2> "$scratch/why" || { python=$try; break; }
	done
	test -n "$python" || skip_all "no Python with pytest"
	tests=$(cd "$srcdir/tests" && pwd)
	files=
	for file; do
		files="$files $tests/servers/$file"
	done
	rm -rf "$scratch"
	# shellcheck disable=SC2086 # names without spaces
	PYTHONPATH=$tests PYTHONDONTWRITEBYTECODE=1 exec "$python" \
		-m pytest -p no:cacheprovider -p pytest_tap -q --tap -s \
		--rootdir="$tests/servers" $files
}
