# Unit tests of libhv's parts that need no hypervisor, under ASan and UBSan: each NAME.c is one program that prints
# TAP, with the library's own sources. The harness is that of tests/unit.

UNIT_LIBHV := $(BUILD)/tests/unit-libhv
UNIT_LIBHV_FLAGS = -std=gnu11 -O1 -g -D_GNU_SOURCE -fsanitize=address,undefined -fno-sanitize-recover=undefined \
                   -fno-omit-frame-pointer $(WARN) $(LIBHV_INC) -I libhv/src -I tests/unit -I tests/unit-libhv \
                   $(shell pkg-config --cflags $(LIBHV_PKGS))
UNIT_LIBHV_TESTS := $(patsubst tests/unit-libhv/%.c,%,$(filter-out %/make_elf.c,$(wildcard tests/unit-libhv/*.c)))
UNIT_LIBHV_OBJ = $(patsubst %.c,$(UNIT_LIBHV)/obj/%.o,$(1))

TEST_NEEDS += $(UNIT_LIBHV_TESTS:%=$(UNIT_LIBHV)/%) $(UNIT_LIBHV)/show

$(UNIT_LIBHV)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(UNIT_LIBHV_FLAGS) $(DEPS) -c -o $@ $<

$(UNIT_LIBHV)/libhv.a: $(call UNIT_LIBHV_OBJ,$(LIBHV_SRC) tests/unit-libhv/make_elf.c) $(BUILD)/libhv/src/schema.o
	$(Q)rm -f $@ && $(AR) rcs $@ $^

UNIT_LIBHV_LINK = $(Q)$(CC) -fsanitize=address,undefined -o $@ $^ $(LIBHV_LIBS)

$(UNIT_LIBHV_TESTS:%=$(UNIT_LIBHV)/%): $(UNIT_LIBHV)/%: $(UNIT_LIBHV)/obj/tests/unit-libhv/%.o \
    $(UNIT_LIBHV)/obj/tests/unit/harness.o $(UNIT_LIBHV)/libhv.a
	$(call say,LD,$@)
	$(UNIT_LIBHV_LINK) -lcunit

# The golden tests of domain XML run with this one.
$(UNIT_LIBHV)/show: $(UNIT_LIBHV)/obj/tests/xml/show.o $(UNIT_LIBHV)/libhv.a
	$(call say,LD,$@)
	$(UNIT_LIBHV_LINK)

-include $(shell find $(UNIT_LIBHV)/obj -name '*.d' 2>/dev/null)
