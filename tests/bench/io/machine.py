# SPDX-License-Identifier: GPL-2.0-only
"""Boots a machine that measures rows of disks or of networks, by what tests/pv-drivers has for its tests."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from operations import Failed, TOP      # noqa: E402 (from the folder above)

# Who is compared: (hypervisor, pair of front-end and back-end).
OURS, LINUX, XEN = ("hv", "hv-hv"), ("hv", "stock-stock"), ("xen", "stock-stock")
MACHINES = (("hv", (OURS, LINUX)), ("xen", (XEN,)))
NAMES = {OURS: "hv's on hv", LINUX: "Linux's on hv", XEN: "Linux's on Xen"}

DISK_ROWS = [f"{rw}-{depth}" for depth in (1, 32) for rw in ("randread-4k", "randwrite-4k", "read-64k", "write-64k")]
NET_ROWS = ["rr-64", "stream-to", "stream-from", "between-rr-64", "between-stream"]
KINDS = {"disk": DISK_ROWS, "net": NET_ROWS}


def boot(build, hypervisor, kind, part, pairs, rows, options, **environment):
    """Lines of the output that are about rows: (pair, row, figures...)."""
    command = {"disk": [f"{TOP}/tests/pv-drivers/blk-run", part], "net": [f"{TOP}/tests/pv-drivers/net/run", " ".join(pairs), part]}[kind]
    if hypervisor == "xen":
        options = ["--hypervisor", f"{build}/peer/xen.elf", "--initramfs", f"{build}/dom0-peer.cpio.gz"] + options
    if kind == "net":
        options = ["--put", f"{build}/tests/bench/io/mark:/bin/bench-mark"] + options
    environment = dict(os.environ, BUILD=build, PAIRS=" ".join(pairs), ROWS=",".join(rows), **environment)
    done = subprocess.run(command + ["--timeout", "2400"] + options, capture_output=True, text=True, errors="replace", check=False,
                          env=environment)
    lines = [line.split() for line in done.stdout.splitlines()]
    found = [tuple(words[1:]) for words in lines if words[:1] == [part]]
    if done.returncode or {(pair, row) for pair in pairs for row in rows} != {words[:2] for words in found}:
        raise Failed(f"{kind} on {hypervisor}: no complete run; its output ends\n"
                     + "\n".join((done.stdout + done.stderr).splitlines()[-40:]))
    return found
