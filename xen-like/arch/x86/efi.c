/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * UEFI's tables, and calls to its runtime services. The firmware believes that memory is mapped one to one:
 * so hv calls it with page tables of their own, that map what the memory map marks as needed at run time so,
 * and hv's half as ever. One call at a time, on the CPU's main stack; the vCPU's FPU state is put aside, for
 * the firmware may use SSE. Layouts: UEFI Specification 2.9, chapters 4 and 8.
 */
#include <arch/boot.h>
#include <arch/cpu.h>
#include <arch/efi.h>
#include <arch/fpu.h>
#include <arch/paging.h>
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/heap.h>
#include <hv/string.h>

struct efi_header { uint64_t signature; uint32_t revision, size, crc, reserved; };

struct efi_system_table {
    struct efi_header header;
    uint64_t vendor;
    uint32_t firmware_revision;
    uint64_t console[6];
    uint64_t runtime, boot, nr_tables, tables;
};

struct efi_time {
    uint16_t year;
    uint8_t month, day, hour, minute, second, pad1;
    uint32_t nanosecond;
    int16_t timezone;
    uint8_t daylight, pad2;
};

struct efi_time_capabilities { uint32_t resolution, accuracy; uint8_t sets_to_zero; };

typedef uint64_t efi_status;
#define EFI_CALL __attribute__((ms_abi))

struct efi_runtime {
    struct efi_header header;
    efi_status (EFI_CALL *get_time)(struct efi_time *, struct efi_time_capabilities *);
    efi_status (EFI_CALL *set_time)(const struct efi_time *);
    efi_status (EFI_CALL *get_wakeup_time)(uint8_t *enabled, uint8_t *pending, struct efi_time *);
    efi_status (EFI_CALL *set_wakeup_time)(uint8_t enable, const struct efi_time *);
    void *set_virtual_address_map, *convert_pointer;
    efi_status (EFI_CALL *get_variable)(const uint16_t *name, const void *guid, uint32_t *attributes,
                                        uint64_t *size, void *data);
    efi_status (EFI_CALL *get_next_variable_name)(uint64_t *size, uint16_t *name, void *guid);
    efi_status (EFI_CALL *set_variable)(const uint16_t *name, const void *guid, uint32_t attributes,
                                        uint64_t size, const void *data);
    efi_status (EFI_CALL *get_next_high_monotonic_count)(uint32_t *count);
    void (EFI_CALL *reset_system)(uint32_t type, efi_status status, uint64_t size, void *data);
    void *update_capsule, *query_capsule;
    efi_status (EFI_CALL *query_variable_info)(uint32_t attributes, uint64_t *max_store, uint64_t *remain,
                                               uint64_t *max_size);
};

struct efi_descriptor { uint32_t type, pad; uint64_t start, virt, pages, attributes; };
#define EFI_MEMORY_RUNTIME (1ull << 63)

#define NAME_MAX_BYTES 2048u
#define DATA_MAX_BYTES 65536u

static struct efi_system_table system_table;
static struct efi_runtime *runtime; /* its machine address, valid under efi_root */
static uint32_t runtime_revision;
static uint16_t vendor[64];
static uint64_t efi_root[512] __attribute__((aligned(4096)));
static spinlock_t efi_lock = SPINLOCK(LOCK_DEVICE);

/* --- boot --- */

static bool read_machine(uint64_t maddr, void *to, size_t n)
{
    void *p = maddr ? vmap(MADDR(maddr), n, 0) : NULL;

    if (!p)
        return false;
    memcpy(to, p, n);
    vunmap(p);
    return true;
}

static const struct efi_descriptor *descriptor(uint32_t i)
{
    uint32_t at = i * boot_info.efi_descriptor_size;

    if (!boot_info.efi_memory_map || boot_info.efi_descriptor_size < sizeof(struct efi_descriptor) ||
        at + boot_info.efi_descriptor_size > boot_info.efi_memory_map_size)
        return NULL;
    return (const void *)(boot_info.efi_memory_map + at);
}

static uint64_t *table_below(uint64_t *entry)
{
    if (!(*entry & PTE_P))
        *entry = paging_new_table();
    return mfn_to_virt(MFN((*entry & PTE_ADDR_MASK) >> PAGE_SHIFT));
}

static void map_identity(uint64_t start, uint64_t pages)
{
    for (uint64_t va = start; va < start + (pages << PAGE_SHIFT); va += PAGE_SIZE) {
        uint64_t *l3 = table_below(&efi_root[pt_index(va, 4)]);
        uint64_t *l2 = table_below(&l3[pt_index(va, 3)]);
        uint64_t *l1 = table_below(&l2[pt_index(va, 2)]);

        l1[pt_index(va, 1)] = va | PTE_P | PTE_RW | PTE_A | PTE_D;
    }
}

void efi_init(void)
{
    const struct efi_descriptor *d;

    if (!boot_info.efi_system_table ||
        !read_machine(boot_info.efi_system_table, &system_table, sizeof(system_table)))
        return;
    memcpy(&efi_root[HV_ROOT_SLOT_FIRST], &hv_root[HV_ROOT_SLOT_FIRST],
           (HV_ROOT_SLOT_LAST - HV_ROOT_SLOT_FIRST + 1) * sizeof(uint64_t));
    for (uint32_t i = 0; (d = descriptor(i)); i++)
        if ((d->attributes & EFI_MEMORY_RUNTIME) && d->start + (d->pages << PAGE_SHIFT) <= 1ul << 46)
            map_identity(d->start, d->pages);
    if (boot_info.efi_memory_map) {
        struct efi_header header;

        if (read_machine(system_table.runtime, &header, sizeof(header))) {
            runtime = (struct efi_runtime *)system_table.runtime;
            runtime_revision = header.revision;
        }
    }
    read_machine(system_table.vendor, vendor, sizeof(vendor) - sizeof(vendor[0]));
    printk(LOG_INFO, "UEFI %u.%u, %lu configuration tables, runtime services %s\n",
           system_table.header.revision >> 16, (system_table.header.revision & 0xffff) / 10,
           system_table.nr_tables, runtime ? "usable" : "unusable");
}

/* --- XEN_FW_EFI_INFO --- */

static int vendor_info(union xenpf_efi_info *info)
{
    uint32_t n = 0, room = info->vendor.bufsz / sizeof(uint16_t);
    uint16_t end = 0;

    info->vendor.revision = system_table.firmware_revision;
    while (n + 1 < room && vendor[n])
        n++;
    if (!room)
        return 0;
    if (arch_copy_to_guest(info->vendor.name.p, vendor, n * sizeof(uint16_t)) ||
        arch_copy_to_guest((uint16_t *)info->vendor.name.p + n, &end, sizeof(end)))
        return -EFAULT;
    return 0;
}

static int memory_info(union xenpf_efi_info *info)
{
    const struct efi_descriptor *d;

    for (uint32_t i = 0; (d = descriptor(i)); i++) {
        uint64_t length = d->pages << PAGE_SHIFT, offset = info->mem.addr - d->start;

        if (info->mem.addr < d->start || offset >= length)
            continue;
        info->mem.type = d->type;
        info->mem.attr = d->attributes;
        if (!info->mem.size || info->mem.size > length - offset)
            info->mem.size = length - offset;
        return 0;
    }
    return -ESRCH;
}

int efi_get_info(uint32_t index, union xenpf_efi_info *info)
{
    if (!boot_info.efi_system_table)
        return -ENOSYS;
    switch (index) {
    case XEN_FW_EFI_VERSION:
        info->version = system_table.header.revision;
        return 0;
    case XEN_FW_EFI_RT_VERSION:
        info->version = runtime_revision;
        return runtime ? 0 : -ENODEV;
    case XEN_FW_EFI_CONFIG_TABLE:
        info->cfg.addr = system_table.tables;
        info->cfg.nent = system_table.nr_tables;
        return 0;
    case XEN_FW_EFI_VENDOR:
        return vendor_info(info);
    case XEN_FW_EFI_MEM_INFO:
        return memory_info(info);
    case XEN_FW_EFI_PCI_ROM:
        return -ENOENT;
    case XEN_FW_EFI_APPLE_PROPERTIES:
        return -ENODATA;
    default:
        return -EINVAL;
    }
}

/* --- runtime services --- */

static uint64_t saved_cr3;

/* Between these two the firmware's tables are loaded: no guest memory can be reached. */
static void enter_firmware(void)
{
    spin_lock(&efi_lock);
    if (current)
        fpu_save(current);
    saved_cr3 = read_cr3();
    write_cr3(virt_to_mfn(efi_root).v << PAGE_SHIFT);
}

static void leave_firmware(void)
{
    write_cr3(saved_cr3);
    if (current)
        fpu_load(current);
    spin_unlock(&efi_lock);
}

static void time_out(struct xenpf_efi_time *to, const struct efi_time *t)
{
    *to = (struct xenpf_efi_time){ .year = t->year, .month = t->month, .day = t->day, .hour = t->hour,
                                   .min = t->minute, .sec = t->second, .ns = t->nanosecond,
                                   .tz = t->timezone, .daylight = t->daylight };
}

static struct efi_time time_in(const struct xenpf_efi_time *t)
{
    return (struct efi_time){ .year = t->year, .month = t->month, .day = t->day, .hour = t->hour,
                              .minute = t->min, .second = t->sec, .nanosecond = t->ns, .timezone = t->tz,
                              .daylight = t->daylight };
}

static int call_get_time(struct xenpf_efi_runtime_call *op)
{
    struct efi_time_capabilities caps = { 0 };
    struct efi_time t = { 0 };

    if (op->misc)
        return -EINVAL;
    enter_firmware();
    op->status = runtime->get_time(&t, &caps);
    leave_firmware();
    time_out(&op->u.get_time.time, &t);
    op->u.get_time.resolution = caps.resolution;
    op->u.get_time.accuracy = caps.accuracy;
    op->misc = caps.sets_to_zero ? XEN_EFI_GET_TIME_SET_CLEARS_NS : 0;
    return 0;
}

static int call_set_time(struct xenpf_efi_runtime_call *op)
{
    struct efi_time t = time_in(&op->u.set_time);

    if (op->misc)
        return -EINVAL;
    enter_firmware();
    op->status = runtime->set_time(&t);
    leave_firmware();
    return 0;
}

static int call_get_wakeup_time(struct xenpf_efi_runtime_call *op)
{
    uint8_t enabled = 0, pending = 0;
    struct efi_time t = { 0 };

    if (op->misc)
        return -EINVAL;
    enter_firmware();
    op->status = runtime->get_wakeup_time(&enabled, &pending, &t);
    leave_firmware();
    time_out(&op->u.get_wakeup_time, &t);
    op->misc = (enabled ? XEN_EFI_GET_WAKEUP_TIME_ENABLED : 0) |
               (pending ? XEN_EFI_GET_WAKEUP_TIME_PENDING : 0);
    return 0;
}

static int call_set_wakeup_time(struct xenpf_efi_runtime_call *op)
{
    struct efi_time t = time_in(&op->u.set_wakeup_time);
    bool enable = op->misc & XEN_EFI_SET_WAKEUP_TIME_ENABLE;
    bool keep = op->misc & XEN_EFI_SET_WAKEUP_TIME_ENABLE_ONLY;

    if (op->misc & ~(XEN_EFI_SET_WAKEUP_TIME_ENABLE | XEN_EFI_SET_WAKEUP_TIME_ENABLE_ONLY))
        return -EINVAL;
    enter_firmware();
    op->status = runtime->set_wakeup_time(enable, keep ? NULL : &t);
    leave_firmware();
    return 0;
}

static int call_monotonic(struct xenpf_efi_runtime_call *op)
{
    uint32_t count = 0;

    if (op->misc)
        return -EINVAL;
    enter_firmware();
    op->status = runtime->get_next_high_monotonic_count(&count);
    leave_firmware();
    op->misc = count;
    return 0;
}

/* A guest's UCS-2 string with its end, into a buffer of NAME_MAX_BYTES. */
static int name_in(uint16_t *name, const uint16_t *guest)
{
    for (unsigned int i = 0; i < NAME_MAX_BYTES / sizeof(*name); i++) {
        if (arch_copy_from_guest(&name[i], guest + i, sizeof(*name)))
            return -EFAULT;
        if (!name[i])
            return i ? 0 : -EINVAL;
    }
    return -EINVAL;
}

static int call_get_variable(struct xenpf_efi_runtime_call *op, uint16_t *name, void *data)
{
    uint64_t size = op->u.get_variable.size;
    uint32_t attributes = 0;
    int rc = op->misc ? -EINVAL : name_in(name, op->u.get_variable.name.p);

    if (rc)
        return rc;
    if (size > DATA_MAX_BYTES)
        size = DATA_MAX_BYTES;
    enter_firmware();
    op->status = runtime->get_variable(name, &op->u.get_variable.vendor_guid, &attributes, &size, data);
    leave_firmware();
    if (!op->status &&
        arch_copy_to_guest(op->u.get_variable.data.p, data, min(size, (uint64_t)DATA_MAX_BYTES)))
        return -EFAULT;
    op->u.get_variable.size = size;
    op->misc = attributes;
    return 0;
}

static int call_set_variable(struct xenpf_efi_runtime_call *op, uint16_t *name, void *data)
{
    uint64_t size = op->u.set_variable.size;
    int rc = name_in(name, op->u.set_variable.name.p);

    if (rc)
        return rc;
    if (size > DATA_MAX_BYTES)
        return -ENOMEM;
    if (arch_copy_from_guest(data, op->u.set_variable.data.p, size))
        return -EFAULT;
    enter_firmware();
    op->status = runtime->set_variable(name, &op->u.set_variable.vendor_guid, op->misc, size, data);
    leave_firmware();
    return 0;
}

static int call_next_variable(struct xenpf_efi_runtime_call *op, uint16_t *name, void *data)
{
    uint64_t room = op->u.get_next_variable_name.size, size;

    (void)data;
    if (op->misc)
        return -EINVAL;
    room = min(room, (uint64_t)NAME_MAX_BYTES);
    size = room;
    if (arch_copy_from_guest(name, op->u.get_next_variable_name.name.p, room))
        return -EFAULT;
    enter_firmware();
    op->status = runtime->get_next_variable_name(&size, name, &op->u.get_next_variable_name.vendor_guid);
    leave_firmware();
    op->u.get_next_variable_name.size = size;
    if (!op->status && arch_copy_to_guest(op->u.get_next_variable_name.name.p, name, min(size, room)))
        return -EFAULT;
    return 0;
}

static int call_query_variables(struct xenpf_efi_runtime_call *op)
{
    uint64_t max_store = 0, remain = 0, max_size = 0;

    if (op->misc & ~XEN_EFI_VARINFO_BOOT_SNAPSHOT)
        return -EINVAL;
    enter_firmware();
    op->status = runtime->query_variable_info(op->u.query_variable_info.attr, &max_store, &remain, &max_size);
    leave_firmware();
    op->u.query_variable_info.max_store_size = max_store;
    op->u.query_variable_info.remain_store_size = remain;
    op->u.query_variable_info.max_size = max_size;
    return 0;
}

/*
 * The calls about variables, with buffers that the firmware can reach: hv's half is mapped under its tables
 * too.
 */
static int with_buffers(struct xenpf_efi_runtime_call *op,
                        int (*call)(struct xenpf_efi_runtime_call *op, uint16_t *name, void *data))
{
    uint16_t *name = heap_alloc(NAME_MAX_BYTES, 16);
    void *data = heap_alloc(DATA_MAX_BYTES, 16);
    int rc = name && data ? call(op, name, data) : -ENOMEM;

    heap_free(data);
    heap_free(name);
    return rc;
}

int efi_runtime_call(struct xenpf_efi_runtime_call *op)
{
    if (!runtime)
        return -ENOSYS;
    switch (op->function) {
    case XEN_EFI_get_time:
        return call_get_time(op);
    case XEN_EFI_set_time:
        return call_set_time(op);
    case XEN_EFI_get_wakeup_time:
        return call_get_wakeup_time(op);
    case XEN_EFI_set_wakeup_time:
        return call_set_wakeup_time(op);
    case XEN_EFI_get_next_high_monotonic_count:
        return call_monotonic(op);
    case XEN_EFI_get_variable:
        return with_buffers(op, call_get_variable);
    case XEN_EFI_set_variable:
        return with_buffers(op, call_set_variable);
    case XEN_EFI_get_next_variable_name:
        return with_buffers(op, call_next_variable);
    case XEN_EFI_query_variable_info:
        return runtime_revision >> 16 >= 2 ? call_query_variables(op) : -ENOSYS;
    default:
        return -ENOSYS;
    }
}

void efi_reset(bool power_off)
{
    if (!runtime)
        return;
    write_cr3(virt_to_mfn(efi_root).v << PAGE_SHIFT);
    runtime->reset_system(power_off ? 2 : 0, 0, 0, NULL);
}
