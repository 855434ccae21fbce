# make bench: hv beside real Xen in instruction counts. No test; nothing passes or fails by it.

BENCH := $(BUILD)/tests/bench

$(BENCH)/ticks: tests/bench/ticks.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O2 $(WARN) -static -o $@ $<

# A guest's whole user space: that one program.
$(BENCH)/guest.cpio.gz: $(BENCH)/ticks
	$(call say,PACK,$@)
	$(Q)mkdir -p $(BENCH)/guest && cp $< $(BENCH)/guest/init
	$(Q)cd $(BENCH)/guest && printf 'init\n' | cpio -o -H newc --quiet -R 0:0 | gzip -1 >$(CURDIR)/$@

.PHONY: bench
bench: guest-tests $(BUILD)/hv.elf peer $(BUILD)/dom0.cpio.gz $(BENCH)/ticks $(BENCH)/guest.cpio.gz
	$(Q)tests/bench/run --build $(BUILD) --json $(BUILD)/bench.json
