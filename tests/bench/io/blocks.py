# SPDX-License-Identifier: GPL-2.0-only
"""Counts instructions by address, as count_plugin.c in QEMU does: of everything that runs, and nothing while all wait."""

import collections
import os

MODULES, MODULES_END = 0xffffffffc0000000, 0xffffffffff000000
HYPERVISOR, HYPERVISOR_END = 0xffff800000000000, 0xffff880000000000


class Counter:
    """at one machine: what to tell QEMU, and what was counted when it has ended."""

    def __init__(self, build, directory):
        self.path = os.path.join(directory, "counts")
        self.plugin = os.path.abspath(f"{build}/tests/bench/io/count_plugin.so")

    def qemu_arguments(self):
        return ["-plugin", f"{self.plugin},out={self.path}"]

    def intervals(self):
        """[mark] -> address -> instructions since the mark before."""
        found = []
        with open(self.path, encoding="ascii") as lines:
            for line in lines:
                if line == "mark\n":
                    found.append(collections.Counter())
                else:
                    address, count = line.split()
                    found[-1][int(address, 16)] += int(count)
        return found


def part(address):
    """Whose instruction is there."""
    if address < 1 << 47:
        return "programs"
    if HYPERVISOR <= address < HYPERVISOR_END:
        return "hypervisor"
    return "modules" if MODULES <= address < MODULES_END else "kernel"


def difference(intervals, first):
    """address -> instructions of a row: those after its second mark, without as many as after its first."""
    more = collections.Counter(intervals[first + 2])
    more.subtract(intervals[first + 1])
    return more
