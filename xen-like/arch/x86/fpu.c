/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Saving and loading the FPU. The area is hv's own memory and only ever holds what the CPU wrote, or a
 * guest's FXSAVE image after cleaning: XRSTOR cannot fault on it. While a vCPU is loaded the hardware has its
 * XCR0; for saving and loading it gets all bits, so that state behind a bit that the guest switched off does
 * not stay behind.
 */
#include <arch/cpu.h>
#include <arch/fpu.h>
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/heap.h>
#include <hv/string.h>

#define XCR0_FP (1ul << 0)
#define XCR0_SSE (1ul << 1)
#define XCR0_AVX (1ul << 2)
#define XCR0_AVX512 (7ul << 5)

#define FXSAVE_FCW 0
#define FXSAVE_MXCSR 24
#define FXSAVE_MXCSR_MASK 28
#define FXSAVE_BYTES 512
#define XSAVE_XSTATE_BV 512
#define XSAVE_HEADER_BYTES 64
#define MXCSR_RESET 0x1f80u
#define MXCSR_ALL_CPUS 0xffbfu /* what a CPU that reports no mask has */

static uint32_t mxcsr_mask(void)
{
    static uint32_t mask;
    uint8_t area[FXSAVE_BYTES] __attribute__((aligned(16)));

    if (!mask) {
        memset(area, 0, sizeof(area));
        __asm__ volatile("clts; fxsave64 %0" : "=m"(area));
        memcpy(&mask, area + FXSAVE_MXCSR_MASK, sizeof(mask));
        if (!mask)
            mask = MXCSR_ALL_CPUS;
    }
    return mask;
}

void fpu_reset_vcpu(struct vcpu *v)
{
    uint8_t *area = v->arch.fpu;
    const uint16_t fcw = 0x37f;
    const uint32_t mxcsr = MXCSR_RESET;

    memset(area, 0, cpu_features.xsave_size);
    memcpy(area + FXSAVE_FCW, &fcw, sizeof(fcw));
    memcpy(area + FXSAVE_MXCSR, &mxcsr, sizeof(mxcsr));
    v->arch.xcr0 = cpu_features.xsave ? XCR0_FP : 0;
}

int fpu_init_vcpu(struct vcpu *v)
{
    v->arch.fpu = heap_alloc(cpu_features.xsave_size, 64);
    if (!v->arch.fpu)
        return -ENOMEM;
    fpu_reset_vcpu(v);
    return 0;
}

void fpu_destroy_vcpu(struct vcpu *v)
{
    heap_free(v->arch.fpu);
    v->arch.fpu = NULL;
}

void fpu_save(struct vcpu *v)
{
    __asm__ volatile("clts");
    if (!cpu_features.xsave) {
        __asm__ volatile("fxsave64 (%0)" : : "r"(v->arch.fpu) : "memory");
        return;
    }
    if (v->arch.xcr0 != cpu_features.xcr0)
        xsetbv(0, cpu_features.xcr0);
    if (cpu_features.xsaveopt)
        __asm__ volatile("xsaveopt64 (%0)" : : "r"(v->arch.fpu), "a"(~0u), "d"(~0u) : "memory");
    else
        __asm__ volatile("xsave64 (%0)" : : "r"(v->arch.fpu), "a"(~0u), "d"(~0u) : "memory");
}

void fpu_load(struct vcpu *v)
{
    __asm__ volatile("clts");
    if (!cpu_features.xsave) {
        __asm__ volatile("fxrstor64 (%0)" : : "r"(v->arch.fpu) : "memory");
    } else {
        if (xgetbv(0) != cpu_features.xcr0)
            xsetbv(0, cpu_features.xcr0);
        __asm__ volatile("xrstor64 (%0)" : : "r"(v->arch.fpu), "a"(~0u), "d"(~0u) : "memory");
        if (v->arch.xcr0 != cpu_features.xcr0)
            xsetbv(0, v->arch.xcr0);
    }
    if (v->arch.ctrlreg[0] & CR0_TS)
        write_cr0(read_cr0() | CR0_TS);
}

void fpu_import(struct vcpu *v, const void *fxsave)
{
    uint8_t *area = v->arch.fpu;
    uint32_t mxcsr;

    memset(area, 0, cpu_features.xsave_size);
    memcpy(area, fxsave, FXSAVE_BYTES);
    memcpy(&mxcsr, area + FXSAVE_MXCSR, sizeof(mxcsr));
    mxcsr &= mxcsr_mask();
    memcpy(area + FXSAVE_MXCSR, &mxcsr, sizeof(mxcsr));
    if (cpu_features.xsave) {
        const uint64_t present = XCR0_FP | XCR0_SSE;

        memset(area + FXSAVE_BYTES - 96, 0, 96); /* reserved or the software's */
        memcpy(area + XSAVE_XSTATE_BV, &present, sizeof(present));
    }
}

void fpu_export(const struct vcpu *v, void *fxsave)
{
    const uint32_t mxcsr = MXCSR_RESET;
    const uint16_t fcw = 0x37f;
    uint64_t present = XCR0_FP | XCR0_SSE;
    uint8_t *image = fxsave;

    memcpy(image, v->arch.fpu, FXSAVE_BYTES);
    if (!cpu_features.xsave)
        return;
    memcpy(&present, (const uint8_t *)v->arch.fpu + XSAVE_XSTATE_BV, sizeof(present));
    if (!(present & XCR0_FP)) { /* XSAVEOPT writes nothing for state as after reset */
        memset(image, 0, 24);
        memset(image + 32, 0, 128);
        memcpy(image + FXSAVE_FCW, &fcw, sizeof(fcw));
    }
    if (!(present & XCR0_SSE))
        memset(image + 160, 0, 256);
    if (!(present & (XCR0_SSE | XCR0_AVX)))
        memcpy(image + FXSAVE_MXCSR, &mxcsr, sizeof(mxcsr));
}

bool xcr0_valid(uint64_t xcr0)
{
    if (!(xcr0 & XCR0_FP) || (xcr0 & ~cpu_features.xcr0))
        return false;
    if ((xcr0 & XCR0_AVX) && !(xcr0 & XCR0_SSE))
        return false;
    if ((xcr0 & XCR0_AVX512) && ((xcr0 & XCR0_AVX512) != XCR0_AVX512 || !(xcr0 & XCR0_AVX)))
        return false;
    return true;
}
