# SPDX-License-Identifier: GPL-2.0-only
"""What programs in a guest ask of their kernel: the operations of os.c and benchmarks of Debian's perf (programs-init).

A guest of one vCPU runs them, with Debian's kernel on hv and on real Xen, and, when `make guest-kernel` has built it, with
the patched kernel on hv. For comparison the same kernel runs without a hypervisor. Under `qemu -icount shift=0` ticks and
nanoseconds are instructions, of the guest and the hypervisor; with two CPUs they are time, of which only ratios are told.
"""

import os
import re
import subprocess
import tempfile

import system

FIGURE = re.compile(r"^(?:os|perf) (.+): (\d+)\s*$", re.MULTILINE)
PATCHED = "guest-kernel/vmlinux"
STOCK = "kernel/vmlinux"
DONE = "programs done"
LAST = "timer put off"          # the last of os.c's operations
BESIDE = "mprotect of a page beside an idle CPU"
EXTENSIONS = ("user_entry", "kernel_iret", "tables", "switch", "update_ptes", "timer", "lazy_flush")     # bit by bit
GUEST = system.GUEST | {"initramfs": "tests/bench/programs.cpio.gz", "memory": 384}


def figures(which, output):
    """Name -> number, from what the guest has printed."""
    found = {name: int(number) for name, number in FIGURE.findall(output) if int(number)}
    if not found or DONE not in output:
        raise system.incomplete(which, output)
    return found


def in_guest(build, which, kernel, options):
    """Boots a hypervisor and measures in a guest of it with this kernel."""
    log = system.GUEST_LOG[which]
    commands = [f"{system.CREATE_COMMAND[which]} >/dev/null", f"{system.wait_for(which, DONE)} >/dev/null; {log}",
                system.DESTROY_COMMAND[which]]
    output, _ = system.boot(build, which, options, commands, GUEST | {"kernel": kernel})
    return figures(which, output)


def with_masks(build, masks, options, **changes):
    """Column -> name -> instructions with the patched kernel, each column's guest (as GUEST, changed) with a mask of hv's extensions.

    A kernel that does not get to the end in two minutes leaves gaps in its column.
    """
    commands = []
    for number, mask in enumerate(masks.values()):
        log = f"hvctl console --log bench{number} 2>&1"
        commands += [f"sed 's/>bench</>bench{number}</; s/quiet/quiet hv={mask:#x}/' /root/guest.xml >/root/one.xml",
                     f"hvctl create /root/one.xml >/dev/null; for second in $(seq 120); do {log} | grep -qa 'os {LAST}:' && break; sleep 1; done; "
                     f"{log}; echo next",
                     f"hvctl destroy bench{number}"]
    guest = system.GUEST | {"kernel": PATCHED, "initramfs": "tests/bench/os.cpio.gz"} | changes
    output, _ = system.boot(build, "hv", ["--icount", "--hv-options", "tsc=stable"] + options, commands, guest)
    found = [{name: int(number) for name, number in FIGURE.findall(part)} for part in output.split("next")[:len(masks)]]
    if len(found) < len(masks) or LAST not in found[0]:
        raise system.incomplete("hv", output)
    return dict(zip(masks, found))


def without_each(build):
    """Column -> name -> instructions with all of hv's extensions, each in turn left out, and none.

    The last row is of a guest with two vCPUs, the other of which polls while it idles: one that halts is spared by hv anyway.
    """
    everything = (1 << len(EXTENSIONS)) - 1
    masks = {"all": everything} | {f"no {name}": everything & ~(1 << bit) for bit, name in enumerate(EXTENSIONS)} | {"none": 0}
    found = with_masks(build, masks, [])
    two = {which: masks[which] for which in ("all", "no lazy_flush", "none")}
    for which, rows in with_masks(build, two, ["--cpus", "2"], vcpus=2, words=system.GUEST["words"] + " idle=poll").items():
        found[which][f"{BESIDE} that polls"] = rows[BESIDE]
    return found


def without_hypervisor(build, kernel):
    """The same in a machine of its own, booted by PVH, under icount."""
    command = ["qemu-system-x86_64", "-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off", "-smp", "1",
               "-cpu", "max,-smap,-svm,-la57", "-m", str(GUEST["memory"]), "-no-reboot", "-display", "none", "-monitor", "none",
               "-net", "none", "-kernel", f"{build}/{kernel}", "-initrd", f"{build}/{GUEST['initramfs']}",
               "-append", "console=ttyS0 quiet nopti panic=-1"]
    with tempfile.TemporaryDirectory() as scratch:
        with subprocess.Popen(command + ["-serial", f"file:{scratch}/log"], stdin=subprocess.DEVNULL) as qemu:
            try:
                return figures("no hypervisor", wait(qemu, f"{scratch}/log"))
            finally:
                qemu.kill()


def wait(qemu, log):
    """What the machine prints, up to its last line."""
    while True:
        output = ""
        if os.path.exists(log):
            with open(log, encoding="utf-8", errors="replace") as text:
                output = text.read()
        if DONE in output or qemu.poll() is not None:
            return output
        try:
            qemu.wait(1)
        except subprocess.TimeoutExpired:
            pass


def patched(build):
    """Is there a kernel that uses hv's extensions?"""
    return os.path.exists(f"{build}/{PATCHED}")


def configurations(build):
    """Name -> how to measure it, given options of hv-qemu: what there is to measure."""
    found = {"stock, Xen 4.17": lambda options: in_guest(build, "xen", STOCK, options),
             "stock, hv": lambda options: in_guest(build, "hv", STOCK, options)}
    if patched(build):
        found["patched, hv"] = lambda options: in_guest(build, "hv", PATCHED, options)
    return found


def instructions(build):
    """Configuration -> name -> instructions an operation."""
    found = {name: measure(["--icount"]) for name, measure in configurations(build).items()}
    kernel = PATCHED if patched(build) else STOCK
    found["no hypervisor"] = without_hypervisor(build, kernel)
    return found


def time_ratios(build, rounds):
    """Configuration on hv -> name -> its time in relation to the stock kernel's on Xen, for each round; sorted."""
    measures = configurations(build)
    found = {}
    for number in range(rounds):
        order = list(measures)[::-1 if number % 2 else 1]      # so that a drift of the host's load cancels out
        times = {which: measures[which](["--cpus", "2"]) for which in order}
        base = times.pop("stock, Xen 4.17")
        for which, rows in times.items():
            for name in rows.keys() & base.keys():
                found.setdefault(which, {}).setdefault(name, []).append(rows[name] / base[name])
    return {which: {name: sorted(ratios) for name, ratios in rows.items()} for which, rows in found.items()}
