# What boots: Debian's kernel and the peer hypervisor (unpacked from packages), dom0's initramfs and the
# guest's disk. tests/boot/hv-qemu puts them together.

# Debian's kernel, unmodified: vmlinuz as it is, vmlinux decompressed, and its modules.
DEBIAN := $(BUILD)/kernel
$(DEBIAN)/vmlinuz: | tests/boot/get-debian
	$(call say,DEBIAN,$(DEBIAN))
	$(Q)rm -rf $(DEBIAN) && tests/boot/get-debian $(DEBIAN) linux-image-amd64
	$(Q)depmod -b $(DEBIAN) $$(ls $(DEBIAN)/lib/modules)
	$(Q)cp $(DEBIAN)/boot/vmlinuz-* $@

$(DEBIAN)/vmlinux: $(DEBIAN)/vmlinuz tests/boot/kernel-payload
	$(call say,UNPACK,$@)
	$(Q)tests/boot/kernel-payload $< $@
all: $(DEBIAN)/vmlinux

# The peer: real Xen as QEMU's -kernel takes it, and its tools.
PEER := $(BUILD)/peer
PEER_PACKAGES := xen-hypervisor-4.17-amd64 xen-utils-4.17 xen-utils-common libxenmisc4.17 libxencall1 \
    libxendevicemodel1 libxenevtchn1 libxenforeignmemory1 libxengnttab1 libxenhypfs1 libxenstore4 \
    libxentoolcore1 libxentoollog1 xenstore-utils
$(PEER)/xen.elf: | tests/boot/get-debian
	$(call say,DEBIAN,$(PEER))
	$(Q)rm -rf $(PEER) && tests/boot/get-debian $(PEER) $(PEER_PACKAGES)
	$(Q)gzip -dc $(PEER)/boot/xen-4.17-amd64.gz >$@

.PHONY: peer
peer: $(PEER)/xen.elf

# The guest's disk, named by its recipe: a changed recipe makes a new one, an unchanged one is never made again.
GUEST_RECIPE := $(sort $(shell find tests/boot/guest -type f))
GUEST_IMAGE := $(BUILD)/guest-$(firstword $(shell cat $(GUEST_RECIPE) | sha256sum | cut -c 1-12)).ext4
$(GUEST_IMAGE):
	$(call say,DEBIAN,$@)
	$(Q)rm -f $(BUILD)/guest-*.ext4 && mkdir -p $(@D) && tests/boot/guest/make-image $@

.PHONY: guest-image
guest-image: $(GUEST_IMAGE)

# The peer's dom0: the same kernel and the same base, with real Xen's tool stack instead of hv's. To compare with.
PEER_XEN := usr/lib/xen-4.17/bin
PEER_FILES := $(DOM0_BASE) $(BUILD)/tools/dom0/hv-exec:/bin/hv-exec tests/boot/peer/etc:/etc \
    $(foreach name,xl xenstored xen-init-dom0 xenconsoled xenconsole,$(PEER)/$(PEER_XEN)/$(name):/$(PEER_XEN)/$(name)) \
    $(foreach name,read write ls list rm exists watch chmod,$(PEER)/usr/bin/xenstore-$(name):/usr/bin/xenstore-$(name))
$(BUILD)/dom0-peer.cpio.gz: $(PEER)/xen.elf $(DOM0_BASE_NEEDS) $(BUILD)/tools/dom0/hv-exec \
    $(shell find tests/boot/peer -type f)
	$(call say,PACK,$@)
	$(Q)LIBRARY_PATH=$(abspath $(PEER)/usr/lib/x86_64-linux-gnu) \
	    tools/dom0/pack $@ $(BUILD)/kernel tools/dom0/modules $(PEER_FILES)
peer: $(BUILD)/dom0-peer.cpio.gz

# DRIVERS=stock: with Linux's split drivers instead of hv's.
.PHONY: demo run demo-peer run-peer
# KERNEL=patched: the guest's kernel is that of guest-patches/.
demo: all $(BUILD)/hv.elf $(GUEST_IMAGE) $(if $(filter patched,$(KERNEL)),guest-kernel)
	$(Q)BUILD=$(BUILD) DRIVERS=$(DRIVERS) tests/boot/demo $(if $(filter patched,$(KERNEL)),--put $(BUILD)/guest-kernel/vmlinux:/boot/vmlinuz)
run: all $(BUILD)/hv.elf $(GUEST_IMAGE)
	$(Q)BUILD=$(BUILD) DRIVERS=$(DRIVERS) tests/boot/demo --run
demo-peer: all peer $(GUEST_IMAGE)
	$(Q)BUILD=$(BUILD) tests/boot/demo --peer
run-peer: all peer $(GUEST_IMAGE)
	$(Q)BUILD=$(BUILD) tests/boot/demo --peer --run
TEST_NEEDS += $(GUEST_IMAGE) $(BUILD)/hv.elf $(PEER)/xen.elf $(DEBIAN)/vmlinux

# What a disk is tested with; see tests/boot/machine.
$(BUILD)/tests/boot/fio: tests/boot/make-fio tests/boot/get-debian
	$(call say,DEBIAN,$@)
	$(Q)mkdir -p $(@D) && tests/boot/make-fio $@
TEST_NEEDS += $(BUILD)/tests/boot/fio

# A guest's initramfs that works and reports; see tests/boot/work.
WORK := $(BUILD)/tests/boot/work
$(WORK)/pressure: tests/boot/work/pressure.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) -std=gnu11 -O2 $(WARN) -static -o $@ $<
$(WORK).cpio.gz: tests/boot/work/init $(WORK)/pressure tools/dom0/pack tools/dom0/domu-modules $(DEBIAN)/vmlinuz
	$(call say,PACK,$@)
	$(Q)tools/dom0/pack $@ $(DEBIAN) tools/dom0/domu-modules $<:/init $(WORK)/pressure:/bin/pressure
TEST_NEEDS += $(WORK).cpio.gz
