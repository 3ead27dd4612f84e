# SPDX-License-Identifier: MIT
# Every backend is in the tarball; configure chose one.
libgreencore_la_SOURCES += arch/asm.h
libgreencore_la_CCASFLAGS = $(AM_CCASFLAGS) -I$(top_srcdir)/arch/$(ARCH_DIR)
if ARCH_X86_64
libgreencore_la_SOURCES += arch/frame.c arch/x86_64/frame.h \
	arch/x86_64/switch.S
endif
if ARCH_AARCH64
libgreencore_la_SOURCES += arch/frame.c arch/aarch64/frame.h \
	arch/aarch64/switch.S
endif
if ARCH_GENERIC
libgreencore_la_SOURCES += arch/generic/frame.h arch/generic/switch.c
endif
