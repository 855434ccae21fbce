# SPDX-License-Identifier: GPL-2.0-only
"""Boots whole systems, hv's and real Xen's, makes a guest in each, and tells what that took.

Both have the same dom0 kernel, and the guest is the same uncompressed kernel and initramfs, made by `hvctl create` on hv and
by `xl create` on Xen. Points in time are what a program (ticks.c) reads from the TSC when it has got there. That
counts instructions if the machine has one CPU under `qemu -icount shift=0`, where two runs give the same figures; else
it counts the host's time, which only a ratio of runs made at the same time can be quoted from.
"""

import os
import re
import subprocess
import tempfile

from operations import Failed, TOP

TICKS = re.compile(r"ticks (\w+) (\d+)")
TABLES = re.compile(r"frame table and M2P (\d+) KiB")
MIB = 2048
BOOT, CREATE, START = "power-on to dom0's shell", "create a guest (the tool)", "create to the guest's user space"

GUEST_XML = """<domain type='xen'><name>bench</name><memory unit='MiB'>{memory}</memory><vcpu>{vcpus}</vcpu>
<os><type>linux</type><kernel>/boot/vmlinux</kernel><initrd>/boot/guest.cpio.gz</initrd>
<cmdline>{words}</cmdline></os><devices><console type='pty'/></devices></domain>
"""
# Without an invariant TSC, xl's default is one that Xen emulates and that starts at 0.
GUEST_XL = """name = "bench"
memory = {memory}
vcpus = {vcpus}
kernel = "/boot/vmlinux"
ramdisk = "/boot/guest.cpio.gz"
extra = "{words}"
tsc_mode = "native"
"""
GUEST = {"kernel": "kernel/vmlinux", "initramfs": "tests/bench/guest.cpio.gz", "memory": 256, "vcpus": 1,
         "words": "console=hvc0 quiet"}
CREATE_COMMAND = {"hv": "hvctl create /root/guest.xml", "xen": "xl create /root/guest.cfg"}
DESTROY_COMMAND = {"hv": "hvctl destroy bench", "xen": "xl destroy bench"}
GUEST_LOG = {"hv": "hvctl console --log bench 2>&1", "xen": "cat /var/log/xen/guest-bench.log"}


def wait_for(which, line):
    """A command for dom0 that waits until the guest has printed this, and prints it."""
    return f"until {GUEST_LOG[which]} | grep -a '{line}'; do sleep 1; done"


def boot(build, which, options, commands, guest):
    """Boots one hypervisor with a guest (as GUEST) at hand and runs commands in its dom0: (their output, the whole console)."""
    with tempfile.TemporaryDirectory() as scratch:
        for name, text in (("guest.xml", GUEST_XML), ("guest.cfg", GUEST_XL)):
            with open(f"{scratch}/{name}", "w", encoding="utf-8") as out:
                out.write(text.format(**guest))
        command = [f"{TOP}/tests/boot/hv-qemu", "--direct", "--timeout", "1200", "--memory", str(MIB),
                   "--log", f"{scratch}/log"] + options
        if which == "xen":
            command += ["--hypervisor", f"{build}/peer/xen.elf", "--initramfs", f"{build}/dom0-peer.cpio.gz"]
        for source, path in ((f"{build}/tests/bench/ticks", "/bin/ticks"), (f"{build}/{guest['kernel']}", "/boot/vmlinux"),
                             (f"{build}/{guest['initramfs']}", "/boot/guest.cpio.gz"),
                             (f"{scratch}/guest.xml", "/root/guest.xml"), (f"{scratch}/guest.cfg", "/root/guest.cfg")):
            command += ["--put", f"{source}:{path}"]
        for line in commands:
            command += ["--exec", line]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False,
                              env=dict(os.environ, BUILD=build))
        with open(f"{scratch}/log", encoding="utf-8", errors="replace") as log:
            console = log.read()
    if done.returncode:
        raise incomplete(which, done.stdout + done.stderr)
    return done.stdout, console


def incomplete(which, output):
    """What to raise when a run is not what it should be."""
    return Failed(f"{which}: no complete run; its output ends\n" + "\n".join(output.splitlines()[-20:]))


def run(build, which, options, up_to=START):
    """Boots one hypervisor: (name -> ticks, up to that one; the whole console)."""
    commands = ["ticks boot", f"ticks begin; {CREATE_COMMAND[which]} && ticks created", DESTROY_COMMAND[which]]
    if up_to == START:
        commands.insert(2, wait_for(which, "ticks guest"))
    output, console = boot(build, which, options, commands, GUEST)
    at = {word: int(number) for word, number in TICKS.findall(output)}
    if not {"boot", "begin", "created"} | ({"guest"} if up_to == START else set()) <= at.keys():
        raise incomplete(which, output)
    ticks = {BOOT: at["boot"], CREATE: at["created"] - at["begin"]}
    if up_to == START:
        ticks[START] = at["guest"] - at["begin"]
    return ticks, console


def instructions(build, which, up_to=START):
    """(Name -> instructions, the console). Time that passes while all CPUs are idle is counted as well."""
    return run(build, which, ["--icount"], up_to)


def time_ratios(build, rounds):
    """Name -> the ratios of hv's time to Xen's, one for each round of two boots with two CPUs; sorted."""
    found = {}
    for number in range(rounds):
        order = ("hv", "xen") if number % 2 else ("xen", "hv")     # so that a drift of the host's load cancels out
        ticks = {which: run(build, which, ["--cpus", "2"])[0] for which in order}
        for name in ticks["hv"]:
            found.setdefault(name, []).append(ticks["hv"][name] / ticks["xen"][name])
    return {name: sorted(ratios) for name, ratios in found.items()}


def memory(build, console):
    """What hv itself takes: (KiB of its image when loaded, per cent of the machine's memory for frame table and M2P)."""
    with open(f"{build}/hv.sym", encoding="ascii") as symbols:
        end = next(int(line.split()[0], 16) for line in symbols if line.split()[-1] == "_image_end")
    tables = TABLES.search(console)
    if not tables:
        raise Failed("hv's console does not say how large its tables are")
    return (end & 0xffffffff) / 1024, int(tables[1]) / (MIB * 1024) * 100
