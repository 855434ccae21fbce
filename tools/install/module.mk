# make install [DESTDIR=...]: the hypervisor, its GRUB menu entries, dom0's programs, libraries, headers, pages.
# make deb: the same as Debian packages: hv, hv-dev, and hv-dkms, from which dkms builds the split drivers for each kernel.
#
# What dom0's initramfs has from $(BUILD)/bin is what an installed dom0 has. A component with more to install adds
# SOURCE:PATH to INSTALL_FILES.

DESTDIR ?=
LIBDIR  := /usr/lib/x86_64-linux-gnu

INSTALL_FILES += $(BUILD)/hv.elf:/boot/hv.elf tools/install/20_linux_hv:/etc/grub.d/20_linux_hv \
    $(foreach unit,proc-xen.mount hv-xenstored.service hvd.service hv-guests.service,tools/install/$(unit):/usr/lib/systemd/system/$(unit)) \
    tools/schema/domain.rng:/usr/share/hv/domain.rng \
    $(foreach page,README.md $(wildcard docs/*.md docs/abi/*.md),$(page):/usr/share/doc/hv/$(page)) \
    $(foreach xml,$(wildcard tools/dom0/etc/hv/*.xml),$(xml):/usr/share/doc/hv/examples/$(notdir $(xml)))

.PHONY: install deb
install: all
	$(call say,INSTALL,$(or $(DESTDIR),/))
	$(Q)for pair in $(INSTALL_FILES) $(filter $(BUILD)/bin/%,$(DOM0_FILES)); do \
	    mode=644; [ ! -x "$${pair%%:*}" ] || mode=755; \
	    install -D -m $$mode "$${pair%%:*}" "$(DESTDIR)$${pair#*:}" || exit 1; \
	done
	$(Q)install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)/usr/share/man/man3
	$(Q)cp -P $(BUILD)/lib/lib*.so* $(BUILD)/lib/lib*.a $(DESTDIR)$(LIBDIR)/
	$(Q)for pc in $(BUILD)/lib/pkgconfig/*.pc; do \
	    sed 's|^libdir=.*|libdir=$(LIBDIR)|' $$pc >$(DESTDIR)$(LIBDIR)/pkgconfig/$${pc##*/} || exit 1; \
	done
	$(Q)(cd pv-drivers && find . -name 'Kbuild*' -o -name '*.[ch]' ! -path './bus/host/*') | while read -r file; do \
	    install -D -m 644 pv-drivers/$$file $(DESTDIR)/usr/src/hv-$(LIBHV_VERSION)/$$file || exit 1; \
	done
	$(Q)sed 's/@VERSION@/$(LIBHV_VERSION)/' tools/install/dkms.conf >$(DESTDIR)/usr/src/hv-$(LIBHV_VERSION)/dkms.conf
	$(Q)tools/install/man3 $(BUILD)/man/man3 $(DESTDIR)/usr/share/man/man3

deb: all
	$(Q)rm -rf $(BUILD)/deb && mkdir -p $(BUILD)/deb
	$(Q)$(MAKE) -s install DESTDIR=$(BUILD)/deb/hv
	$(Q)tools/install/deb $(BUILD)/deb $(LIBHV_VERSION)
