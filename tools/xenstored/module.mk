# hv-xenstored: the store daemon. The core (all but main.c and xen.c) is a list of its own: tests link it too.

XENSTORED_SRC   := $(wildcard tools/xenstored/*.c)
XENSTORED_OBJ   := $(XENSTORED_SRC:%.c=$(BUILD)/%.o)
XENSTORED_CORE  := $(filter-out tools/xenstored/main.c tools/xenstored/xen.c,$(XENSTORED_SRC))
XENSTORED_INC   := -I xen-like/include -I libhv/include
XENSTORED_BIN   := $(BUILD)/bin/hv-xenstored

all: $(XENSTORED_BIN)
INSTALL_FILES += docs/man/hv-xenstored.8:/usr/share/man/man8/hv-xenstored.8
DOM0_FILES += $(XENSTORED_BIN):/usr/sbin/hv-xenstored

$(BUILD)/tools/xenstored/%.o: tools/xenstored/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) -std=gnu11 -O2 -g -D_GNU_SOURCE $(WARN) $(XENSTORED_INC) $(DEPS) -c -o $@ $<

$(XENSTORED_BIN): $(XENSTORED_OBJ) $$(LIBHV_A)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -o $@ $(XENSTORED_OBJ) $(LIBHV_A)

INSTALL_FILES += docs/man/hv-xenstored.8:/usr/share/man/man8/hv-xenstored.8
DOM0_FILES += $(XENSTORED_BIN):/usr/sbin/hv-xenstored

-include $(XENSTORED_OBJ:.o=.d)
