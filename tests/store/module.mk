# Tests of the store: the daemon's own sources and libxs, unmodified, under ASan and UBSan.
#
# STORE_UNITS are unit tests with CUnit (the daemon's core with a fake hypervisor); `libxs` and `clients`
# run the real daemon over its socket; `fuzz` is a libFuzzer harness; `in-dom0` boots real Xen.

STORE_TEST := $(BUILD)/tests/store
STORE_SAN  := -fsanitize=address,undefined -fno-sanitize-recover=undefined
STORE_CFLAGS = -std=gnu11 -O1 -g -fno-omit-frame-pointer -D_GNU_SOURCE $(WARN) -I tools/xenstored -I libhv/include \
    -I xen-like/include -I tests/unit -I tests/store
STORE_CORE_OBJ := $(XENSTORED_CORE:%.c=$(STORE_TEST)/obj/%.o)
STORE_UNITS := tree requests transactions watches quotas rings

.PHONY: store-tests
TEST_NEEDS += store-tests
store-tests: $(STORE_UNITS:%=$(STORE_TEST)/%) $(STORE_TEST)/fuzz $(STORE_TEST)/libxs $(STORE_TEST)/libxs-plain \
    $(STORE_TEST)/hv-xenstored $(STORE_TEST)/libxs-dom0 $(STORE_TEST)/guest.cpio.gz \
    $(BUILD)/dom0-peer.cpio.gz $(BUILD)/kernel/vmlinux

$(STORE_TEST)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(STORE_CFLAGS) $(STORE_SAN) $(DEPS) -c -o $@ $<

$(STORE_TEST)/core.a: $(STORE_CORE_OBJ)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(STORE_UNITS:%=$(STORE_TEST)/%): $(STORE_TEST)/%: $(STORE_TEST)/obj/tests/store/%.o $(STORE_TEST)/obj/tests/store/fake.o \
    $(STORE_TEST)/obj/tests/store/story.o \
    $(STORE_TEST)/obj/tests/unit/harness.o $(STORE_TEST)/core.a
	$(call say,LD,$@)
	$(Q)$(CC) $(STORE_SAN) -o $@ $^ -lcunit

# libxs and the daemon with the sanitizers; and libxs as it is shipped, to run in a dom0.
$(STORE_TEST)/libxs: $(STORE_TEST)/obj/tests/store/libxs.o $(LIBXS_SRC:%.c=$(STORE_TEST)/obj/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(STORE_SAN) -pthread -o $@ $^ $(LIBXS_LIBS)

$(STORE_TEST)/libxs-plain: tests/store/libxs.c $(LIBXS_A)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(STORE_CFLAGS) -pthread -o $@ $^ $(LIBXS_LIBS)

$(STORE_TEST)/hv-xenstored: $(STORE_TEST)/obj/tools/xenstored/main.o $(STORE_TEST)/obj/tools/xenstored/xen.o \
    $(STORE_TEST)/core.a $$(LIBHV_A)
	$(call say,LD,$@)
	$(Q)$(CC) $(STORE_SAN) -o $@ $^

# To be put into a dom0: the test and the one library it needs.
$(STORE_TEST)/libxs-dom0: $(STORE_TEST)/libxs-plain
	$(Q)rm -rf $@ && mkdir -p $@/bin $@/lib/x86_64-linux-gnu && cp $< $@/bin/libxs-test
	$(Q)cp -L $$(ldd $< | sed -n 's,.*=> \(/[^ ]*yajl[^ ]*\) .*,\1,p') $@/lib/x86_64-linux-gnu/

$(STORE_TEST)/guest.cpio.gz: tools/dom0/pack tools/dom0/domu-modules tests/store/guest-init $(BUILD)/kernel/vmlinuz
	@mkdir -p $(@D)
	$(call say,PACK,$@)
	$(Q)tools/dom0/pack $@ $(BUILD)/kernel tools/dom0/domu-modules tests/store/guest-init:/init

# All in one go: clang's objects are not gcc's.
$(STORE_TEST)/fuzz: tests/store/fuzz.c tests/store/fake.c $(XENSTORED_CORE) $(wildcard tools/xenstored/*.h) tests/store/fake.h
	@mkdir -p $(@D)
	$(call say,FUZZ,$@)
	$(Q)clang $(STORE_CFLAGS) -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
	    -o $@ $(filter %.c,$^)

-include $(shell find $(STORE_TEST)/obj -name '*.d' 2>/dev/null)
