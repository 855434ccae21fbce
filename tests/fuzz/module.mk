# libFuzzer targets for hv's own sources, on the machine of xen-like/arch/host. `make fuzz` builds; tests/fuzz/run TARGET
# [SECONDS] runs one from its corpus under build/ and keeps what it finds there.

FUZZ := $(BUILD)/tests/fuzz
FUZZ_FLAGS = -std=gnu11 -O1 -g -fno-strict-aliasing -fsanitize=fuzzer-no-link,address,undefined \
             -fno-sanitize-recover=undefined -Wall -DHV_CHECK_LOCKS -Ixen-like/include -Ixen-like/arch/host/include \
             -Ixen-like/arch/x86/include -Ixen-like/arch/host -Itests/unit
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
FUZZ_OBJ = $(patsubst %.c,$(FUZZ)/obj/%.o,$(1))

.PHONY: fuzz
fuzz: $(FUZZ_TARGETS:%=$(FUZZ)/%)
TEST_NEEDS += fuzz

$(FUZZ)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CLANG,$@)
	$(Q)clang $(FUZZ_FLAGS) $(DEPS) -c -o $@ $<

$(FUZZ)/hv.a: $$(call FUZZ_OBJ,$$(UNIT_SRC))
	$(Q)rm -f $@
	$(Q)ar rcs $@ $^

$(FUZZ)/%: $(FUZZ)/obj/tests/fuzz/%.o $$(call FUZZ_OBJ,$$(UNIT_LIGHT)) $(FUZZ)/hv.a
	$(call say,LD,$@)
	$(Q)clang -fsanitize=fuzzer,address,undefined -o $@ $(filter-out $(call FUZZ_OBJ,$(call UNIT_REAL,$*)),$^)

-include $(shell find $(FUZZ)/obj -name '*.d' 2>/dev/null)
