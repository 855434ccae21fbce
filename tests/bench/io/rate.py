# SPDX-License-Identifier: GPL-2.0-only
"""How fast: requests, answers or Mbit a second, of which only the ratio to another subject in the same round means anything.

The machine has two CPUs. A round boots both hypervisors, and rounds alternate the order, so that a drift of the host's load cancels out.
"""

from machine import KINDS, MACHINES, boot


def measure_round(build, rows, number, seconds):
    """Subject -> row -> rate."""
    result = {}
    for hypervisor, subjects in MACHINES[::-1] if number % 2 else MACHINES:
        for kind, all_rows in KINDS.items():
            wanted = [row for row in all_rows if row in rows]
            if not wanted:
                continue
            pairs = [pair for _, pair in subjects]
            found = boot(build, hypervisor, kind, "rate", pairs[::-1] if number % 4 > 1 else pairs, wanted, ["--cpus", "2"],
                         SECONDS_EACH=str(seconds))
            for pair, row, rate in found:
                result.setdefault((hypervisor, pair), {})[row] = float(rate)
    return result


def measure(build, rows, rounds, seconds):
    """[round] -> subject -> row -> rate."""
    return [measure_round(build, rows, number, seconds) for number in range(rounds)]
