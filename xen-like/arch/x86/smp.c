/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CPUs: starting them, and requests from one to others.
 *
 * A request (smp_call) lies in its caller's own slot; the caller sets its bit in each target's mailbox word
 * and waits until all have answered. A target answers in smp_poll(), which every spin and every interrupt
 * runs; it takes no lock and may interrupt any code that spins, so a request's function must be content with
 * that. A waiting caller answers others meanwhile, so two CPUs may call each other.
 */
#include <arch/acpi.h>
#include <arch/boot.h>
#include <arch/clock.h>
#include <arch/cpu.h>
#include <arch/desc.h>
#include <arch/irq.h>
#include <arch/lapic.h>
#include <arch/paging.h>
#include <arch/smp.h>
#include <arch/traps.h>
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/options.h>
#include <hv/sched.h>
#include <hv/string.h>
#include <hv/time.h>

#define STACK_FIRST_PAGE 32u /* of the CPU's window */

unsigned int nr_cpus = 1;
uint32_t cpu_apic_id[NR_CPUS], cpu_acpi_id[NR_CPUS];
static bool stopping;

extern char boot_cpu_stack[];
extern char trampoline_start[], trampoline_end[];
/* For the CPU that starts now; trampoline.S reads them. */
uint64_t trampoline_stack, trampoline_cr3;
uint32_t trampoline_efer;
void cpu_start(void);

static cpumask_t online = { 1 };
static unsigned int max_cpus = NR_CPUS;
static bool nosmp;
static uint64_t trampoline; /* its machine address */
static uint32_t starting_state; /* of the CPU that is being started */
enum { CPU_SILENT, CPU_ALIVE, CPU_UNFIT };
OPTION_NUMBER(max_cpus, "maxcpus");
OPTION_BOOL(nosmp, "nosmp");

static struct request {
    void (*fn)(void *);
    void *arg;
    uint64_t waiting; /* CPUs that have not answered */
} __attribute__((aligned(64))) requests[NR_CPUS];

static struct { uint64_t callers; } __attribute__((aligned(64))) mailbox[NR_CPUS];

char *cpu_stack(unsigned int cpu)
{
    return cpu ? (char *)CPU_WINDOW_GDT(cpu) + STACK_FIRST_PAGE * PAGE_SIZE : boot_cpu_stack;
}

cpumask_t arch_online_cpus(void) { return cpumask_read(&online); }
void arch_relax(void) { cpu_pause(); }

/* --- requests --- */

void smp_poll(void)
{
    unsigned int me = arch_cpu_id();
    uint64_t callers;

    if (likely(!READ_ONCE(mailbox[me].callers)))
        return;
    callers = __atomic_exchange_n(&mailbox[me].callers, 0, __ATOMIC_ACQUIRE);
    for (; callers; callers &= callers - 1) {
        struct request *r = &requests[__builtin_ctzll(callers)];

        r->fn(r->arg);
        __atomic_fetch_and(&r->waiting, ~(1ull << me), __ATOMIC_RELEASE);
    }
}

void smp_kick(unsigned int cpu) { lapic_send(cpu_apic_id[cpu], VECTOR_KICK); }

void smp_call(cpumask_t cpus, void (*fn)(void *), void *arg)
{
    unsigned int me = arch_cpu_id(), cpu;
    struct request *r = &requests[me];
    cpumask_t others = cpumask_andnot(cpumask_and(cpus, arch_online_cpus()), cpumask_of(me));

    if (!cpumask_empty(others)) {
        r->fn = fn;
        r->arg = arg;
        __atomic_store_n(&r->waiting, others.bits, __ATOMIC_RELEASE);
        cpumask_for_each(cpu, others) {
            /* Non-zero before: somebody's kick is on its way, and answers us too. */
            if (!__atomic_fetch_or(&mailbox[cpu].callers, 1ull << me, __ATOMIC_SEQ_CST))
                smp_kick(cpu);
        }
    }
    if (cpumask_test(cpus, me))
        fn(arg);
    while (!cpumask_empty(others) && __atomic_load_n(&r->waiting, __ATOMIC_ACQUIRE)) {
        smp_poll();
        cpu_pause();
    }
}

/* --- work words, idling --- */

uint32_t arch_work_test_and_clear(uint32_t bits)
{
    return __atomic_fetch_and(&cpu_info()->work, ~bits, __ATOMIC_SEQ_CST) & bits;
}

void arch_work_raise(unsigned int cpu, uint32_t bits)
{
    __atomic_fetch_or(&cpu_info_of(cpu)->work, bits, __ATOMIC_SEQ_CST);
}

void arch_idle_halt(void)
{
    smp_poll();
    /* STI takes effect after HLT has begun: a kick in between ends the halt. */
    if (!arch_work())
        __asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
}

void arch_irq_window(void)
{
    __asm__ volatile("sti\n\tnop\n\tcli" : : : "memory");
    smp_poll();
}

/* --- starting --- */

static void delay(s_time_t ns)
{
    s_time_t end = now() + ns;

    while (now() < end)
        cpu_pause();
}

static void set_state(uint32_t s) { __atomic_store_n(&starting_state, s, __ATOMIC_RELEASE); }
static uint32_t get_state(void) { return __atomic_load_n(&starting_state, __ATOMIC_ACQUIRE); }

/* A started CPU, on its own stack with hv's tables. */
void cpu_start(void)
{
    unsigned int cpu = arch_cpu_id();

    if (!cpu_features_apply()) {
        set_state(CPU_UNFIT);
        for (;;)
            __asm__ volatile("cli; hlt");
    }
    desc_cpu_init(cpu);
    traps_cpu_init(cpu);
    lapic_cpu_init();
    set_state(CPU_ALIVE);
    clock_check_partner();
    while (!cpumask_test(arch_online_cpus(), cpu))
        cpu_pause();
    traps_exit_to_guest();
}

/* Stack, window and record for a CPU that may be started. */
static void prepare(unsigned int cpu, uint32_t apic_id, uint32_t acpi_id)
{
    cpu_window_init(cpu);
    for (unsigned int page = 0; page < CPU_STACK_SIZE / PAGE_SIZE; page++)
        if (page != CPU_STACK_GUARD)
            cpu_window_set(cpu, STACK_FIRST_PAGE + page,
                           boot_alloc(PAGE_SIZE, PAGE_SIZE, ~0ul).v | PTE_HV_RW);
    desc_cpu_prepare(cpu);
    cpu_info_of(cpu)->cpu = cpu;
    cpu_apic_id[cpu] = apic_id;
    cpu_acpi_id[cpu] = acpi_id;
}

static void start_cpu(unsigned int cpu)
{
    trampoline_stack = (uint64_t)cpu_info_of(cpu);
    set_state(CPU_SILENT);
    lapic_send(cpu_apic_id[cpu], LAPIC_INIT);
    delay(MILLISECONDS(10));
    for (unsigned int try = 0; try < 2 && get_state() == CPU_SILENT; try++) {
        lapic_send(cpu_apic_id[cpu], LAPIC_STARTUP | trampoline >> PAGE_SHIFT);
        for (unsigned int i = 0; i < (try ? 10000 : 200) && get_state() == CPU_SILENT; i++)
            delay(MICROSECONDS(100));
    }
}

static bool bring_up(unsigned int cpu)
{
    start_cpu(cpu);
    if (get_state() != CPU_ALIVE) {
        printk(LOG_ERR, "CPU %u (APIC %u) %s; left off\n", cpu, cpu_apic_id[cpu],
               get_state() == CPU_UNFIT ? "lacks features of the first" : "does not start");
        lapic_send(cpu_apic_id[cpu], LAPIC_INIT);
        return false;
    }
    clock_check_cpu(cpu);
    sched_cpu_online(cpu);
    nr_cpus = cpu + 1;
    cpumask_set_atomic(&online, cpu);
    return true;
}

static bool write_trampoline(void)
{
    char *page;

    trampoline = boot_low_memory(PAGE_SIZE);
    if (!trampoline)
        return false;
    page = vmap(MADDR(trampoline), PAGE_SIZE, PTE_RW);
    memcpy(page, trampoline_start, trampoline_end - trampoline_start);
    vunmap(page);
    trampoline_cr3 = read_cr3();
    trampoline_efer = cpu_features.nx ? EFER_NX : 0;
    return true;
}

void smp_start_others(void)
{
    unsigned int cpu = 1;

    if (nosmp || max_cpus <= 1)
        return;
    if (!write_trampoline()) {
        printk(LOG_WARN, "no free page below 1 MiB to start the other CPUs from\n");
        return;
    }
    for (unsigned int i = 0; i < acpi_info.nr_cpus && cpu < min(max_cpus, NR_CPUS); i++) {
        if (acpi_info.cpu[i].apic_id == cpu_apic_id[0])
            continue;
        prepare(cpu, acpi_info.cpu[i].apic_id, acpi_info.cpu[i].acpi_id);
        if (bring_up(cpu))
            cpu++;
    }
    printk(LOG_INFO, "%u CPUs\n", nr_cpus);
}

void smp_boot_cpu_init(void)
{
    cpu_apic_id[0] = lapic_id();
    for (unsigned int i = 0; i < acpi_info.nr_cpus; i++)
        if (acpi_info.cpu[i].apic_id == cpu_apic_id[0])
            cpu_acpi_id[0] = acpi_info.cpu[i].acpi_id;
}

/* --- stopping --- */

void nmi_dispatch(struct cpu_user_regs *regs)
{
    (void)regs;
    while (stopping)
        __asm__ volatile("cli; hlt");
}

void smp_stop_others(void)
{
    unsigned int cpu;

    stopping = true;
    cpumask_for_each(cpu, cpumask_andnot(arch_online_cpus(), cpumask_of(arch_cpu_id())))
        lapic_send(cpu_apic_id[cpu], LAPIC_NMI);
}
