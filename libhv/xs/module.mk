# libxs: the client of the store, as libxs.a and libxs.so.0, and its pkg-config file.
#
# It sees its own header and the public ABI only.

LIBXS_SRC     := $(wildcard libhv/xs/*.c)
LIBXS_OBJ     := $(LIBXS_SRC:%.c=$(BUILD)/%.o)
LIBXS_INC     := -I libhv/include -I xen-like/include
LIBXS_CFLAGS   = -std=gnu11 -O2 -g -fPIC -D_GNU_SOURCE -pthread $(WARN) $(LIBXS_INC) $(shell pkg-config --cflags yajl)
LIBXS_LIBS     = $(shell pkg-config --libs yajl) -pthread
LIBXS_VERSION := 0.1.0

LIBXS_A  := $(BUILD)/lib/libxs.a
LIBXS_SO := $(BUILD)/lib/libxs.so.0

all: $(LIBXS_A) $(LIBXS_SO) $(BUILD)/lib/libxs.so $(BUILD)/lib/pkgconfig/libxs.pc

$(BUILD)/libhv/xs/%.o: libhv/xs/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(LIBXS_CFLAGS) $(DEPS) -c -o $@ $<

$(LIBXS_A): $(LIBXS_OBJ)
	@mkdir -p $(@D)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(LIBXS_SO): $(LIBXS_OBJ) libhv/xs/libxs.map
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -shared -Wl,-soname,libxs.so.0 -Wl,--version-script=libhv/xs/libxs.map -Wl,-z,relro,-z,now,-z,defs \
		-o $@ $(LIBXS_OBJ) $(LIBXS_LIBS)

$(BUILD)/lib/libxs.so: $(LIBXS_SO)
	$(Q)ln -sf libxs.so.0 $@

$(BUILD)/lib/pkgconfig/libxs.pc: libhv/xs/libxs.pc.in
	@mkdir -p $(@D)
	$(Q)sed 's|@VERSION@|$(LIBXS_VERSION)|' $< > $@

# The reference as a man page, from the header's comments.
$(BUILD)/man/man3/libxs.3: libhv/include/xs.h libhv/header-to-man
	@mkdir -p $(@D)
	$(call say,MAN,$@)
	$(Q)libhv/header-to-man $< $@
all: $(BUILD)/man/man3/libxs.3

# In a folder of its own: libxen-dev has a /usr/include/xs.h as well.
INSTALL_FILES += libhv/include/xs.h:/usr/include/libxs/xs.h

-include $(LIBXS_OBJ:.o=.d)
