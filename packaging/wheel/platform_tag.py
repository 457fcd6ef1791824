"""Which machines a built program runs on, read from the program itself: the platform tag of its wheel.

A tag is a promise to pip. It is taken from what the linker wrote into the file, never from the machine at hand, so a
program that was built on a new system cannot be offered to an old one.
"""

import struct

# Libraries that every Linux with a given C library has; a program that needs another one cannot be a portable wheel.
EVERYWHERE = {
    "libc.so.6", "libm.so.6", "libdl.so.2", "librt.so.1", "libpthread.so.0", "libutil.so.1", "libgcc_s.so.1",
}  # fmt: skip
ELF_MACHINES = {0x3E: "x86_64", 0xB7: "aarch64", 0xF3: "riscv64", 0x15: "ppc64le", 0x16: "s390x", 0x28: "armv7l"}
MACH_MACHINES = {0x01000007: "x86_64", 0x0100000C: "arm64"}
PE_MACHINES = {0x8664: "win_amd64", 0xAA64: "win_arm64", 0x014C: "win32"}
# The oldest C library whose wheels pip knows under this name.
OLDEST_GLIBC = (2, 17)


class Unportable(Exception):
    """No tag describes the program truthfully; the message says why and what to do."""


def of(program):
    """The tag for `program` (bytes), such as `manylinux_2_34_x86_64`, `musllinux_1_1_aarch64` or `macosx_11_0_arm64`."""
    try:
        if program[:4] == b"\x7fELF":
            return _elf(program)
        if program[:4] == b"\xcf\xfa\xed\xfe":
            return _mach(program)
        if program[:2] == b"MZ":
            return _windows(program)
    except (struct.error, IndexError, ValueError, KeyError) as error:
        raise Unportable(f"the program's header cannot be read ({error!r}); name the platform with --platform") from error
    raise Unportable("neither an ELF, a Mach-O nor a Windows program; name the platform with --platform")


def _elf(program):
    if program[4] != 2:
        raise Unportable("only 64-bit ELF programs are known; name the platform with --platform")
    order = "<" if program[5] == 1 else ">"
    machine = ELF_MACHINES[struct.unpack_from(order + "H", program, 18)[0]]
    headers_at, size, count = (
        struct.unpack_from(order + form, program, at)[0] for form, at in (("Q", 32), ("H", 54), ("H", 56))
    )
    segments = [struct.unpack_from(order + "IIQQQQ", program, headers_at + index * size) for index in range(count)]

    def text(at):
        return program[at : program.index(b"\0", at)].decode()

    def place(address):
        for kind, _, offset, start, _, length in segments:
            if kind == 1 and start <= address < start + length:
                return offset + address - start
        raise ValueError(f"address {address:#x} is in no segment")

    interpreter = next((text(offset) for kind, _, offset, *_ in segments if kind == 3), "")
    entries = []
    for kind, _, offset, _, _, length in segments:
        if kind == 2:
            entries = [struct.unpack_from(order + "QQ", program, at) for at in range(offset, offset + length, 16)]
    # The table ends at its first null entry; what lies behind is filling.
    entries = entries[: next((at for at, (tag, _) in enumerate(entries) if tag == 0), len(entries))]
    first = dict(reversed(entries))
    needed = [text(place(first[5]) + value) for tag, value in entries if tag == 1]
    if "ld-musl" in interpreter or not needed:
        # Linked to musl, or to nothing at all: either runs wherever the kernel does, and pip has one word for both.
        foreign = [name for name in needed if not name.startswith(("libc.musl", "libc.so", "libgcc_s"))]
        _refuse(foreign)
        return f"musllinux_1_1_{machine}" if needed else f"manylinux_2_17_{machine}.musllinux_1_1_{machine}"
    _refuse([name for name in needed if name not in EVERYWHERE and not name.startswith("ld-linux")])
    highest = OLDEST_GLIBC
    at = place(first[0x6FFFFFFE])
    for _ in range(first[0x6FFFFFFF]):
        _, auxiliaries, _, own, onward = struct.unpack_from(order + "HHIII", program, at)
        auxiliary = at + own
        for _ in range(auxiliaries):
            _, _, _, name, after = struct.unpack_from(order + "IHHII", program, auxiliary)
            library, _, version = text(place(first[5]) + name).partition("_")
            if library == "GLIBC" and version[0].isdigit():
                highest = max(highest, tuple(int(part) for part in version.split(".")[:2]))
            auxiliary += after
        at += onward
    return f"manylinux_{highest[0]}_{highest[1]}_{machine}"


def _refuse(foreign):
    if foreign:
        names = ", ".join(foreign)
        raise Unportable(f"needs {names}, which not every Linux has: link it statically, or name the platform with --platform")


def _mach(program):
    machine = MACH_MACHINES[struct.unpack_from("<I", program, 4)[0]]
    at = 32
    for _ in range(struct.unpack_from("<I", program, 16)[0]):
        command, size = struct.unpack_from("<II", program, at)
        if command in (0x32, 0x24):  # LC_BUILD_VERSION, and what older linkers write
            oldest = struct.unpack_from("<I", program, at + (12 if command == 0x32 else 8))[0]
            major, minor = oldest >> 16, oldest >> 8 & 0xFF
            # From macOS 11 on, pip counts whole versions only.
            return f"macosx_{major}_{0 if major >= 11 else minor}_{machine}"
        at += size
    raise Unportable("does not say which macOS it needs; name the platform with --platform")


def _windows(program):
    header = struct.unpack_from("<I", program, 0x3C)[0]
    if program[header : header + 4] != b"PE\0\0":
        raise ValueError("no PE header")
    return PE_MACHINES[struct.unpack_from("<H", program, header + 4)[0]]
