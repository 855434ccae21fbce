# What hvctl and hvd share: domains with their devices, nodes and records. Linked into both, not installed.

HVDOMAIN_SRC := $(wildcard tools/domain/*.c)
HVDOMAIN_OBJ := $(HVDOMAIN_SRC:%.c=$(BUILD)/%.o)
HVDOMAIN_A   := $(BUILD)/tools/domain/libhvdomain.a
TOOLS_INC    := -I tools -I libhv/include -I xen-like/include
HVDOMAIN_LIBS = $(shell pkg-config --libs libnl-genl-3.0)
TOOLS_CFLAGS := -std=gnu11 -O2 -g -D_GNU_SOURCE $(WARN) $(TOOLS_INC)
$(BUILD)/tools/domain/nbd.o: TOOLS_CFLAGS += $(shell pkg-config --cflags libnl-genl-3.0)

$(BUILD)/tools/domain/%.o: tools/domain/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(TOOLS_CFLAGS) $(DEPS) -c -o $@ $<

$(HVDOMAIN_A): $(HVDOMAIN_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

-include $(HVDOMAIN_OBJ:.o=.d)
