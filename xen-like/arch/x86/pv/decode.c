/* SPDX-License-Identifier: GPL-2.0-only */
/* See arch/decode.h. Encodings and flags are those of the Intel SDM, volume 2. */
#include <arch/decode.h>

#define FLAG_CF (1ul << 0)
#define FLAG_PF (1ul << 2)
#define FLAG_AF (1ul << 4)
#define FLAG_ZF (1ul << 6)
#define FLAG_SF (1ul << 7)
#define FLAG_OF (1ul << 11)
#define FLAGS_STATUS (FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF)

#define REX_W 8u
#define REX_R 4u
#define REX_X 2u
#define REX_B 1u

struct reader {
    const uint8_t *at, *end;
    bool overrun;
    const struct cpu_user_regs *regs;
    bool operand16, lock, rep, has_rex;
    uint8_t rex;
};

/* --- registers --- */

#define REG(name) offsetof(struct cpu_user_regs, name)

static const uint8_t reg_offset[16] = {
    REG(rax), REG(rcx), REG(rdx), REG(rbx), REG(rsp), REG(rbp), REG(rsi), REG(rdi),
    REG(r8),  REG(r9),  REG(r10), REG(r11), REG(r12), REG(r13), REG(r14), REG(r15),
};

static uint64_t reg_read(const struct cpu_user_regs *regs, unsigned int n)
{
    return *(const uint64_t *)((const char *)regs + reg_offset[n & 15]);
}

static uint64_t mask_of(unsigned int bytes) { return bytes == 8 ? ~0ull : (1ull << bytes * 8) - 1; }

static void reg_write(struct cpu_user_regs *regs, unsigned int n, bool high, unsigned int bytes,
                      uint64_t value)
{
    uint64_t *reg = (uint64_t *)((char *)regs + reg_offset[n & 15]), mask = mask_of(bytes);

    if (high)
        *reg = (*reg & ~0xff00ull) | (value & 0xff) << 8;
    else if (bytes == 4) /* the upper half is cleared */
        *reg = value & mask;
    else
        *reg = (*reg & ~mask) | (value & mask);
}

/* --- reading the instruction --- */

static uint64_t take(struct reader *r, unsigned int bytes)
{
    uint64_t v = 0;

    if ((size_t)(r->end - r->at) < bytes) {
        r->overrun = true;
        return 0;
    }
    for (unsigned int i = 0; i < bytes; i++)
        v |= (uint64_t)*r->at++ << i * 8;
    return v;
}

static uint64_t take_signed(struct reader *r, unsigned int bytes)
{
    uint64_t v = take(r, bytes), sign = 1ull << (bytes * 8 - 1);

    return (v ^ sign) - sign;
}

/* Prefixes. False: one that this does not do (a segment with a base, 32-bit addresses). */
static bool read_prefixes(struct reader *r)
{
    for (;;) {
        uint8_t b = take(r, 1);

        if (r->overrun)
            return false;
        switch (b) {
        case 0x66:
            r->operand16 = true;
            break;
        case 0xf0:
            r->lock = true;
            break;
        case 0xf2:
        case 0xf3: /* XACQUIRE and XRELEASE, without effect */
            r->rep = true;
            break;
        case 0x26: /* segments without a base in 64-bit code */
        case 0x2e:
        case 0x36:
        case 0x3e:
            break;
        case 0x64:
        case 0x65:
        case 0x67:
            return false;
        case 0x40 ... 0x4f: /* counts only in front of the opcode */
            r->rex = b;
            r->has_rex = true;
            return true;
        default:
            r->at--;
            return true;
        }
    }
}

/*
 * ModRM, SIB and displacement of a memory operand; false for a register. rip-relative addresses get added
 * later.
 */
static bool read_memory_operand(struct reader *r, uint8_t *reg_field, uint64_t *address, bool *rip_relative)
{
    uint8_t modrm = take(r, 1), mod = modrm >> 6, rm = modrm & 7;

    *reg_field = modrm >> 3 & 7;
    *rip_relative = false;
    *address = 0;
    if (mod == 3)
        return false;
    if (rm == 4) {
        uint8_t sib = take(r, 1), index = (sib >> 3 & 7) | (r->rex & REX_X ? 8 : 0), base = sib & 7;

        if (index != 4)
            *address += reg_read(r->regs, index) << (sib >> 6);
        if (base == 5 && mod == 0)
            *address += take_signed(r, 4);
        else
            *address += reg_read(r->regs, base | (r->rex & REX_B ? 8 : 0));
    } else if (rm == 5 && mod == 0) {
        *rip_relative = true;
        *address += take_signed(r, 4);
    } else {
        *address += reg_read(r->regs, rm | (r->rex & REX_B ? 8 : 0));
    }
    if (mod == 1)
        *address += take_signed(r, 1);
    else if (mod == 2)
        *address += take_signed(r, 4);
    return !r->overrun;
}

/* --- opcodes --- */

enum source { FROM_REG, FROM_IMM, FROM_IMM8, FROM_NOTHING, BIT_REG, BIT_IMM8 };

struct form {
    enum write_op op;
    enum source source;
    bool byte;
    bool lockable;
};

/* By bits 5 to 3 of the opcode or of ModRM; 7 is CMP, which does not write. */
static const enum write_op arithmetic[8] = {
    WRITE_ADD, WRITE_OR, WRITE_ADC, WRITE_SBB, WRITE_AND, WRITE_SUB, WRITE_XOR, WRITE_MOV
};

static bool form_one_byte(uint8_t opcode, uint8_t field, struct form *f)
{
    f->byte = !(opcode & 1);
    f->lockable = true;
    switch (opcode) {
    case 0x00 ... 0x3f: /* op r/m, r */
        if ((opcode & 7) > 1 || opcode >= 0x38)
            return false;
        *f = (struct form){ arithmetic[opcode >> 3], FROM_REG, f->byte, true };
        return true;
    case 0x80: /* op r/m, imm */
    case 0x81:
    case 0x83:
        f->op = arithmetic[field];
        f->source = opcode == 0x81 ? FROM_IMM : FROM_IMM8;
        return field != 7;
    case 0x86:
    case 0x87:
        f->op = WRITE_XCHG;
        f->source = FROM_REG;
        return true;
    case 0x88:
    case 0x89:
        *f = (struct form){ WRITE_MOV, FROM_REG, f->byte, false };
        return true;
    case 0xc6:
    case 0xc7:
        *f = (struct form){ WRITE_MOV, FROM_IMM, f->byte, false };
        return field == 0;
    case 0xf6:
    case 0xf7:
        *f = (struct form){ field == 2 ? WRITE_NOT : WRITE_NEG, FROM_NOTHING, f->byte, true };
        return field == 2 || field == 3;
    case 0xfe:
    case 0xff:
        *f = (struct form){ field ? WRITE_DEC : WRITE_INC, FROM_NOTHING, f->byte, true };
        return field < 2;
    default:
        return false;
    }
}

static bool form_two_bytes(uint8_t opcode, uint8_t field, struct form *f)
{
    static const enum write_op bits[4] = { WRITE_MOV, WRITE_BTS, WRITE_BTR, WRITE_BTC }; /* [0] is BT */

    *f = (struct form){ .lockable = true };
    switch (opcode) {
    case 0xab: /* BTS, BTR, BTC r/m, r */
    case 0xb3:
    case 0xbb:
        f->op = bits[opcode >> 3 & 3];
        f->source = BIT_REG;
        return true;
    case 0xba:
        f->op = bits[field & 3];
        f->source = BIT_IMM8;
        return field > 4;
    case 0xb0:
    case 0xb1:
        f->op = WRITE_CMPXCHG;
        f->byte = !(opcode & 1);
        f->source = FROM_REG;
        return true;
    case 0xc0:
    case 0xc1:
        f->op = WRITE_XADD;
        f->byte = !(opcode & 1);
        f->source = FROM_REG;
        return true;
    default:
        return false;
    }
}

static void read_source(struct reader *r, const struct form *f, uint8_t field, struct write_insn *insn)
{
    unsigned int bits = insn->bytes * 8, reg = field | (r->rex & REX_R ? 8 : 0);
    int64_t bit;

    insn->reg = -1;
    switch (f->source) {
    case FROM_REG:
        insn->high_byte = f->byte && !r->has_rex && field >= 4;
        insn->reg = insn->high_byte ? field - 4u : reg;
        insn->value = reg_read(r->regs, insn->reg) >> (insn->high_byte ? 8u : 0u);
        break;
    case FROM_IMM:
        insn->value = take_signed(r, min(insn->bytes, (uint8_t)4));
        break;
    case FROM_IMM8:
        insn->value = take_signed(r, 1);
        break;
    case BIT_REG: /* the bit may lie in another word, before or behind */
        bit = reg_read(r->regs, reg);
        if (bits < 64)
            bit = bits == 32 ? (int32_t)bit : (int16_t)bit;
        insn->value = bit & (bits - 1u);
        insn->address += (bit - (int64_t)insn->value) / 8;
        break;
    case BIT_IMM8:
        insn->value = take(r, 1) & (bits - 1);
        break;
    case FROM_NOTHING:
        break;
    }
    insn->value &= mask_of(insn->bytes);
}

bool decode_write(const uint8_t *code, unsigned int n, const struct cpu_user_regs *regs,
                  struct write_insn *insn)
{
    struct reader r = { .at = code, .end = code + min(n, DECODE_MAX_BYTES), .regs = regs };
    bool two_bytes, rip_relative;
    struct form form;
    uint8_t opcode, field;

    *insn = (struct write_insn){ 0 };
    if (!read_prefixes(&r))
        return false;
    opcode = take(&r, 1);
    two_bytes = opcode == 0x0f;
    if (two_bytes)
        opcode = take(&r, 1);
    if (r.overrun || !read_memory_operand(&r, &field, &insn->address, &rip_relative))
        return false;
    if (!(two_bytes ? form_two_bytes(opcode, field, &form) : form_one_byte(opcode, field, &form)))
        return false;
    if (r.lock && !form.lockable)
        return false;
    insn->op = form.op;
    insn->bytes = form.byte ? 1 : r.rex & REX_W ? 8 : r.operand16 ? 2 : 4;
    read_source(&r, &form, field, insn);
    insn->length = r.at - code;
    if (rip_relative)
        insn->address += regs->rip + insn->length;
    return !r.overrun;
}

/* --- carrying it out --- */

static uint64_t flags_of_result(uint64_t result, unsigned int bytes)
{
    uint64_t flags = 0;

    result &= mask_of(bytes);
    if (!result)
        flags |= FLAG_ZF;
    if (result >> (bytes * 8 - 1))
        flags |= FLAG_SF;
    if (!(__builtin_popcountll(result & 0xff) & 1))
        flags |= FLAG_PF;
    return flags;
}

/* Flags of a + b + carry, or of a - b - carry. */
static uint64_t flags_of_sum(uint64_t a, uint64_t b, uint64_t result, unsigned int bytes, bool subtract)
{
    uint64_t flags = flags_of_result(result, bytes), top = bytes * 8 - 1;
    /* What was carried out of, or borrowed into, each bit. */
    uint64_t carry = subtract ? (~a & b) | ((~a | b) & result) : (a & b) | ((a | b) & ~result);
    uint64_t overflow = subtract ? (a ^ b) & (a ^ result) : ~(a ^ b) & (a ^ result);

    if (carry >> top & 1)
        flags |= FLAG_CF;
    if (carry >> 3 & 1)
        flags |= FLAG_AF;
    if (overflow >> top & 1)
        flags |= FLAG_OF;
    return flags;
}

struct outcome {
    uint64_t result, flags, changed; /* changed: which flags */
    bool written;
};

static struct outcome sum(uint64_t a, uint64_t b, bool carry, unsigned int bytes, bool subtract)
{
    uint64_t result = (subtract ? a - b - carry : a + b + carry) & mask_of(bytes);

    return (struct outcome){ result, flags_of_sum(a, b, result, bytes, subtract), FLAGS_STATUS, true };
}

static struct outcome logic(uint64_t result, unsigned int bytes)
{
    return (struct outcome){ result, flags_of_result(result, bytes), FLAGS_STATUS, true };
}

static struct outcome bit(uint64_t result, bool was)
{
    return (struct outcome){ result, was ? FLAG_CF : 0, FLAG_CF, true };
}

static struct outcome compute(const struct write_insn *insn, uint64_t old, const struct cpu_user_regs *regs)
{
    uint64_t v = insn->value, mask = mask_of(insn->bytes), one = 1ull << (v & 63);
    bool carry = regs->rflags & FLAG_CF;
    struct outcome o;

    switch (insn->op) {
    case WRITE_ADD:
    case WRITE_XADD:
        return sum(old, v, false, insn->bytes, false);
    case WRITE_ADC:
        return sum(old, v, carry, insn->bytes, false);
    case WRITE_SUB:
        return sum(old, v, false, insn->bytes, true);
    case WRITE_SBB:
        return sum(old, v, carry, insn->bytes, true);
    case WRITE_NEG:
        return sum(0, old, false, insn->bytes, true);
    case WRITE_INC:
    case WRITE_DEC:
        o = sum(old, 1, false, insn->bytes, insn->op == WRITE_DEC);
        o.changed &= ~FLAG_CF;
        return o;
    case WRITE_OR:
        return logic(old | v, insn->bytes);
    case WRITE_AND:
        return logic(old & v, insn->bytes);
    case WRITE_XOR:
        return logic(old ^ v, insn->bytes);
    case WRITE_BTS:
        return bit(old | one, old & one);
    case WRITE_BTR:
        return bit(old & ~one, old & one);
    case WRITE_BTC:
        return bit(old ^ one, old & one);
    case WRITE_CMPXCHG:
        o = sum(regs->rax & mask, old, false, insn->bytes, true);
        o.written = o.flags & FLAG_ZF;
        o.result = v;
        return o;
    case WRITE_NOT:
        return (struct outcome){ ~old & mask, 0, 0, true };
    default: /* WRITE_MOV, WRITE_XCHG */
        return (struct outcome){ v, 0, 0, true };
    }
}

bool decode_result(const struct write_insn *insn, uint64_t old, const struct cpu_user_regs *regs,
                   uint64_t *new)
{
    struct outcome o;

    if (insn->op == WRITE_MOV) {
        *new = insn->value;
        return true;
    }
    o = compute(insn, old & mask_of(insn->bytes), regs);
    *new = o.result;
    return o.written;
}

bool decode_apply(const struct write_insn *insn, uint64_t old, uint64_t *new, struct cpu_user_regs *regs)
{
    struct outcome o;

    old &= mask_of(insn->bytes);
    o = compute(insn, old, regs);
    if (insn->op == WRITE_XCHG || insn->op == WRITE_XADD)
        reg_write(regs, insn->reg, insn->high_byte, insn->bytes, old);
    if (insn->op == WRITE_CMPXCHG && !o.written)
        reg_write(regs, 0, false, insn->bytes, old);
    regs->rflags = (regs->rflags & ~o.changed) | (o.flags & o.changed);
    regs->rip += insn->length;
    *new = o.result;
    return o.written;
}
