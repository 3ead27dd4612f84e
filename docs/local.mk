# SPDX-License-Identifier: MIT
# A page per family of calls. Installation makes a link for each further name
# that a page has in its NAME section.
man3_pages = \
	docs/man/green_barrier.3 \
	docs/man/green_cancel.3 \
	docs/man/green_chan.3 \
	docs/man/green_child.3 \
	docs/man/green_cleanup.3 \
	docs/man/green_cond.3 \
	docs/man/green_context.3 \
	docs/man/green_dial.3 \
	docs/man/green_embed.3 \
	docs/man/green_event.3 \
	docs/man/green_explore.3 \
	docs/man/green_file.3 \
	docs/man/green_foreign.3 \
	docs/man/green_io.3 \
	docs/man/green_getaddrinfo.3 \
	docs/man/green_key.3 \
	docs/man/green_mutex.3 \
	docs/man/green_offload.3 \
	docs/man/green_once.3 \
	docs/man/green_reader.3 \
	docs/man/green_rwlock.3 \
	docs/man/green_scope.3 \
	docs/man/green_seed.3 \
	docs/man/green_select.3 \
	docs/man/green_sem.3 \
	docs/man/green_runtime.3 \
	docs/man/green_signal.3 \
	docs/man/green_serve.3 \
	docs/man/green_socket.3 \
	docs/man/green_spawn.3 \
	docs/man/green_stats.3 \
	docs/man/green_time.3 \
	docs/man/green_waitgroup.3
dist_man3_MANS += $(man3_pages)
dist_man7_MANS += docs/man/libgreen.7

# page:name of each link
man3_links = for page in $(man3_pages); do \
	$(SED) -n '/^\.Sh NAME/,/^\.Nd/s/^\.Nm \([a-z_]*\).*/\1/p' \
		$(srcdir)/$$page | \
	while read -r name; do \
		page=`basename $$page .3`; \
		test $$name = $$page || echo $$page $$name; \
	done; \
done

install-data-hook: install-man-links
install-man-links: install-man
	@$(man3_links) | while read -r page name; do \
		cd "$(DESTDIR)$(man3dir)" && rm -f $$name.3 && \
		$(LN_S) $$page.3 $$name.3 || exit 1; \
	done
uninstall-local: uninstall-man-links
uninstall-man-links:
	@$(man3_links) | while read -r page name; do \
		rm -f "$(DESTDIR)$(man3dir)/$$name.3"; \
	done
.PHONY: install-man-links uninstall-man-links

EXTRA_DIST += docs/abi.md docs/design.md docs/picture.svg docs/porting.md

doc_tests = \
	tests/check-man-examples.sh \
	tests/check-readme.sh
TESTS += $(doc_tests)
EXTRA_DIST += $(doc_tests)
