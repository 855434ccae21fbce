# Test kernels: each folder under tests/guest/ but lib/ becomes $(BUILD)/tests/guest/NAME.elf, made of the folder's
# own *.c and *.S and the runtime in lib/. A folder with its own notes.c does not get lib/notes.c.

GUEST_TESTS  := $(filter-out lib,$(patsubst tests/guest/%/main.c,%,$(wildcard tests/guest/*/main.c)))
GUEST_OUT    := $(BUILD)/tests/guest
# lib/build.c is large, and only for kernels that start another domain
GUEST_BUILD  := $(GUEST_OUT)/lib/build.c.o
GUEST_LIB    := $(filter-out $(GUEST_BUILD),$(patsubst tests/guest/%,$(GUEST_OUT)/%.o,$(wildcard tests/guest/lib/*.c tests/guest/lib/*.S)))
GUEST_CFLAGS := -std=gnu11 -O2 -g -ffreestanding -fno-pic -fno-pie -mcmodel=kernel -mno-red-zone -mgeneral-regs-only \
                -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables -fno-strict-aliasing \
                $(WARN) -I tests/guest/lib -I xen-like/include
GUEST_LDFLAGS := -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,-T,tests/guest/lib/guest.lds
GUEST_RUN    := tests/guest/run --build $(BUILD)
XEN          ?= $(BUILD)/peer/xen.elf

$(GUEST_OUT)/%.c.o: tests/guest/%.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(GUEST_CFLAGS) $(DEPS) -c $< -o $@

$(GUEST_OUT)/%.S.o: tests/guest/%.S
	$(call say,AS,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -I tests/guest/lib -I xen-like/include $(DEPS) -c $< -o $@

# $(1) is a test's folder
define guest_test
GUEST_OBJS_$(1) := $$(patsubst tests/guest/%,$$(GUEST_OUT)/%.o,$$(wildcard tests/guest/$(1)/*.c tests/guest/$(1)/*.S)) \
                   $$(if $$(shell grep -ls '<build.h>' tests/guest/$(1)/*.c),$$(GUEST_BUILD)) \
                   $$(filter-out $$(if $$(wildcard tests/guest/$(1)/notes.c),%/lib/notes.c.o),$$(GUEST_LIB))
$$(GUEST_OUT)/$(1).elf: $$(GUEST_OBJS_$(1)) tests/guest/lib/guest.lds
	$$(call say,LD,$$@)
	$$(Q)$$(CC) $$(GUEST_LDFLAGS) -o $$@ $$(GUEST_OBJS_$(1))
-include $$(GUEST_OBJS_$(1):.o=.d)
endef
$(foreach t,$(GUEST_TESTS),$(eval $(call guest_test,$(t))))

.PHONY: guest-tests test-guest test-guest-xen
guest-tests: $(GUEST_TESTS:%=$(GUEST_OUT)/%.elf)
TEST_NEEDS += guest-tests

# TESTS= names some of them
test-guest: guest-tests $(BUILD)/hv.elf
	$(Q)$(GUEST_RUN) --hypervisor $(BUILD)/hv.elf $(TESTS)

test-guest-xen: guest-tests $(XEN)
	$(Q)$(GUEST_RUN) --hypervisor $(XEN) $(TESTS)
