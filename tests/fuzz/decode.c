/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Any bytes as an instruction, with any registers: a description is in bounds, and carrying it out changes
 * only what it may.
 */
#include <stdlib.h>
#include <string.h>

#include <arch/decode.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cpu_user_regs regs, after;
    struct write_insn insn;
    uint64_t old, new = 0, mask;
    uint8_t *code;
    size_t n;

    if (size < sizeof(regs) + sizeof(old))
        return 0;
    memcpy(&regs, data, sizeof(regs));
    memcpy(&old, data + sizeof(regs), sizeof(old));
    n = size - sizeof(regs) - sizeof(old);
    code = malloc(n ? n : 1); /* of its own, so that a byte read too much is found */
    memcpy(code, data + sizeof(regs) + sizeof(old), n);
    if (decode_write(code, n, &regs, &insn)) {
        check(insn.length >= 2 && insn.length <= DECODE_MAX_BYTES && insn.length <= n);
        check(insn.bytes == 1 || insn.bytes == 2 || insn.bytes == 4 || insn.bytes == 8);
        mask = insn.bytes == 8 ? ~0ull : (1ull << insn.bytes * 8) - 1;
        check(!(insn.value & ~mask));
        after = regs;
        if (decode_apply(&insn, old, &new, &after))
            check(!(new & ~mask));
        check(after.rip == regs.rip + insn.length);
        check(!((after.rflags ^ regs.rflags) & ~0x8d5ull));
        check(after.cs == regs.cs && after.ss == regs.ss && after.saved_upcall_mask == regs.saved_upcall_mask);
    }
    free(code);
    return 0;
}
