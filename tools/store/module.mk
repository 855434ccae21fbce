# hv-store: the store from a shell.

HV_STORE_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tools/store/*.c))
HV_STORE_BIN := $(BUILD)/bin/hv-store

all: $(HV_STORE_BIN)
DOM0_FILES += $(HV_STORE_BIN):/usr/bin/hv-store
INSTALL_FILES += docs/man/hv-store.1:/usr/share/man/man1/hv-store.1

$(BUILD)/tools/store/%.o: tools/store/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) -std=gnu11 -O2 -g -D_GNU_SOURCE $(WARN) -I libhv/include $(DEPS) -c -o $@ $<

$(HV_STORE_BIN): $(HV_STORE_OBJ) $$(LIBXS_A)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -o $@ $^ $(LIBXS_LIBS)

-include $(HV_STORE_OBJ:.o=.d)
