# The hypervisor: $(BUILD)/hv.elf, and its symbols beside it in $(BUILD)/hv.sym.
#
# An ELF64 file that is laid out in the file as in memory, so that Multiboot's address fields describe it as
# well (QEMU's -kernel takes no 64-bit ELF). Linked twice: panics print function names from a table that
# can only be made when the functions have addresses. The table lies behind the text, which it thus cannot move.

HV_BUILD := $(BUILD)/xen-like
HV_CFLAGS := -std=gnu11 -O2 -g -ffreestanding -fPIE -mcmodel=small -fvisibility=hidden -mno-red-zone -mgeneral-regs-only \
             -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables -fno-strict-aliasing \
             -fno-delete-null-pointer-checks -fomit-frame-pointer -mpreferred-stack-boundary=3 -fno-common \
             -mindirect-branch=thunk-extern -mindirect-branch-register -fno-jump-tables $(WARN) \
             -Ixen-like/include -Ixen-like/arch/x86/include -I$(HV_BUILD)/include $(if $(CHECK_LOCKS),-DHV_CHECK_LOCKS)
HV_LDFLAGS := -m elf_x86_64 -nostdlib -static --no-dynamic-linker -z max-page-size=4096 -z noexecstack --build-id=none \
              --no-warn-rwx-segments --orphan-handling=error -T xen-like/arch/x86/hv.lds

HV_C := $(filter-out %/asm-offsets.c $(if $(CHECK_LOCKS),,%/lock_order.c),$(wildcard $(addprefix xen-like/,core/*.c arch/x86/*.c arch/x86/pv/*.c)))
HV_S := $(wildcard $(addprefix xen-like/,arch/x86/*.S arch/x86/pv/*.S))
HV_OBJ := $(HV_C:%.c=$(BUILD)/%.o) $(HV_S:%.S=$(BUILD)/%.o)
# liblzma unpacks dom0's kernel; libgcc divides 128-bit numbers and counts bits.
HV_LIBS = $(shell $(CC) -print-file-name=liblzma.a) $(shell $(CC) -print-libgcc-file-name)
HV_OFFSETS := $(HV_BUILD)/include/asm-offsets.h

all: $(BUILD)/hv.elf
.PHONY: hv
hv: $(BUILD)/hv.elf

$(HV_OFFSETS): xen-like/arch/x86/asm-offsets.c
	$(call say,OFFSETS,$@)
	$(Q)mkdir -p $(@D) $(HV_BUILD)
	$(Q)$(CC) $(HV_CFLAGS) -MMD -MP -MT $@ -MF $(HV_BUILD)/asm-offsets.d -S -o $(HV_BUILD)/asm-offsets.s $<
	$(Q)sed -n 's/^[^"]*"define \([A-Za-z0-9_]*\) \$$*\(-*[0-9]*\)".*/#define \1 \2/p' $(HV_BUILD)/asm-offsets.s > $@

# They call liblzma and UEFI, which count on the ABI's stack alignment.
$(HV_BUILD)/arch/x86/kernel_unpack.o $(HV_BUILD)/arch/x86/efi.o: HV_CFLAGS += -mpreferred-stack-boundary=4 -mstackrealign

$(HV_BUILD)/%.o: xen-like/%.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(HV_CFLAGS) $(DEPS) -c -o $@ $<

$(HV_BUILD)/%.o: xen-like/%.S $(HV_OFFSETS)
	$(call say,AS,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(HV_CFLAGS) -D__ASSEMBLER__ $(DEPS) -c -o $@ $<

# The names of all functions, sorted by address, as assembly; see arch/x86/symbols.c.
$(HV_BUILD)/symbols-none.S:
	$(Q)mkdir -p $(@D)
	$(Q)xen-like/symbols </dev/null >$@
$(HV_BUILD)/symbols.S: $(HV_BUILD)/hv-nosyms.elf xen-like/symbols
	$(Q)nm -n $< | xen-like/symbols >$@
$(HV_BUILD)/symbols.o $(HV_BUILD)/symbols-none.o: %.o: %.S
	$(Q)$(CC) -c -o $@ $<

$(HV_BUILD)/hv-nosyms.elf: $(HV_OBJ) $(HV_BUILD)/symbols-none.o xen-like/arch/x86/hv.lds
	$(Q)ld $(HV_LDFLAGS) -o $@ $(HV_OBJ) $(HV_BUILD)/symbols-none.o $(HV_LIBS)

$(BUILD)/hv.elf: $(HV_BUILD)/hv-nosyms.elf $(HV_BUILD)/symbols.o
	$(call say,LD,$@)
	$(Q)ld $(HV_LDFLAGS) -o $(HV_BUILD)/hv-full.elf $(HV_OBJ) $(HV_BUILD)/symbols.o $(HV_LIBS)
	$(Q)nm -n $(HV_BUILD)/hv-full.elf | xen-like/symbols | cmp - $(HV_BUILD)/symbols.S
	$(Q)nm -n $(HV_BUILD)/hv-full.elf > $(BUILD)/hv.sym
	$(Q)objcopy --strip-all $(HV_BUILD)/hv-full.elf $@

-include $(HV_OBJ:.o=.d) $(HV_BUILD)/asm-offsets.d
