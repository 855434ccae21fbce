# SPDX-License-Identifier: GPL-2.0-only
"""Reads the layout of structures, unions, typedefs and enumerations from an object file's DWARF 4."""

import os
import re
import subprocess

PREFIX = {
    "DW_TAG_structure_type": "struct ",
    "DW_TAG_union_type": "union ",
    "DW_TAG_enumeration_type": "enum ",
}
CALLED_SIGNED = {"5", "6", "13"}     # DW_ATE_signed, _signed_char, _signed_fixed


def readelf(what, objectfile):
    command = ["readelf", f"--debug-dump={what}", objectfile]
    return subprocess.run(command, text=True, capture_output=True, check=True).stdout.splitlines()


class Type:
    def __init__(self, header, size):
        self.header, self.size = header, size
        self.members = {}    # path -> (offset in bits, size in bits, signedness or None)
        self.optional = set()    # paths that are, or are within, an alternative of a union


def read_entries(objectfile):
    """The DWARF tree, as {id: (tag, {attribute: text}, [children])}."""
    entries, stack, current = {}, [], None
    start = re.compile(r" <(\w+)><(\w+)>: Abbrev Number: \d+ \((\w+)\)")
    attribute = re.compile(r" +<\w+> +(DW_AT_\w+) *: (?:\(indirect[^)]*\): )?(.*)")
    for line in readelf("info", objectfile):
        if found := start.match(line):
            depth, key = int(found[1], 16), found[2]
            current = entries[key] = (found[3], {}, [])
            del stack[depth:]
            if stack:
                stack[-1][2].append(key)
            stack.append(current)
        elif current and (found := attribute.match(line)):
            current[1][found[1]] = found[2].split("\t")[0].strip()
    return entries


def read_files(objectfile):
    """The numbers that DW_AT_decl_file uses."""
    directories, files, where = {}, {}, None
    for line in readelf("rawline", objectfile):
        words = line.split()
        if "Directory Table" in line:
            where = directories
        elif "File Name Table" in line:
            where = files
        elif where is directories and len(words) == 2:
            directories[words[0]] = words[1]
        elif where is files and len(words) == 5 and words[0].isdigit():
            files[words[0]] = os.path.join(directories.get(words[1], ""), words[4])
    return files


class Layouts:
    """Turns DWARF entries into Types."""

    def __init__(self, entries):
        self.entries = entries

    def target(self, attributes):
        return attributes.get("DW_AT_type", "").strip("<>").removeprefix("0x")

    def strip(self, key):
        """Follows typedefs and qualifiers."""
        while key and self.entries[key][0] in ("DW_TAG_typedef", "DW_TAG_const_type", "DW_TAG_volatile_type"):
            key = self.target(self.entries[key][1])
        return key

    def count(self, key):
        """Elements of an array; 0 for one without a bound."""
        total = 1
        for child in self.entries[key][2]:
            attributes = self.entries[child][1]
            bound = attributes.get("DW_AT_upper_bound")
            total *= int(attributes.get("DW_AT_count", 0)) if bound is None else int(bound, 0) + 1
        return total

    def size(self, key):
        key = self.strip(key)
        if not key:
            return 0
        tag, attributes, _ = self.entries[key]
        if tag == "DW_TAG_array_type":
            return self.count(key) * self.size(self.target(attributes))
        return int(attributes.get("DW_AT_byte_size", 0), 0)

    def signed(self, key):
        """"+" or "-" for integers of more than a byte (what a plain char is, does not matter here)."""
        key = self.strip(key)
        tag, attributes, _ = self.entries[key]
        if tag != "DW_TAG_base_type" or self.size(key) == 1:
            return ""
        return "-" if attributes["DW_AT_encoding"].split()[0] in CALLED_SIGNED else "+"

    def fill(self, out, key, path, base, optional):
        """Adds all members below a structure or union that begins at bit `base`."""
        tag, _, children = self.entries[key]
        optional = optional or tag == "DW_TAG_union_type"
        for child in children:
            child_tag, attributes, _ = self.entries[child]
            if child_tag != "DW_TAG_member":
                continue
            name, kind = attributes.get("DW_AT_name"), self.target(attributes)
            offset = base + 8 * int(attributes.get("DW_AT_data_member_location", 0))
            bits = 8 * self.size(kind)
            if "DW_AT_bit_size" in attributes:
                offset += bits - int(attributes["DW_AT_bit_offset"]) - int(attributes["DW_AT_bit_size"])
                bits = int(attributes["DW_AT_bit_size"])
            inner, below = self.strip(kind), path
            if name:
                below = f"{path}.{name}"
                out.members[below] = (offset, bits, self.signed(kind))
                if optional:
                    out.optional.add(below)
            while self.entries[inner][0] == "DW_TAG_array_type":
                below += "[]"
                inner = self.strip(self.target(self.entries[inner][1]))
            if self.entries[inner][0] in ("DW_TAG_structure_type", "DW_TAG_union_type"):
                self.fill(out, inner, below, offset, optional)


def read_types(objectfile, header_of):
    """Returns {"struct name": Type, ...} and {enumerator: (header, value)}.

    Only what is in files to which header_of(path) gives a name."""
    entries, files = read_entries(objectfile), read_files(objectfile)
    layouts, types, enumerators = Layouts(entries), {}, {}
    for key, (tag, attributes, children) in entries.items():
        name, file = attributes.get("DW_AT_name"), attributes.get("DW_AT_decl_file")
        header = header_of(files.get(file, "/"))
        if header is None:
            continue
        if tag == "DW_TAG_enumeration_type":
            for child in children:
                constant = entries[child][1]
                enumerators[constant["DW_AT_name"]] = (header, int(constant["DW_AT_const_value"], 0))
        if not name or "DW_AT_declaration" in attributes:
            continue
        if tag in PREFIX or tag == "DW_TAG_typedef":
            found = types[PREFIX.get(tag, "") + name] = Type(header, layouts.size(key))
            if tag in ("DW_TAG_structure_type", "DW_TAG_union_type"):
                layouts.fill(found, key, "", 0, False)
    return types, enumerators
