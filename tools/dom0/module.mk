# dom0's initramfs: Debian's kernel modules, busybox, and the tool stack. Whoever builds a program for dom0 adds
# SOURCE:PATH to DOM0_FILES, for instance $(BUILD)/bin/hvctl:/usr/bin/hvctl; what it is linked with follows by itself.
# DOMU_FILES are likewise those of a guest's initramfs.

DOM0_FILES += $(BUILD)/tools/dom0/hv-exec:/bin/hv-exec \
    $(foreach name,read write ls list rm exists watch chmod,/usr/bin/xenstore-$(name):/usr/bin/xenstore-$(name))

$(BUILD)/tools/dom0/hv-exec: tools/dom0/hv-exec.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) -std=gnu11 -O2 $(WARN) -o $@ $<

# What is in both images of dom0: hv's, and the peer's for comparison.
DOM0_BASE := tools/dom0/init:/init tools/dom0/etc:/etc $(BUILD)/kernel/vmlinuz:/boot/vmlinuz \
    $(BUILD)/domu-initrd.cpio.gz:/boot/domu-initrd.cpio.gz
DOM0_BASE_NEEDS := tools/dom0/pack tools/dom0/modules tools/dom0/icuuc.c tools/dom0/init \
    $(wildcard tools/dom0/etc/* tools/dom0/etc/*/*) $(BUILD)/kernel/vmlinuz $(BUILD)/domu-initrd.cpio.gz

sources = $(foreach pair,$(1),$(firstword $(subst :, ,$(pair))))

$(BUILD)/dom0.cpio.gz: $(DOM0_BASE_NEEDS) $$(call sources,$$(DOM0_FILES))
	$(call say,PACK,$@)
	$(Q)tools/dom0/pack $@ $(BUILD)/kernel tools/dom0/modules $(DOM0_BASE) $(DOM0_FILES)
all: $(BUILD)/dom0.cpio.gz

$(BUILD)/domu-initrd.cpio.gz: tools/dom0/pack tools/dom0/domu-init tools/dom0/domu-modules $(BUILD)/kernel/vmlinuz \
    $$(call sources,$$(DOMU_FILES))
	$(call say,PACK,$@)
	$(Q)tools/dom0/pack $@ $(BUILD)/kernel tools/dom0/domu-modules tools/dom0/domu-init:/init $(DOMU_FILES)

# QEMU's server of images, for disks that are not raw. It is half as large as all the rest, and most guests do without: so it is not
# in the initramfs, but beside it.
DOM0_QEMU := $(BUILD)/dom0-qemu/usr/bin/qemu-nbd
$(DOM0_QEMU): tools/dom0/gather
	$(call say,GATHER,$(BUILD)/dom0-qemu)
	$(Q)tools/dom0/gather $(BUILD)/dom0-qemu qemu-nbd && touch $@
all: $(DOM0_QEMU)
