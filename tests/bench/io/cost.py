# SPDX-License-Identifier: GPL-2.0-only
"""What a request or a packet costs, exactly: instructions of front-end, back-end and hypervisor, and hypercalls of both domains.

The machine is QEMU with `-icount shift=0` and one CPU, whose TSC counts instructions. Each row is run with N requests and with
3 N; the difference is what 2 N cost, without what starting the program that asks takes.
"""

import tempfile

from calls import Recorder
from machine import KINDS, MACHINES, boot

SEGMENT = 1448      # bytes of a stream that a full packet carries, also where several travel as one
STREAM = 2_000_000


def units(row, count):
    """How many requests or packets a row of COUNT is."""
    if "rr" in row:
        return count * 2
    return count / SEGMENT if "stream" in row else count


def figures(kind, rows, found, recorder):
    """(pair, row) -> name -> number, each of one request or packet."""
    result = {}
    for pair, row, *numbers in found:
        count, first, begin, middle, end = (int(number) for number in numbers)
        number = units(row, 2 * count)
        less, more = recorder.between(first, first + 1), recorder.between(first + 1, first + 2)
        cost = {"instructions": (end - middle - (middle - begin)) / number}
        for name in more:
            cost[name] = (more[name] - less.get(name, 0)) / number
        result[pair, row] = cost
    return result


def measure(build, rows, machines=MACHINES):
    """Subject -> row -> name -> number."""
    result = {}
    for hypervisor, subjects in machines:
        for kind, all_rows in KINDS.items():
            wanted = [row for row in all_rows if row in rows]
            if not wanted:
                continue
            with tempfile.TemporaryDirectory() as scratch:
                recorder = Recorder(f"{build}/kernel/vmlinux", scratch)
                options = ["--icount"] + [f"--qemu-arg={argument}" for argument in recorder.qemu_arguments()]
                found = boot(build, hypervisor, kind, "cost", [pair for _, pair in subjects], wanted, options, STREAM=str(STREAM))
                recorder.join()
            costs = figures(kind, wanted, found, recorder)
            for subject in subjects:
                result.setdefault(subject, {}).update({row: costs[subject[1], row] for row in wanted})
    return result
