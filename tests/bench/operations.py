# SPDX-License-Identifier: GPL-2.0-only
"""Runs the kernel that measures each operation of the ABI, under `qemu -icount shift=0`, and reads its figures."""

import os
import re
import subprocess

TOP = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
# What both have by default against CPUs that guess too much, on the processor that is measured on; and how to do without.
NO_GUARDS = {"hv": "retpoline=off", "xen": "spec-ctrl=bti-thunk=jmp,branch-harden=no"}
FIGURE = re.compile(r"^# (.+): (\d+) (\d+) (\d+)$")
FLUSHES = re.compile(r"^# flushes: (.+) = (\d+) (\d+) (\d+)$")


class Failed(Exception):
    """The kernel did not get to its end."""


def measure(build, hypervisor, options="", flushes=None):
    """Name -> (iterations, minimum, mean), in the order in which the kernel prints them. In flushes, if there is one, name ->
    (CR3 loads, flushes of the whole TLB, of a page), of what hv counts."""
    command = [f"{TOP}/tests/guest/run", "--in", f"{TOP}/tests/bench", "--build", build, "--hypervisor", hypervisor,
               "--hv-options", options, "--icount", "kernel"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise Failed(f"{hypervisor}: the measuring kernel failed; its output ends\n"
                     + "\n".join((done.stdout + done.stderr).splitlines()[-20:]))
    if flushes is not None:
        counted = (FLUSHES.search(line) for line in done.stdout.splitlines())
        flushes |= {match[1]: tuple(int(n) for n in match.groups()[1:]) for match in counted if match}
    found = (FIGURE.search(line) for line in done.stdout.splitlines())
    return {match[1]: tuple(int(n) for n in match.groups()[1:]) for match in found if match}
