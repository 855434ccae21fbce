# hvd: consoles, life cycle and definitions.

HVD_SRC := $(wildcard tools/hvd/*.c)
HVD_OBJ := $(HVD_SRC:%.c=$(BUILD)/%.o)
HVD_BIN := $(BUILD)/bin/hvd

all: $(HVD_BIN)
DOM0_FILES += $(HVD_BIN):/usr/sbin/hvd
INSTALL_FILES += docs/man/hvd.8:/usr/share/man/man8/hvd.8

$(BUILD)/tools/hvd/%.o: tools/hvd/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(TOOLS_CFLAGS) $(DEPS) -c -o $@ $<

$(HVD_BIN): $(HVD_OBJ) $$(HVDOMAIN_A) $$(LIBHV_A) $$(LIBXS_A)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -o $@ $(HVD_OBJ) $(HVDOMAIN_A) $(LIBHV_A) $(LIBXS_A) $(LIBHV_LIBS) $(HVDOMAIN_LIBS) -pthread

-include $(HVD_OBJ:.o=.d)
