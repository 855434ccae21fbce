# libFuzzer targets of libhv: clang builds the library's own sources for them. `make fuzz-libhv` builds, and
# tests/fuzz-libhv/run TARGET [SECONDS] runs one.

FUZZ_LIBHV := $(BUILD)/tests/fuzz-libhv
FUZZ_LIBHV_FLAGS = -std=gnu11 -O1 -g -D_GNU_SOURCE -fsanitize=fuzzer-no-link,address,undefined \
                   -fno-sanitize-recover=undefined $(LIBHV_INC) -I libhv/src $(shell pkg-config --cflags $(LIBHV_PKGS))
FUZZ_LIBHV_TARGETS := xml image
FUZZ_LIBHV_OBJ = $(patsubst %.c,$(FUZZ_LIBHV)/obj/%.o,$(1))

.PHONY: fuzz-libhv
fuzz-libhv: $(FUZZ_LIBHV_TARGETS:%=$(FUZZ_LIBHV)/%) $(FUZZ_LIBHV)/seed-kernel
TEST_NEEDS += fuzz-libhv

$(FUZZ_LIBHV)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CLANG,$@)
	$(Q)clang $(FUZZ_LIBHV_FLAGS) $(DEPS) -c -o $@ $<

$(FUZZ_LIBHV_TARGETS:%=$(FUZZ_LIBHV)/%): $(FUZZ_LIBHV)/%: $(FUZZ_LIBHV)/obj/tests/fuzz-libhv/%.o \
    $(call FUZZ_LIBHV_OBJ,$(LIBHV_SRC)) $(BUILD)/libhv/src/schema.o
	$(call say,LD,$@)
	$(Q)clang -fsanitize=fuzzer,address,undefined -o $@ $^ $(LIBHV_LIBS)

# A good kernel to begin with.
$(FUZZ_LIBHV)/seed-kernel: $(BUILD)/tests/unit-libhv/obj/tests/fuzz-libhv/seed.o $(BUILD)/tests/unit-libhv/libhv.a
	$(call say,LD,$@)
	$(UNIT_LIBHV_LINK)

-include $(shell find $(FUZZ_LIBHV)/obj -name '*.d' 2>/dev/null)
