"""Small ICC profiles for tests, built byte by byte (ICC.1:2010): RGB and grey ones with a gamma, and a CMYK one."""

import struct

D50 = (0.9642, 1.0, 0.8249)
SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
P3_PRIMARIES = ((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407))
SRGB_PRIMARIES = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.7141))


def fixed(*numbers):
    return b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)


def xyz(*numbers):
    return b"XYZ \0\0\0\0" + fixed(*numbers)


def curve(*parameters):
    kind = {1: 0, 5: 3}[len(parameters)]
    return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + fixed(*parameters)


def profile(space, tags, device=b"mntr", connection=b"XYZ "):
    tags = {b"wtpt": xyz(*D50), **tags}
    start, table, body = 128 + 4 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += name + struct.pack(">II", start + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    head = struct.pack(">I4sI4s4s4s12s4s", start + len(body), b"", 0x02400000, device, space, connection, b"", b"acsp")
    return head + bytes(28) + fixed(*D50) + bytes(48) + table + body


def rgb_profile(primaries=P3_PRIMARIES, parameters=SRGB_CURVE):
    tags = {name + b"XYZ": xyz(*primary) for name, primary in zip((b"r", b"g", b"b"), primaries, strict=True)}
    return profile(b"RGB ", tags | {name + b"TRC": curve(*parameters) for name in (b"r", b"g", b"b")})


def grey_profile(gamma):
    return profile(b"GRAY", {b"kTRC": curve(gamma)})


def cmyk_profile(light):
    """Each ink is grey here: L* falls from 100 by an equal share for each of the four, to `light` with all."""
    identity = bytes(range(256))
    corners = b""
    for number in range(16):  # the last channel varies fastest
        lightness = 100 - (100 - light) * bin(number).count("1") / 4
        corners += bytes([round(lightness * 2.55), 128, 128])
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    return profile(b"CMYK", {b"A2B0": table + identity * 4 + corners + identity * 3}, b"prtr", b"Lab ")
