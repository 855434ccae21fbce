# Tests of the tool stack that run in dom0, of hv or of real Xen. They are linked statically, so that they can be
# put into any dom0.

TOOLSTACK := $(BUILD)/tests/toolstack
TOOLSTACK_CFLAGS = -std=gnu11 -O2 -g -D_GNU_SOURCE $(WARN) -I libhv/include -I xen-like/include

# What hvctl-story asks of the machine, and a test kernel that dom0 has to live beside.
TOOLSTACK_HELPERS := $(TOOLSTACK)/kill-at $(TOOLSTACK)/ports $(TOOLSTACK)/hostile.elf
TEST_NEEDS += $(TOOLSTACK_HELPERS) $(TOOLSTACK)/build-domain $(TOOLSTACK)/hypervisor-calls $(TOOLSTACK)/guest.cpio.gz $(TOOLSTACK)/shell.cpio.gz $(BUILD)/kernel/vmlinux $(BUILD)/peer/xen.elf

$(TOOLSTACK)/%.o: tests/toolstack/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(TOOLSTACK_CFLAGS) $(DEPS) -c -o $@ $<

$(TOOLSTACK)/build-domain: $(TOOLSTACK)/rings.o
$(TOOLSTACK)/build-domain $(TOOLSTACK)/hypervisor-calls: $(TOOLSTACK)/%: $(TOOLSTACK)/%.o $(LIBHV_A)
	$(call say,LD,$@)
	$(Q)$(CC) -static -o $@ $^ $(shell pkg-config --static --libs liblzma libzstd liblz4 zlib)

$(TOOLSTACK)/kill-at $(TOOLSTACK)/ports: $(TOOLSTACK)/%: $(TOOLSTACK)/%.o
	$(call say,LD,$@)
	$(Q)$(CC) -static -o $@ $^

$(TOOLSTACK)/hostile.o: tests/toolstack/hostile/main.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(GUEST_CFLAGS) $(DEPS) -c -o $@ $<

$(TOOLSTACK)/hostile.elf: $(TOOLSTACK)/hostile.o $$(GUEST_LIB) tests/guest/lib/guest.lds
	$(call say,LD,$@)
	$(Q)$(CC) $(GUEST_LDFLAGS) -o $@ $(TOOLSTACK)/hostile.o $(GUEST_LIB)

$(TOOLSTACK)/guest.cpio.gz: tools/dom0/pack tools/dom0/domu-modules tests/toolstack/guest-init $(BUILD)/kernel/vmlinuz
	@mkdir -p $(@D)
	$(call say,PACK,$@)
	$(Q)tools/dom0/pack $@ $(BUILD)/kernel tools/dom0/domu-modules tests/toolstack/guest-init:/init

$(TOOLSTACK)/shell.cpio.gz: tools/dom0/pack tools/dom0/domu-modules tests/toolstack/shell-init $(BUILD)/kernel/vmlinuz
	@mkdir -p $(@D)
	$(call say,PACK,$@)
	$(Q)tools/dom0/pack $@ $(BUILD)/kernel tools/dom0/domu-modules tests/toolstack/shell-init:/init

# Two images on one base, and one whose base is missing.
$(TOOLSTACK)/images/.made: tests/toolstack/make-images
	$(call say,IMAGES,$(@D))
	$(Q)tests/toolstack/make-images $(@D) && touch $@
TEST_NEEDS += $(TOOLSTACK)/images/.made $(BUILD)/dom0-qemu/usr/bin/qemu-nbd

-include $(wildcard $(TOOLSTACK)/*.d)
