# make guest-kernel: Debian's kernel with the patches of guest-patches/series, as $(BUILD)/guest-kernel/vmlinux. It takes
# minutes, so only the tests depend on it; what was built once is found again by the content of all that goes into it.

GUEST_KERNEL := $(BUILD)/guest-kernel/vmlinux

.PHONY: guest-kernel
guest-kernel:
	$(Q)tests/install-deps '' guest-patches/packages
	$(Q)guest-patches/build $(BUILD)
