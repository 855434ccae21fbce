# Unit tests: hv's own sources, unmodified, on the machine of xen-like/arch/host, under ASan and UBSan. Each
# tests/unit/NAME.c is one program, build/tests/unit/NAME, that prints TAP.
#
# The sources are in one archive, of which a test gets what it calls.

UNIT := $(BUILD)/tests/unit
UNIT_CFLAGS := -std=gnu11 -O1 -g -fno-strict-aliasing -fsanitize=address,undefined -fno-sanitize-recover=undefined \
               -fno-omit-frame-pointer -DHV_CHECK_LOCKS $(WARN) -Ixen-like/include -Ixen-like/arch/host/include -Ixen-like/arch/x86/include -Ixen-like/arch/host -Itests/unit

# These stand for files of the archive, but in the tests and fuzzers that are named for each.
UNIT_LIGHT := xen-like/arch/host/console.c xen-like/arch/host/domain.c xen-like/arch/host/guest_copy.c
UNIT_REAL_console := console domctl
UNIT_REAL_domain := domain domctl console grants events
UNIT_REAL_guest_copy := copying
UNIT_REAL = $(foreach l,$(UNIT_LIGHT),$(if $(filter $(1),$(UNIT_REAL_$(basename $(notdir $l)))),$l))

# Core sources, and those of x86 that have no instruction of it.
UNIT_PV := descriptor emulate_priv cpuid page_type validate write_entry roots mmu_update update_va_mapping mmuext update_ptes fault decode grant_map area hv_op switch relinquish
UNIT_SRC := $(wildcard xen-like/core/*.c $(UNIT_PV:%=xen-like/arch/x86/pv/%.c) \
              xen-like/arch/x86/guest_copy.c $(filter-out $(UNIT_LIGHT),$(wildcard xen-like/arch/host/*.c)))
UNIT_TESTS := $(filter-out harness,$(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c)))

UNIT_OBJ = $(patsubst %.c,$(UNIT)/obj/%.o,$(1))

.PHONY: unit
unit: $(UNIT_TESTS:%=$(UNIT)/%)
TEST_NEEDS += unit

$(UNIT)/obj/%.o: %.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(UNIT_CFLAGS) $(DEPS) -c -o $@ $<

$(UNIT)/hv.a: $(call UNIT_OBJ,$(UNIT_SRC))
	$(Q)rm -f $@
	$(Q)ar rcs $@ $^

$(UNIT)/%: $(UNIT)/obj/tests/unit/%.o $(UNIT)/obj/tests/unit/harness.o $(call UNIT_OBJ,$(UNIT_LIGHT)) $(UNIT)/hv.a
	$(call say,LD,$@)
	$(Q)$(CC) -fsanitize=address,undefined -Wl,-T,tests/unit/options.ld -o $@ $(filter-out $(call UNIT_OBJ,$(call UNIT_REAL,$*)),$^) -lcunit

-include $(shell find $(UNIT)/obj -name '*.d' 2>/dev/null)
