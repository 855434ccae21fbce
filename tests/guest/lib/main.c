/* SPDX-License-Identifier: GPL-2.0-only */
/* The C entry: sets the runtime up in the order its parts need each other, runs the test, gives the verdict. */
#include "guest.h"
#include <public/elfnote.h>
#include <public/hv.h>

struct start_info *start_info;
struct shared_info *shared_info;

static char shared_info_page[4096] __attribute__((aligned(4096)));

void guest_start(struct start_info *info) __attribute__((noreturn));

bool is_dom0(void)
{
    return start_info->flags & SIF_INITDOMAIN;
}

uint64_t option(const char *name, uint64_t fallback)
{
    const char *s = (const char *)start_info->cmd_line;
    size_t n = strlen(name);

    for (; *s; s++)
        if ((s == (const char *)start_info->cmd_line || s[-1] == ' ') && !strncmp(s, name, n) && s[n] == '=')
            return parse_number(s + n + 1);
    return fallback;
}

static uint32_t emulated_cpuid(uint32_t leaf, uint32_t *b, uint32_t *c, uint32_t *d)
{
    *c = 0;
    asm volatile(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e\n\tcpuid" : "+a"(leaf), "=b"(*b), "+c"(*c), "=d"(*d));
    return leaf;
}

bool running_on_hv(void)
{
    uint32_t b, c, d;

    emulated_cpuid(HV_CPUID_LEAF(0), &b, &c, &d);
    return b == HV_CPUID_SIGNATURE_EBX && c == HV_CPUID_SIGNATURE_ECX && d == HV_CPUID_SIGNATURE_EDX;
}

bool hv_offers(unsigned int feature)
{
    uint32_t b, c, d;

    return running_on_hv() && emulated_cpuid(HV_CPUID_LEAF(1), &b, &c, &d) >> feature & 1;
}

static void map_shared_info(void)
{
    shared_info = (struct shared_info *)shared_info_page;
    if (hyp_update_va_mapping((unsigned long)shared_info_page, start_info->shared_info | PTE_RW, UVMF_INVLPG))
        bail("cannot map shared_info at %lx", start_info->shared_info);
}

void guest_start(struct start_info *info)
{
    start_info = info;
    cpu_init();
    memory_init();
    console_init();
    map_shared_info();
    cpus[0].info = &shared_info->vcpu_info[0];
    event_init();
    event_disable();
    hyp_vm_assist(VMASST_CMD_enable, VMASST_TYPE_writable_pagetables);  /* an ordinary domain starts without */
    trap_init();
    test_main();
    finish();
}
