# The patched guest kernel at work: the kernel's own selftests, in a guest. Building the kernel takes minutes, once.

SELFTESTS := $(BUILD)/tests/guest-kernel/selftests.cpio.gz

.PHONY: guest-kernel-tests
guest-kernel-tests: guest-kernel
	$(Q)tests/install-deps '' tests/guest-kernel/packages
	$(Q)test -e $(SELFTESTS) -a -z "$$(find tests/guest-kernel -type f -newer $(SELFTESTS) 2>/dev/null)" || \
	    { printf '  %-7s %s\n' PACK $(SELFTESTS); tests/guest-kernel/make-selftests $(BUILD)/guest-kernel/source $(SELFTESTS); }
TEST_NEEDS += guest-kernel-tests
