# SPDX-License-Identifier: MIT
# Clients against the servers of examples/.
server_tests = \
	tests/check-httpd.sh \
	tests/check-proxy.sh
TESTS += $(server_tests)
EXTRA_DIST += $(server_tests) \
	tests/servers.sh \
	tests/servers/client.py \
	tests/servers/conftest.py \
	tests/servers/test_httpd.py \
	tests/servers/test_limits.py \
	tests/servers/test_proxy.py \
	tests/servers/test_stop.py \
	tests/servers/test_tls.py
