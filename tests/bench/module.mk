# make bench: hv beside real Xen in instruction counts. The kernel that measures the ABI's operations is also a test: its
# counts on hv may not exceed tests/bench/budget; and those of whole systems not the limits in tests/bench/check-system.

BENCH := $(BUILD)/tests/bench

# The kernel is one more test kernel, built on the runtime in tests/guest/lib.
BENCH_KERNEL := $(patsubst tests/bench/%,$(BENCH)/%.o,$(wildcard tests/bench/kernel/*.c tests/bench/kernel/*.S))

$(BENCH)/kernel/%.c.o: tests/bench/kernel/%.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(GUEST_CFLAGS) $(DEPS) -c $< -o $@

$(BENCH)/kernel/%.S.o: tests/bench/kernel/%.S
	$(call say,AS,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -I tests/guest/lib -I xen-like/include $(DEPS) -c $< -o $@

$(BENCH)/kernel.elf: $(BENCH_KERNEL) $$(GUEST_LIB) $$(GUEST_BUILD) tests/guest/lib/guest.lds
	$(call say,LD,$@)
	$(Q)$(CC) $(GUEST_LDFLAGS) -o $@ $(filter %.o,$^)
-include $(BENCH_KERNEL:.o=.d)
TEST_NEEDS += $(BENCH)/kernel.elf

$(BENCH)/ticks: tests/bench/ticks.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O2 $(WARN) -static -o $@ $<

# A guest's whole user space: that one program.
$(BENCH)/guest.cpio.gz: $(BENCH)/ticks
	$(call say,PACK,$@)
	$(Q)mkdir -p $(BENCH)/guest && cp $< $(BENCH)/guest/init
	$(Q)cd $(BENCH)/guest && printf 'init\n' | cpio -o -H newc --quiet -R 0:0 | gzip -1 >$(CURDIR)/$@

TEST_NEEDS += $(BENCH)/ticks $(BENCH)/guest.cpio.gz

# Linked statically, for it is executed again and again.
$(BENCH)/os: tests/bench/os.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O2 $(WARN) -static -o $@ $<

# A guest's whole user space: that one program.
$(BENCH)/os.cpio.gz: $(BENCH)/os
	$(call say,PACK,$@)
	$(Q)mkdir -p $(BENCH)/os-guest && cp $< $(BENCH)/os-guest/init
	$(Q)cd $(BENCH)/os-guest && printf 'init\n' | cpio -o -H newc --quiet -R 0:0 | gzip -1 >$(CURDIR)/$@

# A guest's user space with what measures programs; Debian's perf among it.
$(BENCH)/programs.cpio.gz: $(BENCH)/os tests/bench/programs-init tools/dom0/pack tools/dom0/domu-modules $(BUILD)/kernel/vmlinuz tests/bench/packages
	$(Q)tests/install-deps '' tests/bench/packages
	$(call say,PACK,$@)
	$(Q)tools/dom0/pack $@ $(BUILD)/kernel tools/dom0/domu-modules tests/bench/programs-init:/init $<:/bin/os /usr/bin/perf:/usr/bin/perf

include tests/bench/io/module.mk

.PHONY: bench
bench: $(BENCH)/kernel.elf guest-tests $(BUILD)/hv.elf $(BUILD)/kernel/vmlinux peer $(BUILD)/dom0.cpio.gz $(BENCH)/ticks $(BENCH)/guest.cpio.gz $(BENCH)/os.cpio.gz $(BENCH)/programs.cpio.gz
	$(Q)tests/install-deps '' tests/bench/packages
	$(Q)tests/bench/run --build $(BUILD) --json $(BUILD)/bench.json
	$(Q)tests/bench/plot $(BUILD)/bench.json $(BUILD)/bench.svg
