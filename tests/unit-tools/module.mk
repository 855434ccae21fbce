# Unit tests of what hvctl and hvd need no hypervisor for, under ASan and UBSan: each NAME.c is one program that
# prints TAP, with the tools' own sources. The harness is that of tests/unit.

UNIT_TOOLS := $(BUILD)/tests/unit-tools
UNIT_TOOLS_FLAGS = -std=gnu11 -O1 -g -D_GNU_SOURCE -fsanitize=address,undefined -fno-sanitize-recover=undefined \
                   -fno-omit-frame-pointer $(WARN) $(TOOLS_INC) -I tools/hvd -I tests/unit
UNIT_TOOLS_TESTS := $(patsubst tests/unit-tools/%.c,%,$(wildcard tests/unit-tools/*.c))
UNIT_TOOLS_SRC := $(addprefix tools/domain/,paths.c escape.c nbd_handshake.c policy.c record.c definition.c) \
                  $(addprefix tools/hvd/,ring.c console_log.c loop.c viewer.c listener.c say.c)

TEST_NEEDS += $(UNIT_TOOLS_TESTS:%=$(UNIT_TOOLS)/%)

$(UNIT_TOOLS)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(UNIT_TOOLS_FLAGS) $(DEPS) -c -o $@ $<

$(UNIT_TOOLS)/tools.a: $(UNIT_TOOLS_SRC:%.c=$(UNIT_TOOLS)/obj/%.o)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(UNIT_TOOLS_TESTS:%=$(UNIT_TOOLS)/%): $(UNIT_TOOLS)/%: $(UNIT_TOOLS)/obj/tests/unit-tools/%.o \
    $(UNIT_TOOLS)/obj/tests/unit/harness.o $(UNIT_TOOLS)/tools.a $$(LIBHV_A)
	$(call say,LD,$@)
	$(Q)$(CC) -fsanitize=address,undefined -o $@ $^ $(LIBHV_LIBS) -lcunit

-include $(shell find $(UNIT_TOOLS)/obj -name '*.d' 2>/dev/null)
