# make bench-io: split drivers, hv's and Linux's, on hv and on real Xen. The guests are those of tests/pv-drivers; what is here is
# what only measuring needs.

BENCH_IO := $(BENCH)/io
BENCH_MARK := $(BENCH_IO)/mark

$(BENCH_MARK): tests/bench/io/mark.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) -std=gnu11 -O2 $(WARN) -static -o $@ $<

$(BENCH_IO)/count_plugin.so: tests/bench/io/count_plugin.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) -std=gnu11 -O2 $(WARN) -shared -fPIC -o $@ $<

BENCH_IO_NEEDS := $(BENCH_MARK) $(BENCH_IO)/count_plugin.so $(foreach file,blk.cpio.gz net/guest.cpio.gz net/tools net/net-talk,$(BUILD)/tests/pv-drivers/$(file)) \
    $(BUILD)/hv.elf $(BUILD)/dom0.cpio.gz $(BUILD)/kernel/vmlinux
TEST_NEEDS += $(BENCH_IO_NEEDS)

.PHONY: bench-io
bench-io: $$(BENCH_IO_NEEDS) peer
	$(Q)tests/install-deps '' tests/bench/packages
	$(Q)tests/bench/io/run --build $(BUILD) --json $(BUILD)/bench-io.json
	$(Q)tests/bench/io/plot $(BUILD)/bench-io.json $(BUILD)/bench-io.svg
