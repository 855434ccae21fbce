/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Privileged instructions of a guest's kernel, which raise #GP in ring 3 and are carried out for it here: one
 * row for each opcode. The instruction's bytes are fetched once; what is decoded from them is all that is
 * acted on. What no row names, or a row refuses, stays the #GP that it was.
 *
 * Ports and the interrupt flag follow the virtual IOPL, and are thus for user programs too; the rest is the
 * kernel's.
 */
#include <arch/cpu.h>
#include <arch/entry.h>
#include <arch/fpu.h>
#include <arch/pv.h>
#include <hv/arch.h>
#include <hv/guest_copy.h>

#define MAX_INSTRUCTION 15u
#define STRING_IO_BATCH 512u /* iterations before interrupts get their chance; the instruction then goes on */

#define CR4_REFUSED (CR4_LA57 | CR4_PCIDE | CR4_SMEP | CR4_SMAP | CR4_UMIP | CR4_VME | CR4_PVI)

struct insn {
    struct cpu_user_regs *regs;
    uint8_t bytes[MAX_INSTRUCTION];
    unsigned int have, at;          /* bytes fetched, bytes consumed */
    uint8_t opcode, rex, modrm;
    bool opsize16, addr32, rep, long_mode;
};

enum outcome { REFUSED, DONE, FAULTED }; /* FAULTED: another exception has been noted */

/* --- decoding --- */

static bool next_byte(struct insn *i, uint8_t *byte)
{
    if (i->at >= i->have)
        return false;
    *byte = i->bytes[i->at++];
    return true;
}

/* As many of the 15 bytes as there are: an instruction may end just before a page that is not there. */
static bool fetch(struct insn *i, unsigned long rip)
{
    i->have = MAX_INSTRUCTION;
    if (unlikely(!arch_get_guest(i->bytes, (const void *)rip, MAX_INSTRUCTION)))
        i->have -= arch_copy_from_guest(i->bytes, (const void *)rip, MAX_INSTRUCTION);
    return i->have;
}

static bool skip_prefixes(struct insn *i, uint8_t *opcode)
{
    while (next_byte(i, opcode)) {
        switch (*opcode) {
        case 0x66:
            i->opsize16 = true;
            i->rex = 0;
            continue;
        case 0x67:
            i->addr32 = true;
            i->rex = 0;
            continue;
        case 0xf2: case 0xf3:
            i->rep = true;
            i->rex = 0;
            continue;
        case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64: case 0x65: /* segments */
            i->rex = 0;
            continue;
        }
        if (!i->long_mode || (*opcode & 0xf0) != 0x40)
            return true;
        i->rex = *opcode;
    }
    return false;
}

static uint64_t *gpr(struct cpu_user_regs *r, unsigned int n)
{
#define AT(reg) offsetof(struct cpu_user_regs, reg)
    static const uint8_t at[16] = {
        AT(rax), AT(rcx), AT(rdx), AT(rbx), AT(rsp), AT(rbp), AT(rsi), AT(rdi),
        AT(r8),  AT(r9),  AT(r10), AT(r11), AT(r12), AT(r13), AT(r14), AT(r15),
    };
#undef AT

    return (uint64_t *)((char *)r + at[n & 15]);
}

static unsigned int modrm_reg(const struct insn *i) { return (i->modrm >> 3 & 7) | (i->rex & 4 ? 8 : 0); }
static unsigned int modrm_rm(const struct insn *i) { return (i->modrm & 7) | (i->rex & 1 ? 8 : 0); }
static bool modrm_is_register(const struct insn *i) { return i->modrm >= 0xc0; }

/* 64-bit code, 32-bit code, or neither (16-bit, or a selector without code): as the CPU sees the selector. */
static bool code_mode(uint16_t cs, bool *long_mode)
{
    uint32_t rights = 0;
    bool ok;

    __asm__("lar %2, %0; setz %1" : "+r"(rights), "=q"(ok) : "r"((uint32_t)cs) : "cc");
    *long_mode = rights & 1u << 21;
    return ok && (*long_mode || (rights & 1u << 22));
}

/* --- control and debug registers --- */

uint64_t pv_cr0_shown(const struct vcpu *v) { return v->arch.ctrlreg[0]; }

uint64_t pv_cr4_shown(const struct vcpu *v)
{
    return (cpu_features.cr4 & (CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_OSXSAVE | CR4_FSGSBASE)) |
           v->arch.ctrlreg[4];
}

/* False for bits that cannot be had. */
static bool guest_write_cr4(struct vcpu *v, uint64_t value)
{
    if (value >> 32 || (value & CR4_REFUSED))
        return false;
    v->arch.ctrlreg[4] = value & (CR4_TSD | CR4_DE);
    pv_load_cr4(v);
    return true;
}

static void write_ts(struct vcpu *v, bool ts)
{
    v->arch.ctrlreg[0] = (v->arch.ctrlreg[0] & ~CR0_TS) | (ts ? CR0_TS : 0);
    if (ts)
        write_cr0(read_cr0() | CR0_TS);
    else
        __asm__ volatile("clts");
}

/*
 * The kernel's root as the guest has it: its machine address, which PV kernels know how to turn into a frame
 * number.
 */
static uint64_t cr3_shown(const struct vcpu *v) { return mfn_to_maddr(v->arch.kernel_root).v; }

static enum outcome read_cr(struct vcpu *v, struct insn *i)
{
    uint64_t *to = gpr(i->regs, modrm_rm(i));

    switch (modrm_reg(i)) {
    case 0: *to = pv_cr0_shown(v); return DONE;
    case 2: *to = v->arch.ctrlreg[2]; return DONE;
    case 3: *to = cr3_shown(v); return DONE;
    case 4: *to = pv_cr4_shown(v); return DONE;
    case 8: *to = 0; return DONE;
    default: return REFUSED;
    }
}

static enum outcome write_cr(struct vcpu *v, struct insn *i)
{
    uint64_t value = *gpr(i->regs, modrm_rm(i));

    switch (modrm_reg(i)) {
    case 0:
        if ((value ^ v->arch.ctrlreg[0]) & ~(CR0_TS | CR0_MP)) /* MP changes nothing that can be seen */
            return REFUSED;
        write_ts(v, value & CR0_TS);
        return DONE;
    case 2:
        v->arch.ctrlreg[2] = value;
        v->info->arch.cr2 = value;
        return DONE;
    case 3: /* a root is changed with MMUEXT_NEW_BASEPTR; the same one again asks for a flush */
        if ((value & PAGE_MASK) != cr3_shown(v))
            return REFUSED;
        pv_load_root(v);
        return DONE;
    case 4:
        return guest_write_cr4(v, value) ? DONE : REFUSED;
    case 8:
        return value == 0 ? DONE : REFUSED;
    default:
        return REFUSED;
    }
}

static enum outcome read_dr(struct vcpu *v, struct insn *i)
{
    if (modrm_reg(i) > 7)
        return REFUSED;
    *gpr(i->regs, modrm_rm(i)) = pv_get_debugreg(v, modrm_reg(i));
    return DONE;
}

static enum outcome write_dr(struct vcpu *v, struct insn *i)
{
    return pv_set_debugreg(v, modrm_reg(i), *gpr(i->regs, modrm_rm(i))) ? REFUSED : DONE;
}

static enum outcome clts(struct vcpu *v, struct insn *i)
{
    (void)i;
    write_ts(v, false);
    return DONE;
}

static enum outcome write_back_caches(struct vcpu *v, struct insn *i)
{
    (void)i;
    if (v->domain->arch.has_devices)
        wbinvd();
    return DONE;
}

/* --- 0F 01: SMSW, LMSW, XGETBV, XSETBV, RDTSCP --- */

static enum outcome xgetbv_insn(struct insn *i)
{
    uint64_t value;

    if ((uint32_t)i->regs->rcx || !cpu_features.xsave)
        return REFUSED;
    value = current->arch.xcr0;
    i->regs->rax = (uint32_t)value;
    i->regs->rdx = value >> 32;
    return DONE;
}

static enum outcome xsetbv_insn(struct vcpu *v, struct insn *i)
{
    uint64_t value = (uint32_t)i->regs->rax | i->regs->rdx << 32;

    if (!v->arch.guest_kernel || (uint32_t)i->regs->rcx || !cpu_features.xsave || !xcr0_valid(value))
        return REFUSED;
    v->arch.xcr0 = value;
    xsetbv(0, value);
    return DONE;
}

static enum outcome rdtscp_insn(struct vcpu *v, struct insn *i)
{
    uint64_t tsc = rdtsc();

    if (!v->arch.guest_kernel || !cpu_features.rdtscp)
        return REFUSED;
    i->regs->rax = (uint32_t)tsc;
    i->regs->rdx = tsc >> 32;
    i->regs->rcx = v->arch.tsc_aux;
    return DONE;
}

static enum outcome group_0f01(struct vcpu *v, struct insn *i)
{
    uint64_t *reg = gpr(i->regs, modrm_rm(i));

    switch (i->modrm) {
    case 0xd0: return xgetbv_insn(i);
    case 0xd1: return xsetbv_insn(v, i);
    case 0xf9: return rdtscp_insn(v, i);
    }
    if (!v->arch.guest_kernel || !modrm_is_register(i))
        return REFUSED;
    switch (i->modrm >> 3 & 7) {
    case 4: /* SMSW */
        *reg = i->opsize16 ? (*reg & ~0xfffful) | (pv_cr0_shown(v) & 0xffff) : (uint32_t)pv_cr0_shown(v);
        return DONE;
    case 6: /* LMSW */
        write_ts(v, *reg & CR0_TS);
        return DONE;
    default:
        return REFUSED;
    }
}

/* --- MSRs, TSC --- */

static enum outcome rdmsr_insn(struct vcpu *v, struct insn *i)
{
    uint64_t value;

    if (!pv_rdmsr(v, i->regs->rcx, &value))
        return REFUSED;
    i->regs->rax = (uint32_t)value;
    i->regs->rdx = value >> 32;
    return DONE;
}

static enum outcome wrmsr_insn(struct vcpu *v, struct insn *i)
{
    return pv_wrmsr(v, i->regs->rcx, (uint32_t)i->regs->rax | i->regs->rdx << 32) ? DONE : REFUSED;
}

static enum outcome rdtsc_insn(struct vcpu *v, struct insn *i)
{
    uint64_t tsc = rdtsc();

    (void)v;
    i->regs->rax = (uint32_t)tsc;
    i->regs->rdx = tsc >> 32;
    return DONE;
}

static enum outcome cpuid_insn(struct vcpu *v, struct insn *i)
{
    struct cpuid_regs r = pv_cpuid(v, i->regs->rax, i->regs->rcx);

    i->regs->rax = r.a;
    i->regs->rbx = r.b;
    i->regs->rcx = r.c;
    i->regs->rdx = r.d;
    return DONE;
}

/* --- interrupt flag, ports --- */

/* The ABI's kernels mask events instead; with IOPL enough these are quiet, and change nothing. */
static enum outcome cli_sti(struct vcpu *v, struct insn *i)
{
    (void)i;
    return pv_iopl_ok(v) ? DONE : REFUSED;
}

static unsigned int io_bytes(const struct insn *i)
{
    return !(i->opcode & 1) ? 1 : i->opsize16 ? 2 : 4;
}

static enum outcome in_out(struct vcpu *v, struct insn *i)
{
    unsigned int bytes = io_bytes(i);
    uint64_t *rax = &i->regs->rax;
    uint16_t port = i->regs->rdx;
    uint8_t immediate;
    uint32_t value;

    if (i->opcode < 0xec) {
        if (!next_byte(i, &immediate))
            return REFUSED;
        port = immediate;
    }
    if (!pv_ioport_ok(v, i->regs, port, bytes))
        return REFUSED;
    if (i->opcode & 2) {
        pv_ioport_write(v, port, bytes, *rax);
        return DONE;
    }
    value = pv_ioport_read(v, port, bytes);
    *rax = bytes == 4 ? value : (*rax & ~((1ul << bytes * 8) - 1)) | value;
    return DONE;
}

/* One iteration: true, or a page fault has been noted. */
static bool string_step(struct vcpu *v, struct insn *i, uint16_t port, unsigned int bytes)
{
    bool out = i->opcode & 2;
    uint64_t *pointer = out ? &i->regs->rsi : &i->regs->rdi;
    uint64_t va = i->addr32 ? (uint32_t)*pointer : *pointer;
    uint64_t step = i->regs->rflags & RFLAGS_DF ? -(uint64_t)bytes : bytes;
    uint32_t value = 0;

    if (out && arch_copy_from_guest(&value, (const void *)va, bytes)) {
        pv_inject_page_fault(v, va, 0);
        return false;
    }
    if (out) {
        pv_ioport_write(v, port, bytes, value);
    } else {
        uint8_t probe;

        if (arch_copy_from_guest(&probe, (const void *)va, 1)) { /* ask first: a port is read once */
            pv_inject_page_fault(v, va, PFEC_WRITE);
            return false;
        }
        value = pv_ioport_read(v, port, bytes);
        if (arch_copy_to_guest((void *)va, &value, bytes)) {
            pv_inject_page_fault(v, va, PFEC_WRITE | PFEC_PRESENT);
            return false;
        }
    }
    *pointer = i->addr32 ? (uint32_t)(va + step) : va + step;
    return true;
}

static enum outcome string_io(struct vcpu *v, struct insn *i)
{
    unsigned int bytes = io_bytes(i);
    uint16_t port = i->regs->rdx;
    uint64_t *count = &i->regs->rcx;

    if (!i->long_mode || !pv_ioport_ok(v, i->regs, port, bytes))
        return REFUSED;
    if (i->addr32)
        *count = (uint32_t)*count;
    if (!i->rep)
        return string_step(v, i, port, bytes) ? DONE : FAULTED;
    for (unsigned int n = 0; *count; n++, --*count) {
        if (n == STRING_IO_BATCH)
            return FAULTED; /* with rip where it was: it goes on from here */
        if (!string_step(v, i, port, bytes))
            return FAULTED;
    }
    return DONE;
}

/* --- the table --- */

struct row {
    enum outcome (*emulate)(struct vcpu *v, struct insn *i);
    bool modrm, kernel_only;
};

static const struct row one_byte[256] = {
    [0x6c ... 0x6f] = { string_io, false, false },
    [0xe4 ... 0xe7] = { in_out, false, false },
    [0xec ... 0xef] = { in_out, false, false },
    [0xfa ... 0xfb] = { cli_sti, false, false },
};

static const struct row two_byte[256] = {
    [0x01] = { group_0f01, true, false },
    [0x06] = { clts, false, true },
    [0x09] = { write_back_caches, false, true },
    [0x20] = { read_cr, true, true },
    [0x21] = { read_dr, true, true },
    [0x22] = { write_cr, true, true },
    [0x23] = { write_dr, true, true },
    [0x30] = { wrmsr_insn, false, true },
    [0x31] = { rdtsc_insn, false, true },
    [0x32] = { rdmsr_insn, false, true },
};

static const struct row *decode(struct insn *i)
{
    const struct row *table = one_byte;
    uint8_t byte;

    if (!skip_prefixes(i, &byte))
        return NULL;
    if (byte == 0x0f) {
        table = two_byte;
        if (!next_byte(i, &byte))
            return NULL;
    }
    i->opcode = byte;
    if (!table[byte].emulate || (table[byte].modrm && !next_byte(i, &i->modrm)))
        return NULL;
    return &table[byte];
}

static void retire(struct insn *i)
{
    i->regs->rip += i->at;
    i->regs->rflags &= ~RFLAGS_RF;
    i->regs->entry_vector = 0; /* all registers are the guest's */
}

bool pv_emulate_privileged(struct vcpu *v, struct cpu_user_regs *regs)
{
    struct insn i = { .regs = regs };
    const struct row *row;
    enum outcome outcome;

    if (!code_mode(regs->cs, &i.long_mode) || !fetch(&i, regs->rip))
        return false;
    row = decode(&i);
    if (!row || (row->kernel_only && !v->arch.guest_kernel))
        return false;
    outcome = row->emulate(v, &i);
    if (outcome == DONE) {
        retire(&i);
        if (regs->rflags & RFLAGS_TF) {
            v->arch.dr[6] |= 1u << 14;
            pv_inject_trap(v, TRAP_DB, 0);
        }
    }
    return outcome != REFUSED;
}

/* UD2, 'x', 'e', 'n', CPUID: seven bytes, as the number that they are when read as one. */
#define FORCED_CPUID 0x00a20f6e65780b0ful
#define FORCED_CPUID_BYTES 7u

bool pv_emulate_forced(struct vcpu *v, struct cpu_user_regs *regs)
{
    struct insn i = { .regs = regs };
    uint64_t word;

    if (!fetch(&i, regs->rip) || i.have < FORCED_CPUID_BYTES)
        return false;
    __builtin_memcpy(&word, i.bytes, sizeof(word));
    if (word << 8 != FORCED_CPUID << 8)
        return false;
    i.at = FORCED_CPUID_BYTES;
    cpuid_insn(v, &i);
    retire(&i);
    return true;
}
