# SPDX-License-Identifier: BSD-3-Clause
"""What a fuzzer begins with, made from what the project has already: the golden cases, the example of a
configuration, the table of options. So the tree holds no corpus of them; tests/fuzz/corpus has what
can't be made: inputs that found a bug.
"""
import glob
import os
import random
import re
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path.insert(0, os.path.join(HERE, "..", "golden"))
import casefile  # noqa: E402

ANY_PORT, PARTIAL, UNREACHABLE, ACL, HEADROOM, OTHER, MEND = 1, 2, 4, 8, 16, 32, 64  # as in fuzz_packet.c
ROOM = 48  # bytes before the frame, which are enough for every reply


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def cases():
    for path in sorted(glob.glob(os.path.join(ROOT, "tests", "golden", "cases", "*.txt"))):
        yield casefile.parse_case(read(path))


def packet():
    """Each frame of the golden cases, whole and cut, for who it was meant."""
    for case in cases():
        words = " ".join(case.arguments)
        choice = HEADROOM | MEND * ("checksum" not in case.name) | ANY_PORT * ("port any" in words or "-p any" in words)
        choice |= UNREACHABLE * ("icmp-unreachable" in words) | ACL * ("--acl" in words)
        for number, exchange in enumerate(case.exchanges[:12]):
            if len(exchange.frame) <= 1514:
                first = min(len(exchange.frame), 94) if b"\x86\xdd" in exchange.frame[12:22] else 34
                cuts = first.to_bytes(1 if len(exchange.frame) < 256 else 2, "big") + bytes([8, 1, 0, 0, 0])
                yield bytes([choice, number % 4 * 8, ROOM]) + cuts[:6] + exchange.frame
        if case.name in ("udp-echo", "ipv6-echo"):
            yield bytes([choice | PARTIAL | MEND, 2, ROOM]) + bytes(6) + case.exchanges[0].frame


def burst():
    """A burst is made of numbers: any will do."""
    source = random.Random(1)
    for size in (1, 20, 100, 400, 1000, 2000):
        yield source.randbytes(size)
        yield bytes(source.choice((0, 0, 0, 1, 255)) for _ in range(size))


def config():
    """The example, and the same with every setting in use."""
    example = read("config/udpechod.conf")
    used = re.sub(r"^#(\S+ = )", r"\1", example, flags=re.MULTILINE)
    texts = [example, used, used.replace("acl = /etc/udpechod/udpechod.acl\n", "")]
    texts += [f"[udpechod]\n{line}\n[device a]\ndevice = tap:a\naddress = 198.18.0.2/24,203.0.113.9\n"
              for line in used.splitlines() if re.match(r"[a-z0-9-]+ = ", line)]
    texts += ["\ufeff" + example, example.replace("\n", "\r\n"), example.replace("\n", "\r"), "[device up link]\ndevice = tap:a\naddress = 10.0.0.1/8\n"]
    texts.append("[device]\ndevice = tap:a\naddress = 2001:2::2/64,fe80::1%lo,::ffff:198.18.0.2\n[udpechod]\nhttp = [2001:2::1]:9110\n")
    texts.append("[udpechod]\nhttp = [::1]:9110\n[device]\ndevice = tap:a\naddress = 198.18.0.2/24\n")
    texts.append("[device]\ndevice = pcap:a\\#b.pcap,out.pcap # and a comment\nmac = 02:00:00:00:00:02\naddress = 198.18.0.2\n")
    for text in texts:
        yield text.encode()


def acl():
    """The lists of the golden cases, and lines that are refused."""
    for case in cases():
        yield from (text.encode() for text in case.files.values())
    for line in ("allow 2001:2::1", "deny ::/0", "deny 2001:0:0:1::8/64", "allow fe80::1%eth0/10", "deny ::ffff:198.18.0.2/104",
                 "deny ::198.18.0.2", "deny ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128", "deny 10.0.0.0/33", "allow"):
        yield f"\ufeff{line} # why\r\n\tdeny 0.0.0.0/0\n{line}\n".encode()


def options():
    """The command lines of the golden cases and of the tests, and one with a file."""
    base = ["-d", "pcap:in.pcap,out.pcap", "-a", "198.18.0.2/24", "-m", "02:00:00:00:00:02"]
    seen = {tuple(case.arguments) for case in cases()}
    for words in sorted(seen):
        yield "\n".join(["-d", "pcap:in.pcap", *words]).encode()
    for more in ("--check", "--explain", "--report=json", "--cores=1,3-5", "--http=9110", "--idle=sleep", "--mtu=9000",
                 "--queues=4", "--variant=scalar", "--log-level=debug", "--doctor", "-h", "--version"):
        yield "\n".join([*base, more, "--", "--no-huge"]).encode()
    for text in config():
        yield b"--ttl=9\n@\n" + text


def capture():
    """Captures of every form that libpcap reads, and one cut short."""
    frames = [exchange.frame for case in cases() for exchange in case.exchanges[:1] if len(exchange.frame) < 200][:4]
    sections = []
    for order in "<>":
        for magic in (0xA1B2C3D4, 0xA1B23C4D):
            data = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, 1)
            yield data
            data += b"".join(struct.pack(order + "IIII", i, i, len(frame), len(frame) + i) + frame
                             for i, frame in enumerate(frames))
            yield data
            yield data[:-3]
        yield struct.pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 113)
        blocks = [(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)),
                  (1, struct.pack(order + "HHI", 1, 0, 0) + struct.pack(order + "HH", 9, 1) + b"\x09\0\0\0" + b"\0\0\0\0")]
        blocks += [(6, struct.pack(order + "IIIII", 0, 0, i, len(frame), len(frame)) + frame + bytes(-len(frame) % 4))
                   for i, frame in enumerate(frames)]
        blocks.append((3, struct.pack(order + "I", len(frames[0])) + frames[0] + bytes(-len(frames[0]) % 4)))
        blocks.append((1, struct.pack(order + "HHI", 113, 0, 64) + struct.pack(order + "HHq", 14, 8, -1)))
        blocks += [(kind, struct.pack(order + head, 1, *rest, 0, i, len(frame), len(frame)) + frame + bytes(-len(frame) % 4))
                   for kind, head, rest in ((2, "HHIIII", (0,)), (6, "IIIII", ())) for i, frame in enumerate(frames)]
        blocks.append((0xBAD, bytes(20)))
        section = b"".join(struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)
                           for kind, body in blocks)
        yield section
        yield section[:-7]
        sections.append(section)
    yield b"".join(sections)


def fragment(frame):
    """The step of fuzz_reassembly.c that makes such a fragment; None: it is none."""
    at = 14
    while frame[at - 2:at] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    if len(frame) < at + 20 or frame[at] >> 4 != 4:
        return None
    length, identification, flags = struct.unpack_from(">HHH", frame, at + 2)
    options, size = max(frame[at] & 15, 5) - 5, max(length - (frame[at] & 15) * 4, 0)
    more, offset = bool(flags & 0x2000), flags & 0x1FFF
    who = more << 7 | (frame[at + 9] == 1) << 2 | (identification & 1) << 1
    short = size % 8 == 0 and size < 512
    shape = min(options, 7) | (at - 14) // 4 << 3 | (offset > 255) << 6 | (not short) << 7
    step = bytes([0, who, shape]) + (struct.pack(">H", offset) if offset > 255 else bytes([offset]))
    return step + (bytes([size // 8]) if short else struct.pack(">H", size % 1400)) + b"\xff"


def reassembly():
    """The fragments of each golden case."""
    for case in cases():
        steps = [fragment(exchange.frame) for exchange in case.exchanges]
        if case.name.startswith(("fragments", "teardrop", "ping-of-death")):
            yield b"".join(step for step in steps if step)
            yield b"".join(step for step in reversed(steps) if step)


def http():
    """Requests for each page, and such as a scanner sends."""
    for path in ("/", "/status.json", "/metrics", "/healthz", "/../etc/passwd", "/%2e%2e/%00", "/?a=b&c=%zz"):
        yield f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
        yield f"HEAD {path} HTTP/1.0\r\n\r\n".encode()
    yield b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
    yield b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    yield b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    yield b"OPTIONS * HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"
    yield b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: " + b"y" * 3000 + b"\r\n\r\n"


def replies():
    """Replies of each kind, and any bytes."""
    for spoil in range(5):
        yield bytes([0, 40, 0, 0, 0, 3, 8]) + bytes([200, spoil, 1, 3, 0, 20]) * 8
    source = random.Random(2)
    for size in (40, 200, 800):
        yield source.randbytes(size)


SEEDS = {function.__name__: function for function in (packet, burst, config, acl, options, capture, reassembly, http, replies)}


def words_of(name):
    """What a fuzzer would take long to guess."""
    if name in ("config", "options"):
        names = re.findall(r'^\t\{\'?\w+\'?, "([a-z0-9-]+)"', read("app/udpechod/options.c"), re.MULTILINE)
        names += re.findall(r'^(?:SETTING|KEY)\(.*?"([a-z0-9-]+)"', read("include/udpecho/control/settings.def"), re.MULTILINE)
        form = "{} = " if name == "config" else "--{}="
        return [form.format(word) for word in names] + ["[udpechod]", "[device a]", "pcap:", "vdev:net_ring0", "af_xdp:",
                                                        "any", "on", "off", "198.18.0.2/24", "2001:2::2/64", "[::1]:9110",
                                                        "02:00:00:00:00:02", "json"]
    if name == "acl":
        return ["allow ", "deny ", "/0\\x0a", "0.0.0.0", "198.18.0.2/24", "2001:2::2/64", "::", "::ffff:", "/128", "%eth0", "# "]
    if name == "http":
        return ["GET ", "HEAD ", "POST ", "/metrics", "/healthz", "/status.json", " HTTP/1.1\\x0d\\x0a", " HTTP/1.0\\x0d\\x0a",
                "Host: a\\x0d\\x0a", "Content-Length: ", "Transfer-Encoding: chunked", "Expect: 100-continue",
                "Connection: close", "\\x0d\\x0a\\x0d\\x0a"]
    return []


def write(name, folder):
    """Writes the seeds of a harness into a folder, and gives the path of its dictionary, or None."""
    os.makedirs(folder, exist_ok=True)
    for number, data in enumerate(dict.fromkeys(SEEDS[name]())):
        with open(os.path.join(folder, f"seed-{number:04}"), "wb") as file:
            file.write(data)
    if not words_of(name):
        return None
    path = folder.rstrip("/") + ".dict"
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f'"{word}"\n' for word in words_of(name))
    return path
