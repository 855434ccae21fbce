# hv's split drivers, for Debian's kernel: one module for each of the four, and hv-bus, which they share.
#
# The kernel's build system writes beside the sources, so it works on a copy of this folder, in which only files that
# changed are replaced. The headers come from packages of the same version as the kernel that boots.

PV := $(BUILD)/pv-drivers
PV_HEADERS := $(BUILD)/kernel-headers
PV_SOURCES := $(shell find pv-drivers -type f ! -name module.mk)
PV_MODULES := $(foreach name,$(shell sed -n 's/^obj-.* += *//p' pv-drivers/Kbuild pv-drivers/*/Kbuild.include),$(PV)/$(name:.o=.ko))

$(PV_HEADERS)/folder: $(BUILD)/kernel/vmlinuz pv-drivers/get-headers
	$(call say,DEBIAN,$(PV_HEADERS))
	$(Q)pv-drivers/get-headers $(PV_HEADERS) $(BUILD)/kernel

$(PV)/.built: $(PV_HEADERS)/folder $(PV_SOURCES)
	$(call say,KBUILD,$(PV))
	$(Q)mkdir -p $(PV) && pv-drivers/sync-copy pv-drivers $(PV)
	$(Q)$(MAKE) -s --no-print-directory -C $$(cat $(PV_HEADERS)/folder) M=$(abspath $(PV)) modules >$(PV)/log 2>&1 || \
	    { cat $(PV)/log; false; }
	$(Q)touch $@
$(PV_MODULES): $(PV)/.built ;

# What dom0 and the guests of `make demo` drive disks and network interfaces with.
DOM0_FILES += $(PV)/hv-bus.ko: $(PV)/hv-blkback.ko: $(PV)/hv-netback.ko:
DOMU_FILES += $(PV)/hv-bus.ko: $(PV)/hv-blkfront.ko: $(PV)/hv-netfront.ko:

.PHONY: pv-drivers
pv-drivers: $(PV)/.built
