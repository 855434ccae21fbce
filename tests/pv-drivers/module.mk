# Tests of hv's split drivers against each other and against Linux's own, on hv and on real Xen.

PV_TESTS := $(BUILD)/tests/pv-drivers
PV_INSIDE := $(foreach module,$(PV_MODULES),$(module):/lib/hv/$(notdir $(module)))

# The guest of the block tests: both front-ends, and what writes and checks.
$(PV_TESTS)/blk.cpio.gz: tests/pv-drivers/blk-guest tests/pv-drivers/modules tools/dom0/pack $(PV)/.built $(PV_TESTS)/foe/.built $(BUILD)/tests/boot/fio $(BENCH_MARK)
	$(call say,PACK,$@)
	$(Q)mkdir -p $(@D) && LIBRARY_PATH=$(abspath $(BUILD)/tests/boot/fio/lib/x86_64-linux-gnu) \
	    tools/dom0/pack $@ $(BUILD)/kernel tests/pv-drivers/modules $<:/init $(PV_INSIDE) $(PV_TESTS)/foe/foe.ko:/lib/hv/foe.ko $(BUILD)/tests/boot/fio:/ $(BENCH_MARK):/bin/bench-mark \
	    $(foreach program,mke2fs e2fsck blockdev blkdiscard,/sbin/$(program):/usr/bin/$(program))
TEST_NEEDS += $(PV_TESTS)/blk.cpio.gz

# The rings' ends and the parsers, as the modules have them, on this machine: unit tests and fuzzers.
PV_HOST_INC := -I pv-drivers/bus -I pv-drivers/bus/host -I pv-drivers/blk -I tests/unit -I tests/pv-drivers
PV_HOST_SRC := pv-drivers/blk/parse.c
PV_HOST_DEPS := $(PV_HOST_SRC) $(wildcard pv-drivers/bus/*.h pv-drivers/bus/host/*.h pv-drivers/blk/*.h tests/pv-drivers/*.h)
PV_SAN := -std=gnu11 -O1 -g -fno-omit-frame-pointer -fno-strict-aliasing -fno-sanitize-recover=undefined

$(PV_TESTS)/unit-blk: tests/pv-drivers/unit-blk.c tests/pv-drivers/format-published.c tests/unit/harness.c $(PV_HOST_DEPS)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(PV_SAN) -fsanitize=address,undefined $(WARN) $(PV_HOST_INC) -o $@ $(filter %.c,$^) -lcunit

$(PV_TESTS)/unit-bucket: tests/pv-drivers/unit-bucket.c tests/unit/harness.c $(PV_HOST_DEPS)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(PV_SAN) -fsanitize=address,undefined $(WARN) $(PV_HOST_INC) -o $@ $(filter %.c,$(filter-out pv-drivers/%,$^)) -lcunit
TEST_NEEDS += $(PV_TESTS)/unit-bucket

# Beside the others, so that tests/fuzz/run runs them.
$(BUILD)/tests/fuzz/blk-%: tests/pv-drivers/fuzz-blk-%.c $(PV_HOST_DEPS)
	$(call say,FUZZ,$@)
	$(Q)mkdir -p $(@D) && clang $(PV_SAN) -fsanitize=fuzzer,address,undefined -Wall $(PV_HOST_INC) -o $@ $(filter %.c,$^)

TEST_NEEDS += $(PV_TESTS)/unit-blk $(BUILD)/tests/fuzz/blk-back $(BUILD)/tests/fuzz/blk-front

# Modules that attack: foe back-ends, fiend front-ends. Built like the drivers, beside them.
PV_FOE := $(PV_TESTS)/foe
$(PV_FOE)/.built: tests/pv-drivers/foe.c tests/pv-drivers/fiend.c $(PV)/.built
	$(call say,KBUILD,$(PV_FOE))
	$(Q)mkdir -p $(PV_FOE) && cp $(filter %.c,$^) $(PV_FOE)/
	$(Q)echo 'obj-m := foe.o fiend.o' >$(PV_FOE)/Kbuild
	$(Q)echo 'ccflags-y := -I$(abspath pv-drivers/bus) -I$(abspath pv-drivers/bus/linux) -I$(abspath pv-drivers/blk)' >>$(PV_FOE)/Kbuild
	$(Q)$(MAKE) -s --no-print-directory -C $$(cat $(PV_HEADERS)/folder) M=$(abspath $(PV_FOE)) modules >$(PV_FOE)/log 2>&1 || \
	    { cat $(PV_FOE)/log; false; }
	$(Q)touch $@
TEST_NEEDS += $(PV_FOE)/.built
