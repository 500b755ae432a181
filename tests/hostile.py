"""Hostile content: what a sample, a name or a file may hold, and must not do."""

import struct
import zlib

#: What runs in a page that takes text for HTML; each sets `window.pwned`, or asks another origin for something.
SCRIPTS = [
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    "<svg onload='window.pwned = 1'><script>window.pwned = 1</script></svg>",
    '<iframe srcdoc="<script>parent.pwned = 1</script>"></iframe>',
    "<a href='javascript:window.pwned = 1' autofocus onfocus='window.pwned = 1'>click</a>",
    "<div style='width: expression(window.pwned = 1); background: url(http://evil.invalid/css)'>x</div>",
    "<link rel=stylesheet href=http://evil.invalid/sheet><img src=http://evil.invalid/pixel>",
    "'\"--></style></textarea></title><script>window.pwned = 1</script>",
    "[click](javascript:window.pwned=1) ![x](http://evil.invalid/markdown)",
    "<a href='https://evil.invalid/phish'><b>%{x}</b><br>%{customdata}</a>",
    "${window.pwned = 1} {{constructor.constructor('window.pwned = 1')()}}",
]
#: What breaks lines, files and formulas.
ODD = [
    "safe\u202egnp.exe\u2066",
    "bell\x07 escape\x1b[2J carriage\r",
    "W" * 150,
    '=HYPERLINK("http://evil.invalid","x")',
    "+cmd|' /C calc'!A0",
    "e\u0301" + "\u0300" * 60,
]
TEXTS = SCRIPTS + ODD
#: What no file and no page can hold as it is.
UNWRITABLE = ["half \ud800 of a pair", "\udfff", "a name as a file system has it: caf\udce9"]

SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='window.pwned = 1'><script>window.pwned = 1</script></svg>"


def bomb(width, height):
    """Return a PNG of a few bytes that declares so many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [b"IHDR" + head, b"IDAT" + zlib.compress(b"\0" * 1000), b"IEND"]
    chunks = [struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part)) for part in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def gif_bomb(width, height):
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\0\0\0"


def jpeg_bomb(width, height):
    frame = struct.pack(">BBHBHHB", 0xFF, 0xC2, 11, 8, height, width, 1) + b"\1\x11\0"
    return b"\xff\xd8\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + b"\0" * 9 + b"\xff" + frame


def webp_bomb(width, height):
    canvas = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    return b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<II", 10, 0) + canvas


BOMBS = {
    "PNG": bomb(50_000, 50_000),
    "PNG at the limit of its format": bomb(2**31 - 1, 2**31 - 1),
    "GIF": gif_bomb(65_535, 65_535),
    "JPEG": jpeg_bomb(65_535, 65_535),
    "WebP": webp_bomb(16_384, 16_384),
}
