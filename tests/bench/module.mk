# make bench: hv beside real Xen in instruction counts. No test; nothing passes or fails by it.

.PHONY: bench
bench: guest-tests $(BUILD)/hv.elf $(BUILD)/peer/xen.elf
	$(Q)tests/bench/run --build $(BUILD) --json $(BUILD)/bench.json
