/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decoding of writes: the machine that runs the test is the reference. Each instruction is put into memory,
 * run with given registers, and carried out by decode_apply(): memory, registers and flags must come out
 * alike.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <arch/decode.h>

#include "harness.h"

#define FLAGS_STATUS 0x8d5u
#define FLAG_AF 0x10u

struct native {
    uint64_t rax, rcx, rdi, rflags;
};

static uint8_t *code;

static void begin(void)
{
    if (!code)
        code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CU_ASSERT_PTR_NOT_EQUAL_FATAL(code, MAP_FAILED);
}

/* Run n bytes of code with these registers. */
static void run_native(const uint8_t *insn, unsigned int n, struct native *r)
{
    memcpy(code, insn, n);
    code[n] = 0xc3;
    __asm__ volatile("push %[flags]\n popfq\n call *%[fn]\n pushfq\n pop %[flags]"
                     : "+a"(r->rax), "+c"(r->rcx), "+D"(r->rdi), [flags] "+&r"(r->rflags)
                     : [fn] "r"(code)
                     : "memory", "cc");
}

static uint64_t random_state = 88172645463325252ull;

static uint64_t random_number(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* Numbers at which carries, signs and zeros happen. */
static uint64_t interesting(void)
{
    static const uint64_t some[] = { 0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
                                     0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0x10 };
    uint64_t r = random_number();

    return r % 3 ? some[(r >> 8) % (sizeof(some) / sizeof(some[0]))] : random_number();
}

static void compare(const uint8_t *insn, unsigned int n, const char *what)
{
    static uint64_t memory[64];
    uint64_t expected[64], new = 0, operand;
    struct cpu_user_regs regs = { 0 };
    struct write_insn w;
    struct native r;
    unsigned int offset, shift;
    uint64_t mask;

    for (unsigned int i = 0; i < 64; i++)
        memory[i] = interesting();
    regs.rax = r.rax = random_number() % 3 ? interesting() : memory[32];
    regs.rcx = r.rcx = interesting();
    if (strstr(what, "bit by register"))
        regs.rcx = r.rcx = (int64_t)(random_number() % 2000) - 1000;
    regs.rdi = r.rdi = (uint64_t)&memory[32];
    regs.rflags = r.rflags = (random_number() & FLAGS_STATUS) | 2;
    regs.rip = 0x1000;

    CU_ASSERT_FATAL(decode_write(insn, n, &regs, &w));
    CU_ASSERT_EQUAL_FATAL(w.length, n);
    offset = w.address - (uint64_t)memory;
    CU_ASSERT_FATAL(offset < sizeof(memory));
    memcpy(expected, memory, sizeof(memory));
    shift = offset % 8 * 8;
    CU_ASSERT_FATAL(shift / 8 + w.bytes <= 8);
    mask = w.bytes == 8 ? ~0ull : (1ull << w.bytes * 8) - 1;
    operand = expected[offset / 8] >> shift;
    if (decode_apply(&w, operand, &new, &regs))
        expected[offset / 8] = (expected[offset / 8] & ~(mask << shift)) | (new & mask) << shift;

    run_native(insn, n, &r);
    if (memcmp(memory, expected, sizeof(memory)) || r.rax != regs.rax || r.rcx != regs.rcx ||
        ((r.rflags ^ regs.rflags) & FLAGS_STATUS & ~(w.op == WRITE_OR || w.op == WRITE_AND || w.op == WRITE_XOR
                                                         ? FLAG_AF : 0)) || regs.rip != 0x1000 + n) {
        CU_FAIL("differs from the machine");
        printf("# %s: operand %lx: memory %lx, rax %lx %lx, rcx %lx %lx, flags %lx %lx\n", what, operand,
               memory[offset / 8], r.rax, regs.rax, r.rcx, regs.rcx, r.rflags, regs.rflags);
    }
}

#define ROUNDS 300u

/*
 * All widths of an instruction whose opcode has its width in bit 0. imm: its immediate has at most so many
 * bytes.
 */
static void all_widths(uint8_t prefix, bool two_bytes, uint8_t opcode, uint8_t modrm, unsigned int imm, const char *what)
{
    for (unsigned int width = 0; width < 4; width++) {
        for (unsigned int i = 0; i < ROUNDS; i++) {
            uint8_t insn[15];
            unsigned int n = 0, bytes = 1u << width;

            if (prefix)
                insn[n++] = prefix;
            if (width == 1)
                insn[n++] = 0x66;
            if (width == 3)
                insn[n++] = 0x48;
            if (two_bytes)
                insn[n++] = 0x0f;
            insn[n++] = opcode | (width ? 1 : 0);
            insn[n++] = modrm;
            for (unsigned int j = 0; imm && j < (bytes < imm ? bytes : imm); j++)
                insn[n++] = random_number();
            compare(insn, n, what);
        }
    }
}

/* Forms without a byte variant. */
static void wide_only(uint8_t prefix, bool two_bytes, uint8_t opcode, uint8_t modrm, bool imm8, const char *what)
{
    for (unsigned int width = 1; width < 4; width++) {
        for (unsigned int i = 0; i < ROUNDS; i++) {
            uint8_t insn[15];
            unsigned int n = 0;

            if (prefix)
                insn[n++] = prefix;
            if (width == 1)
                insn[n++] = 0x66;
            if (width == 3)
                insn[n++] = 0x48;
            if (two_bytes)
                insn[n++] = 0x0f;
            insn[n++] = opcode;
            insn[n++] = modrm;
            if (imm8)
                insn[n++] = random_number();
            compare(insn, n, what);
        }
    }
}

#define RDI_RCX 0x0f /* [rdi], rcx or cl */
#define RDI(field) (7 | (field) << 3)

static void arithmetic_is_the_machines(void)
{
    begin();
    for (unsigned int op = 0; op < 7; op++) {
        all_widths(0, false, op << 3, RDI_RCX, 0, "op r/m, r");
        all_widths(0xf0, false, op << 3, RDI_RCX, 0, "lock op r/m, r");
        all_widths(0, false, 0x80, RDI(op), 4, "op r/m, imm");
        wide_only(0xf0, false, 0x83, RDI(op), true, "op r/m, imm8");
    }
    all_widths(0, false, 0xf6, RDI(2), 0, "not");
    all_widths(0xf0, false, 0xf6, RDI(3), 0, "neg");
    all_widths(0, false, 0xfe, RDI(0), 0, "inc");
    all_widths(0xf0, false, 0xfe, RDI(1), 0, "dec");
}

static void exchanges_are_the_machines(void)
{
    begin();
    all_widths(0, false, 0x88, RDI_RCX, 0, "mov r/m, r");
    all_widths(0, false, 0xc6, RDI(0), 4, "mov r/m, imm");
    all_widths(0, false, 0x86, RDI_RCX, 0, "xchg");
    all_widths(0xf0, false, 0x86, RDI_RCX, 0, "lock xchg");
    all_widths(0xf0, true, 0xb0, RDI_RCX, 0, "cmpxchg");
    all_widths(0xf0, true, 0xc0, RDI_RCX, 0, "xadd");
    }

static void bits_are_the_machines(void)
{
    static const uint8_t by_register[] = { 0xab, 0xb3, 0xbb };

    begin();
    for (unsigned int i = 0; i < 3; i++) {
        wide_only(0xf0, true, by_register[i], RDI_RCX, false, "bit by register");
        wide_only(0, true, 0xba, RDI(5 + i), true, "bit by number");
    }
}

struct address_case {
    uint8_t bytes[15];
    unsigned int n;
    uint64_t address;
};

static void addresses_are_computed(void)
{
    static const struct address_case cases[] = {
        { { 0x48, 0x89, 0x07 }, 3, 0x7000 },                                     /* [rdi] */
        { { 0x48, 0x89, 0x47, 0xf8 }, 4, 0x6ff8 },                               /* [rdi-8] */
        { { 0x48, 0x89, 0x87, 0x00, 0x01, 0x00, 0x80 }, 7, 0x7100 - 0x80000000ul }, /* [rdi+disp32] */
        { { 0x48, 0x89, 0x04, 0xf7 }, 4, 0x7000 + 0x60 * 8 },                    /* [rdi+rsi*8] */
        { { 0x48, 0x89, 0x04, 0x24 }, 4, 0x4000 },                               /* [rsp] */
        { { 0x49, 0x89, 0x04, 0x24 }, 4, 0xc000 },                               /* [r12] */
        { { 0x4b, 0x89, 0x44, 0xcd, 0x10 }, 5, 0xd000 + 0x900 * 8 + 0x10 },      /* [r13+r9*8+16] */
        { { 0x48, 0x89, 0x04, 0x25, 0x00, 0x10, 0x00, 0x00 }, 8, 0x1000 },       /* [0x1000] */
        { { 0x48, 0x89, 0x05, 0x10, 0x00, 0x00, 0x00 }, 7, 0x1000 + 7 + 0x10 },  /* [rip+16] */
        { { 0xc6, 0x05, 0x10, 0x00, 0x00, 0x00, 0x55 }, 7, 0x1000 + 7 + 0x10 },  /* [rip+16], with an immediate behind */
        { { 0x48, 0x89, 0x45, 0x00 }, 4, 0x5000 },                               /* [rbp+0] */
        { { 0x3e, 0x66, 0x2e, 0x48, 0x89, 0x07 }, 6, 0x7000 },
    };
    const struct cpu_user_regs regs = { .rip = 0x1000, .rsp = 0x4000, .rbp = 0x5000, .rsi = 0x60, .rdi = 0x7000,
                                        .r9 = 0x900, .r12 = 0xc000, .r13 = 0xd000 };

    for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct write_insn w;

        CU_ASSERT(decode_write(cases[i].bytes, cases[i].n, &regs, &w));
        CU_ASSERT_EQUAL(w.length, cases[i].n);
        CU_ASSERT_EQUAL(w.address, cases[i].address);
        for (unsigned int n = 0; n < cases[i].n; n++) /* never whole without its last byte */
            CU_ASSERT_FALSE(decode_write(cases[i].bytes, n, &regs, &w));
    }
}

static void others_are_left_alone(void)
{
    static const uint8_t cases[][15] = {
        { 0x48, 0x89, 0xc7 },       /* mov rdi, rax: a register */
        { 0x48, 0x8b, 0x07 },       /* mov rax, [rdi]: a read */
        { 0x48, 0x39, 0x07 },       /* cmp */
        { 0x48, 0x83, 0x3f, 0x00 }, /* cmp, immediate */
        { 0x64, 0x48, 0x89, 0x07 }, /* fs: */
        { 0x67, 0x48, 0x89, 0x07 }, /* 32-bit address */
        { 0xf0, 0x48, 0x89, 0x07 }, /* lock mov */
        { 0x0f, 0xba, 0x27, 0x01 }, /* bt */
        { 0xc7, 0x0f, 0, 0, 0, 0 }, /* mov's opcode with another field */
        { 0x0f, 0x11, 0x07 },       /* movups */
        { 0xf3, 0x48, 0xab },       /* rep stosq */
        { 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66 },
    };
    const struct cpu_user_regs regs = { .rdi = 0x7000 };
    struct write_insn w;

    for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CU_ASSERT_FALSE(decode_write(cases[i], sizeof(cases[i]), &regs, &w));
}

const struct unit_test unit_tests[] = {
    { "arithmetic does what the machine does", arithmetic_is_the_machines },
    { "moves and exchanges do what the machine does", exchanges_are_the_machines },
    { "bit operations do what the machine does", bits_are_the_machines },
    { "addresses are computed, and need all bytes", addresses_are_computed },
    { "instructions that are no such writes are left alone", others_are_left_alone },
    { NULL, NULL },
};
