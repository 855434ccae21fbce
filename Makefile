# hv: everything is built under $(BUILD); each component's rules live in its own module.mk.
#
# One make graph for the whole tree, so that `make -j` may order all of it. A component adds what it builds
# to `all`, and names its own -I list: that list is what keeps dependencies pointing one way.

BUILD ?= build
CC    ?= gcc
V     ?= 0
Q     := $(if $(filter 0,$(V)),@)
say    = $(if $(filter 0,$(V)),@printf '  %-7s %s\n' '$(1)' '$(2)')

WARN  := -Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wshadow
DEPS   = -MMD -MP -MF $(@:%.o=%.d)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: all clean
all:

include $(wildcard xen-like/module.mk libhv/module.mk tools/module.mk pv-drivers/module.mk tests/module.mk)

clean:
	rm -rf $(BUILD)
