# hvctl: the command for domains.

HVCTL_SRC := $(wildcard tools/hvctl/*.c)
HVCTL_OBJ := $(HVCTL_SRC:%.c=$(BUILD)/%.o)
HVCTL_BIN := $(BUILD)/bin/hvctl

all: $(HVCTL_BIN)
DOM0_FILES += $(HVCTL_BIN):/usr/bin/hvctl
INSTALL_FILES += docs/man/hvctl.1:/usr/share/man/man1/hvctl.1 \
    tools/hvctl/completion/hvctl:/usr/share/bash-completion/completions/hvctl

$(BUILD)/tools/hvctl/%.o: tools/hvctl/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(TOOLS_CFLAGS) $(DEPS) -c -o $@ $<

$(HVCTL_BIN): $(HVCTL_OBJ) $$(HVDOMAIN_A) $$(LIBHV_A) $$(LIBXS_A)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -o $@ $(HVCTL_OBJ) $(HVDOMAIN_A) $(LIBHV_A) $(LIBXS_A) $(LIBHV_LIBS) $(HVDOMAIN_LIBS) -pthread

-include $(HVCTL_OBJ:.o=.d)
