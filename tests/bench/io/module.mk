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

$(BENCH_IO)/iperf3: tests/boot/make-iperf3 tests/boot/get-debian
	$(call say,DEBIAN,$@)
	$(Q)mkdir -p $(@D) && tests/boot/make-iperf3 $@

# The guest of the network tests, with iperf3.
$(BENCH_IO)/net-guest.cpio.gz: tools/dom0/pack tests/pv-drivers/net/guest-modules tests/pv-drivers/net/guest-init \
    $(BENCH_IO)/iperf3 $(BUILD)/tests/pv-drivers/net/net-talk $$(PV)/.built
	$(call say,PACK,$@)
	$(Q)LIBRARY_PATH=$(abspath $(BENCH_IO)/iperf3/lib/x86_64-linux-gnu) tools/dom0/pack $@ $(BUILD)/kernel \
	    tests/pv-drivers/net/guest-modules tests/pv-drivers/net/guest-init:/init $(BENCH_IO)/iperf3:/ \
	    $(BUILD)/tests/pv-drivers/net/net-talk:/bin/net-talk $(PV)/hv-bus.ko:/hv-bus.ko $(PV)/hv-netfront.ko:/hv-netfront.ko

BENCH_IO_NEEDS := $(BENCH_MARK) $(BENCH_IO)/count_plugin.so $(BENCH_IO)/iperf3 $(BENCH_IO)/net-guest.cpio.gz $(BUILD)/tests/pv-drivers/blk.cpio.gz \
    $(BUILD)/hv.elf $(BUILD)/dom0.cpio.gz $(BUILD)/kernel/vmlinux
TEST_NEEDS += $(BENCH_IO_NEEDS)

.PHONY: bench-io
bench-io: $$(BENCH_IO_NEEDS) peer
	$(Q)tests/install-deps '' tests/bench/packages
	$(Q)tests/bench/io/run --build $(BUILD) --json $(BUILD)/bench-io.json
	$(Q)tests/bench/io/plot $(BUILD)/bench-io.json $(BUILD)/bench-io.svg
