# SPDX-License-Identifier: GPL-2.0-only
"""Counts the hypercalls of all domains, from outside: by what QEMU logs of the kernel's code that makes them.

dom0 and guests run the same kernel, at the same addresses. It makes hypercalls in one place, and iret in another; both are found by
their bytes. `-d exec,cpu` with `-dfilter` on these writes a record, with all registers, each time a CPU comes there. So both hypervisors
are counted in the same way, and nothing that is measured changes. A hypercall that the hypervisor restarts is one; a multicall is one.
"""

import os
import re
import struct
import threading

# push %rcx; push %r11; syscall: rax is the hypercall, rdi, rsi, rdx its arguments. And the iret hypercall.
ENTRY = b"\x51\x41\x53\x0f\x05"
IRET = b"\x6a\x00\x51\x41\x53\x50\xb8\x17\x00\x00\x00\x0f\x05"
MARK, MARKS = 0x687600000000, 0x10000    # see mark.c
RECORD = re.compile(rb"\[\w+/(\w+)/")
REGISTERS = re.compile(rb"\b(RAX|RDI|RSI|RDX)=(\w+)")
NEAR = 400                              # bytes of a record in which these are found

NAMES = {1: "mmu_update", 3: "stack_switch", 5: "fpu_taskswitch", 10: "update_descriptor", 12: "memory_op", 13: "multicall",
         14: "update_va_mapping", 15: "set_timer_op", 17: "xen_version", 20: "grant_table_op", 23: "iret", 24: "vcpu_op",
         25: "set_segment_base", 26: "mmuext_op", 29: "sched_op", 32: "event_channel_op", 33: "physdev_op"}
GRANT, IRET_NUMBER, SEGMENT, EVENT = 20, 23, 25, 32
SEND = 4                                 # EVTCHNOP_send
GRANT_OPS = {0: "map", 1: "unmap", 5: "copy", 7: "unmap"}


def address_of(code, kernel):
    """Where in a kernel, an ELF file, these bytes are, of which there must be one copy in what is executable."""
    with open(kernel, "rb") as file:
        image = file.read()
    offset, = struct.unpack_from("<Q", image, 32)
    size, count = struct.unpack_from("<HH", image, 54)
    found = []
    for i in range(count):
        kind, flags, at, address, _, length = struct.unpack_from("<IIQQQQ", image, offset + i * size)
        if kind == 1 and flags & 3 == 1:
            found += [address + match.start() for match in re.finditer(re.escape(code), image[at:at + length])]
    if len(found) != 1:
        raise ValueError(f"{kernel}: {len(found)} places look like a hypercall: {code.hex()}")
    return found[0]


class Recorder(threading.Thread):
    """Reads what QEMU logs while it runs. marks are the numbers that mark.c has set, at[] what had been counted then."""

    def __init__(self, kernel, directory):
        super().__init__(daemon=True)
        self.entry, self.iret = (address_of(code, kernel) for code in (ENTRY, IRET))
        self.path = os.path.join(directory, "calls")
        os.mkfifo(self.path)
        self.counts = {"calls": 0}
        self.marks, self.at = [], []
        self.previous = None
        self.start()

    def qemu_arguments(self):
        places = f"{self.entry:#x}+{len(ENTRY) + 1},{self.iret:#x}+1"
        return ["-d", "exec,cpu", "-D", self.path, "-dfilter", places]

    def run(self):
        rest = b""
        with open(self.path, "rb") as log:
            while data := log.read1(1 << 20):
                *records, rest = (rest + data).split(b"\nTrace ")
                for record in records:
                    self.take(record)
        self.take(rest)

    def add(self, name, number=1):
        self.counts[name] = self.counts.get(name, 0) + number

    def take(self, record):
        where = RECORD.search(record, 0, 100)
        if not where:
            return
        place = int(where[1], 16)
        # A CPU that is interrupted just there comes there again. What follows a hypercall is recorded to tell that from a new one.
        again = record == self.previous
        self.previous = record
        if again or place not in (self.entry, self.iret):
            return
        registers = {name: int(value, 16) for name, value in REGISTERS.findall(record, 0, NEAR)}
        number, operation, count = registers[b"RAX"] & 0xffffffff, registers[b"RDI"], registers[b"RDX"] & 0xffffffff
        if place == self.iret:
            number = IRET_NUMBER
        elif number == SEGMENT and MARK <= registers[b"RSI"] < MARK + MARKS:
            mark = registers[b"RSI"] - MARK
            if not self.marks or self.marks[-1] != mark:     # it is set again when its process runs again
                self.marks.append(mark)
                self.at.append(dict(self.counts))
        self.add("calls")
        self.add(NAMES.get(number, f"number {number}"))
        if number == EVENT and operation == SEND:
            self.add("notifications")
        elif number == GRANT and operation in GRANT_OPS:
            self.add("grant operations", count)
            self.add("grant " + GRANT_OPS[operation], count)

    def difference(self, place):
        """Name -> how many of a row: those after its second mark, without as many as after its first."""
        begin, middle, end = self.at[place:place + 3]
        return {name: value - 2 * middle.get(name, 0) + begin.get(name, 0) for name, value in end.items()}
