# SPDX-License-Identifier: MIT
# Built with the library: ./quickstart demo runs them, the tests compare what
# they print.
noinst_PROGRAMS += \
	examples/stack-jump
EXTRA_DIST += \
	examples/demo.sh
