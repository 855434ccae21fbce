# Tests of the store: the daemon's own sources and libxs, unmodified, under ASan and UBSan.
#
# tests/store/tree, requests, rings are unit tests with CUnit (the daemon's core with a fake hypervisor); `sockets` runs
# the real daemon; `fuzz` is a libFuzzer harness.

STORE_TEST := $(BUILD)/tests/store
STORE_SAN  := -fsanitize=address,undefined -fno-sanitize-recover=undefined
STORE_CFLAGS = -std=gnu11 -O1 -g -fno-omit-frame-pointer -D_GNU_SOURCE $(WARN) -I tools/xenstored -I libhv/include \
    -I xen-like/include -I tests/unit -I tests/store
STORE_CORE_OBJ := $(XENSTORED_CORE:%.c=$(STORE_TEST)/obj/%.o)
STORE_UNITS := tree requests rings

.PHONY: store-tests
TEST_NEEDS += store-tests
store-tests: $(STORE_UNITS:%=$(STORE_TEST)/%) $(STORE_TEST)/fuzz

$(STORE_TEST)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(STORE_CFLAGS) $(STORE_SAN) $(DEPS) -c -o $@ $<

$(STORE_TEST)/core.a: $(STORE_CORE_OBJ)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(STORE_UNITS:%=$(STORE_TEST)/%): $(STORE_TEST)/%: $(STORE_TEST)/obj/tests/store/%.o $(STORE_TEST)/obj/tests/store/fake.o \
    $(STORE_TEST)/obj/tests/unit/harness.o $(STORE_TEST)/core.a
	$(call say,LD,$@)
	$(Q)$(CC) $(STORE_SAN) -o $@ $^ -lcunit

# All in one go: clang's objects are not gcc's.
$(STORE_TEST)/fuzz: tests/store/fuzz.c tests/store/fake.c $(XENSTORED_CORE) $(wildcard tools/xenstored/*.h) tests/store/fake.h
	@mkdir -p $(@D)
	$(call say,FUZZ,$@)
	$(Q)clang $(STORE_CFLAGS) -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
	    -o $@ $(filter %.c,$^)

-include $(shell find $(STORE_TEST)/obj -name '*.d' 2>/dev/null)
