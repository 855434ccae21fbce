# hv: everything is built under $(BUILD); each component's rules live in its own module.mk.
#
#   make            the hypervisor, the libraries, the tools, dom0's initramfs
#   make demo       boots it all in QEMU and runs a Debian guest; make run leaves the machine to you
#   make guest-kernel   the guest kernel of guest-patches/; make demo KERNEL=patched boots its guest with it
#                   (DRIVERS=stock: with Linux's split drivers instead of hv's)
#   make test       the quick tests; make test-all is every test, or a part of them with SHARD=i/n
#   make lint       the scripts' spelling; make install DESTDIR=... what an installed machine needs
#
# One make graph for the whole tree, so that `make -j` may order all of it. A component adds what it builds
# to `all`, and names its own -I list: that list is what keeps dependencies pointing one way.

BUILD ?= build
# By one name only, however it was given: what depends on what is noted by name.
override BUILD := $(patsubst $(CURDIR)/%,%,$(abspath $(BUILD)))
CC    ?= gcc
V     ?= 0
Q     := $(if $(filter 0,$(V)),@)
quiet := $(if $(filter 0,$(V)),,verbose)$(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
say    = $(if $(quiet),,@printf '  %-7s %s\n' '$(1)' '$(2)')

# depmod, mke2fs and others are not in the PATH of a user who is not root.
export PATH := $(PATH):/usr/sbin:/sbin

WARN  := -Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wshadow
DEPS   = -MMD -MP -MF $(@:%.o=%.d)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
# Objects of one program only are no leftovers: the next build wants them too.
.SECONDARY:
# A prerequisite written $$(VAR) is expanded when all module.mk files have been read.
.SECONDEXPANSION:
.PHONY: all clean deps
all:

include $(wildcard xen-like/module.mk libhv/module.mk tools/module.mk pv-drivers/module.mk guest-patches/module.mk tests/module.mk)

# Bare Debian has not even a compiler. Make brings an included file up to date before anything else and
# starts over when it changed: so every goal finds what it needs installed, also what module.mk files ask for.
ifneq ($(MAKECMDGOALS),clean)
$(BUILD)/deps.mk: deps
	$(Q)tests/install-deps $@
deps:
include $(BUILD)/deps.mk
endif

clean:
	rm -rf $(BUILD)
