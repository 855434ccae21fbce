# SPDX-License-Identifier: GPL-2.0-only
"""What a request or a packet costs, exactly: instructions of both kernels and the hypervisor, and hypercalls of both domains.

The machine is QEMU with `-icount shift=0` and one CPU, where two runs do the same. Each row is run with N requests and with
3 N; the difference is what 2 N cost, without what starting the program that asks takes.
"""

import collections
import tempfile

import blocks
import calls
from machine import KINDS, MACHINES, Failed, boot

SEGMENT = 1448      # bytes of a stream that a full packet carries, also where several travel as one
STREAM = 2_000_000


def units(row, count):
    """How many requests or packets a row of COUNT is."""
    if "rr" in row:
        return count * 2
    return count / SEGMENT if "stream" in row else count


def of_rows(found, recorder, counter):
    """(pair, row) -> name -> number, each of one request or packet; and where its instructions were, by address."""
    intervals = counter.intervals()
    if len(intervals) != len(recorder.marks):
        raise Failed(f"{len(intervals)} marks were seen among instructions, {len(recorder.marks)} among hypercalls")
    result, place = {}, 0
    for pair, row, count, mark in found:
        place = recorder.marks.index(int(mark), place)
        number = units(row, 2 * int(count))
        addresses = blocks.difference(intervals, place)
        cost = collections.Counter()
        for address, instructions in addresses.items():
            cost["in " + blocks.part(address)] += instructions
        # Not those of the program that asks: it is the same everywhere, and none of what is compared.
        cost["instructions"] = sum(addresses.values()) - cost["in programs"]
        cost.update(recorder.difference(place))
        result[pair, row] = {name: value / number for name, value in cost.items()}, addresses
    return result


def run(build, hypervisor, kind, pairs, rows, options=()):
    """One machine: as of_rows()."""
    with tempfile.TemporaryDirectory() as scratch:
        recorder, counter = calls.Recorder(f"{build}/kernel/vmlinux", scratch), blocks.Counter(build, scratch)
        arguments = [f"--qemu-arg={argument}" for argument in recorder.qemu_arguments() + counter.qemu_arguments()]
        found = boot(build, hypervisor, kind, "cost", pairs, rows, ["--icount", *arguments, *options], STREAM=str(STREAM))
        recorder.join()
        return of_rows(found, recorder, counter)


def measure(build, rows, machines=MACHINES):
    """Subject -> row -> name -> number."""
    result = {}
    for hypervisor, subjects in machines:
        for kind, all_rows in KINDS.items():
            wanted = [row for row in all_rows if row in rows]
            if wanted:
                costs = run(build, hypervisor, kind, [pair for _, pair in subjects], wanted)
                for subject in subjects:
                    result.setdefault(subject, {}).update({row: costs[subject[1], row][0] for row in wanted})
    return result
