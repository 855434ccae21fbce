# make install [DESTDIR=...]: the hypervisor, its GRUB menu entries, dom0's programs, libraries and headers.
#
# What dom0's initramfs has from $(BUILD)/bin is what an installed dom0 has. A component with more to install adds
# SOURCE:PATH to INSTALL_FILES.

DESTDIR ?=
LIBDIR  := /usr/lib/x86_64-linux-gnu

INSTALL_FILES += $(BUILD)/hv.elf:/boot/hv.elf tools/install/20_linux_hv:/etc/grub.d/20_linux_hv \
    $(foreach unit,proc-xen.mount hv-xenstored.service hvd.service,tools/install/$(unit):/usr/lib/systemd/system/$(unit)) \
    $(foreach header,$(shell find libhv/include -name '*.h'),$(header):/usr/include/$(header:libhv/include/%=%)) \
    tools/schema/domain.rng:/usr/share/hv/domain.rng $(foreach xml,$(wildcard tools/dom0/etc/hv/*.xml),$(xml):/usr/share/doc/hv/examples/$(notdir $(xml)))

.PHONY: install
install: all $(BUILD)/hv.elf
	$(call say,INSTALL,$(or $(DESTDIR),/))
	$(Q)for pair in $(INSTALL_FILES) $(filter $(BUILD)/bin/%,$(DOM0_FILES)); do \
	    mode=644; [ ! -x "$${pair%%:*}" ] || mode=755; \
	    install -D -m $$mode "$${pair%%:*}" "$(DESTDIR)$${pair#*:}" || exit 1; \
	done
	$(Q)install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)/usr/share/man
	$(Q)[ ! -d $(BUILD)/man ] || cp -R $(BUILD)/man/. $(DESTDIR)/usr/share/man/
	$(Q)cp -P $(BUILD)/lib/lib*.so* $(BUILD)/lib/lib*.a $(DESTDIR)$(LIBDIR)/
	$(Q)for pc in $(BUILD)/lib/pkgconfig/*.pc; do \
	    sed 's|^libdir=.*|libdir=$(LIBDIR)|' $$pc >$(DESTDIR)$(LIBDIR)/pkgconfig/$${pc##*/} || exit 1; \
	done
