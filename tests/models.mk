# SPDX-License-Identifier: MIT
# Models of the protocols between OS threads, for spin.
TESTS += tests/check-models.sh
EXTRA_DIST += tests/check-models.sh tests/models/join.pml \
	tests/models/mutex.pml \
	tests/models/share.pml tests/models/sleep.pml tests/models/wait.pml
