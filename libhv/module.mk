# libhv: the tool stack's library, as libhv.a and libhv.so.0, and its pkg-config file.
#
# It sees its own headers and the public ABI only. Objects are position independent for both forms.

LIBHV_SRC  := $(wildcard libhv/src/*.c)
LIBHV_OBJ  := $(LIBHV_SRC:%.c=$(BUILD)/%.o) $(BUILD)/libhv/src/schema.o
LIBHV_PKGS := libxml-2.0 yajl liblzma libzstd liblz4 zlib
LIBHV_INC  := -I libhv/include -I xen-like/include
LIBHV_CFLAGS = -std=gnu11 -O2 -g -fPIC -D_GNU_SOURCE $(WARN) $(LIBHV_INC) $(shell pkg-config --cflags $(LIBHV_PKGS))
LIBHV_LIBS   = $(shell pkg-config --libs $(LIBHV_PKGS))
LIBHV_VERSION := 0.1.0

LIBHV_A  := $(BUILD)/lib/libhv.a
LIBHV_SO := $(BUILD)/lib/libhv.so.0

all: $(LIBHV_A) $(LIBHV_SO) $(BUILD)/lib/libhv.so $(BUILD)/lib/pkgconfig/libhv.pc

$(BUILD)/libhv/src/%.o: libhv/src/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(LIBHV_CFLAGS) $(DEPS) -c -o $@ $<

$(BUILD)/libhv/src/schema.o: libhv/src/schema.S tools/schema/domain.rng
	@mkdir -p $(@D)
	$(call say,AS,$@)
	$(Q)$(CC) -c -o $@ $<

$(LIBHV_A): $(LIBHV_OBJ)
	@mkdir -p $(@D)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(LIBHV_SO): $(LIBHV_OBJ) libhv/libhv.map
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -shared -Wl,-soname,libhv.so.0 -Wl,--version-script=libhv/libhv.map -Wl,-z,relro,-z,now,-z,defs \
		-o $@ $(LIBHV_OBJ) $(LIBHV_LIBS)

$(BUILD)/lib/libhv.so: $(LIBHV_SO)
	$(Q)ln -sf libhv.so.0 $@

$(BUILD)/lib/pkgconfig/libhv.pc: libhv/libhv.pc.in
	@mkdir -p $(@D)
	$(Q)sed 's|@VERSION@|$(LIBHV_VERSION)|; s|@PKGS@|$(filter-out yajl,$(LIBHV_PKGS))|' $< > $@

# The reference as man pages, from the headers' comments.
LIBHV_MAN := $(BUILD)/man/man3/libhv.3 $(patsubst libhv/include/libhv/%.h,$(BUILD)/man/man3/libhv-%.3,\
               $(wildcard libhv/include/libhv/*.h))
all: $(LIBHV_MAN)
INSTALL_FILES += docs/man/hv-domain.5:/usr/share/man/man5/hv-domain.5 \
    $(foreach header,$(wildcard libhv/include/libhv.h libhv/include/libhv/*.h),$(header):/usr/include/$(header:libhv/include/%=%))

$(BUILD)/man/man3/libhv.3: libhv/include/libhv.h
$(filter-out %/libhv.3,$(LIBHV_MAN)): $(BUILD)/man/man3/libhv-%.3: libhv/include/libhv/%.h
$(LIBHV_MAN): libhv/header-to-man
	@mkdir -p $(@D)
	$(call say,MAN,$@)
	$(Q)libhv/header-to-man $(filter %.h,$^) $@

-include $(LIBHV_OBJ:.o=.d)
include $(wildcard libhv/xs/module.mk)
