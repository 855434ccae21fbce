# Tests of hv's network drivers: the two ends' program, a guest, the fuzzer of the rings' readers.

PV_NET := $(BUILD)/tests/pv-drivers/net
PV_NET_SRC := pv-drivers/net/tx_packet.c pv-drivers/net/rx_packet.c
PV_NET_HOST := -I pv-drivers/bus/host -I pv-drivers/bus -I pv-drivers/net

$(PV_NET)/net-talk $(PV_NET)/xdp-load: $(PV_NET)/%: tests/pv-drivers/net/%.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) -std=gnu11 -D_GNU_SOURCE -O2 $(WARN) -static -o $@ $<

$(PV_NET)/tools: tests/pv-drivers/net/make-tools tests/boot/make-iperf3 tests/boot/get-debian
	$(call say,DEBIAN,$@)
	$(Q)mkdir -p $(@D) && tests/pv-drivers/net/make-tools $@

# A hostile front-end is a module of its own, which no package gets.
$(PV_NET)/hostile/.built: $(wildcard tests/pv-drivers/net/hostile/*) $(PV)/.built
	$(call say,KBUILD,$(@D))
	$(Q)mkdir -p $(PV)/hostile $(@D) && cp tests/pv-drivers/net/hostile/* $(PV)/hostile/
	$(Q)$(MAKE) -s --no-print-directory -C $$(cat $(PV_HEADERS)/folder) M=$(abspath $(PV))/hostile modules >$(PV)/hostile/log 2>&1 || \
	    { cat $(PV)/hostile/log; false; }
	$(Q)touch $@

$(PV_NET)/guest.cpio.gz: tools/dom0/pack tests/pv-drivers/net/guest-modules tests/pv-drivers/net/guest-init \
    $(PV_NET)/net-talk $(PV_NET)/xdp-load $(PV_NET)/tools $(PV)/.built $(PV_NET)/hostile/.built \
    $(BUILD)/bin/hv-store
	$(call say,PACK,$@)
	$(Q)LIBRARY_PATH=$(abspath $(PV_NET)/tools/lib/x86_64-linux-gnu) \
	    tools/dom0/pack $@ $(BUILD)/kernel tests/pv-drivers/net/guest-modules tests/pv-drivers/net/guest-init:/init $(PV_NET)/tools:/ \
	    $(PV_NET)/net-talk:/bin/net-talk $(PV_NET)/xdp-load:/bin/xdp-load $(BUILD)/bin/hv-store:/bin/hv-store $(PV)/hv-bus.ko:/hv-bus.ko $(PV)/hv-netfront.ko:/hv-netfront.ko \
	    $(PV)/hostile/hostile-netfront.ko:/hostile-netfront.ko

# Beside the others, so that tests/fuzz/run runs it.
$(BUILD)/tests/fuzz/net-rings: tests/pv-drivers/net/fuzz-net.c $(PV_NET_SRC) $(wildcard pv-drivers/net/*.h pv-drivers/bus/*.h)
	$(call say,FUZZ,$@)
	$(Q)mkdir -p $(@D) && clang -std=gnu11 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
	    -Wall -Wextra -Werror $(PV_NET_HOST) -o $@ $< $(PV_NET_SRC)

# The ABI by two headers, ours and the published one, in a translation unit each, as they use the same names.
$(PV_NET)/abi-%.o: tests/pv-drivers/net/abi-%.c tests/pv-drivers/net/abi-facts.h pv-drivers/net/netif.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) -std=gnu11 -O1 $(WARN) $(PV_NET_HOST) -c -o $@ $<
$(PV_NET)/abi: $(PV_NET)/abi-ours.o $(PV_NET)/abi-published.o
	$(Q)$(CC) -o $@ $^

TEST_NEEDS += $(PV_NET)/net-talk $(PV_NET)/tools $(PV_NET)/guest.cpio.gz $(BUILD)/tests/fuzz/net-rings $(PV_NET)/abi
