# Tests of the tool stack that run in dom0, of hv or of real Xen: linked statically, so that any dom0 will do. They are linked statically, so that
# they can be put into any dom0.

TOOLSTACK := $(BUILD)/tests/toolstack
TOOLSTACK_CFLAGS = -std=gnu11 -O2 -g -D_GNU_SOURCE $(WARN) -I libhv/include -I xen-like/include

TEST_NEEDS += $(TOOLSTACK)/build-domain $(TOOLSTACK)/hypervisor-calls $(TOOLSTACK)/guest.cpio.gz $(TOOLSTACK)/shell.cpio.gz $(BUILD)/kernel/vmlinux $(BUILD)/peer/xen.elf

$(TOOLSTACK)/%.o: tests/toolstack/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(TOOLSTACK_CFLAGS) $(DEPS) -c -o $@ $<

$(TOOLSTACK)/build-domain: $(TOOLSTACK)/rings.o
$(TOOLSTACK)/build-domain $(TOOLSTACK)/hypervisor-calls: $(TOOLSTACK)/%: $(TOOLSTACK)/%.o $(LIBHV_A)
	$(call say,LD,$@)
	$(Q)$(CC) -static -o $@ $^ $(shell pkg-config --static --libs liblzma libzstd liblz4 zlib)

$(TOOLSTACK)/guest.cpio.gz: tools/dom0/pack tools/dom0/domu-modules tests/toolstack/guest-init $(BUILD)/kernel/vmlinuz
	@mkdir -p $(@D)
	$(call say,PACK,$@)
	$(Q)tools/dom0/pack $@ $(BUILD)/kernel tools/dom0/domu-modules tests/toolstack/guest-init:/init

$(TOOLSTACK)/shell.cpio.gz: tools/dom0/pack tools/dom0/domu-modules tests/toolstack/shell-init $(BUILD)/kernel/vmlinuz
	@mkdir -p $(@D)
	$(call say,PACK,$@)
	$(Q)tools/dom0/pack $@ $(BUILD)/kernel tools/dom0/domu-modules tests/toolstack/shell-init:/init

-include $(wildcard $(TOOLSTACK)/*.d)
