#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The status page, in a real browser: `test_page.py UDPECHOD UDPECHO [DIRECTORY-FOR-SCREENSHOTS]`"""
import contextlib
import json
import os
import re
import signal
import socket
import sys
import threading
import time

from browser import PATIENCE, Browser
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from strangers import strange_frames
from test_live import Model, parse_options
from test_metrics import HTTP, PORT, Watched
from world import APPLIANCE, PREFIX, Appliance, command

from tap import Tap

URL = f"http://127.0.0.1:{PORT}/"
STATE, ALARM = "document.querySelector('#state').innerText", "document.querySelector('#alarm')"
TAB, ENTER, SPACE, END, LEFT, DOWN = 9, 13, 32, 35, 37, 40

# Of every element with a text of its own: (text, its colour, the colour behind it, as r, g, b)
COLOURS = """
(() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const seen = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].filter(node => node.nodeType === 3).map(node => node.data.trim()).join("");
    if (!text || !element.checkVisibility() || ["SCRIPT", "STYLE", "OPTION"].includes(element.tagName)) continue;
    let under = element;
    while (under.parentElement && rgb(getComputedStyle(under).backgroundColor)[3] === 0) under = under.parentElement;
    const style = getComputedStyle(element);
    seen.push([text, rgb(element instanceof SVGElement ? style.fill : style.color), rgb(getComputedStyle(under).backgroundColor)]);
  }
  return seen;
})()
"""

# The text of what ends beyond the box that it is in: a chart, or a table that has to be scrolled sideways.
CUT = """
[...document.querySelectorAll(".scroll > *, svg text")].filter(element => {
  const [inner, outer] = [element, element.parentElement].map(one => one.getBoundingClientRect());
  return inner.left < outer.left - 1 || inner.right > outer.right + 1;
}).map(element => element.textContent.trim())
"""


def contrast(one, other):
    """The ratio of WCAG 2.1."""
    def luminance(colour):
        parts = [value / 255 for value in colour[:3]]
        linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


class Traffic(threading.Thread):
    """Datagrams to echo, and frames of which every other one is dropped, until it is told to stop."""

    def __init__(self, place, appliance_mac):
        super().__init__()
        mac = place.mac()
        text = ":".join(f"{byte:02x}" for byte in appliance_mac)
        frames = strange_frames("af_xdp", ":".join(f"{byte:02x}" for byte in mac), text)
        # Dropped for its checksum, and longer than what is kept of it.
        long = Ether(dst=text, src=mac) / IP(src="198.18.0.77", dst=APPLIANCE) / UDP(dport=7, chksum=0x1234) / bytes(500)
        self.frames = [*frames, bytes(long)]
        self.raw = place.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.raw.bind((place.interface, 0x0800))
        self.stopping = threading.Event()

    def run(self):
        with contextlib.closing(self.raw):
            for i in range(60000):
                # Several at once, so that there are bursts of different frames.
                if i % 8 == 0 and self.stopping.wait(0.016):
                    return
                self.raw.send(self.frames[i % len(self.frames)])

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.join()


def status_of(place):
    code, kind, text = place.get("/status.json")
    assert (code, kind) == (200, "application/json"), (code, kind)
    return json.loads(text)


def wait_for_agreement(browser, place):
    """Until all that was sent is seen, and the page shows what is served; which is given."""
    end = time.monotonic() + PATIENCE
    while True:
        status = status_of(place)
        browser.wait(f"last.time > {status['time']}", "the latest figures")
        rows = browser.evaluate("[...document.querySelectorAll('#verdicts tr')].map(r => [r.cells[0].innerText, r.cells[1].innerText])")
        shown = {name: int(n.replace(",", "")) for name, n in rows}
        served = {name: n for name, n in status["verdicts"].items() if n > 0}
        if shown == served:
            return status
        assert time.monotonic() < end, (shown, served)


def check_figures(browser, place, appliance):
    """What it shows is what is served, which is what the report says."""
    with Traffic(place, appliance.mac):
        browser.wait("history.length > 4 && history.at(-1).rx > 0 && history.at(-1).p99 > 0", "points to draw")
        browser.wait("[...document.querySelectorAll('#drops b')].some(b => b.innerText === 'udp-port')", "a drop")
        for name in ("rx", "tx", "dropped"):
            assert re.fullmatch(r"\d+(\.\d)?/s", browser.text("#" + name)), browser.text("#" + name)
        assert re.fullmatch(r"[\d.]+ (ns|us|ms)", browser.text("#p99")), browser.text("#p99")
        assert re.fullmatch(r"\d+ %", browser.text("#busy")), browser.text("#busy")
        traces = browser.evaluate("[...document.querySelectorAll('.trace')].filter(t => t.getTotalLength() > 0).length")
        assert traces == 6, traces
        assert browser.evaluate("document.querySelectorAll('#spread rect').length") > 0
        assert browser.evaluate("document.querySelectorAll('#queues tr').length") == 2
    status = wait_for_agreement(browser, place)
    assert status["verdicts"]["udp-port"] > 0 and status["verdicts"]["udp-checksum"] > 0, status
    text = browser.text("#drops")
    for part in ("udp-checksum", "header says 0x1234, which is wrong", "port 9 is not served", "198.18.0.3 is not ours",
                 "echo0 queue ", "198.18.0.77:40000 → 198.18.0.2:9, "):
        assert part in text, f"no {part!r}: {text}"
    return status


# Frames, and who sent them to whom. The header of IPv6 ends where UDP's begins, at 54.
V6_PARTIES = bytes.fromhex("20010002" + "00" * 11 + "01" + "2001000200000000000100000000000a")
V6_START = bytes(12) + b"\x86\xdd\x60\0\0\0\0\x10"
PORTS = bytes.fromhex("9c400007")
PARTIES = (
    (V6_START + b"\x11\x40" + V6_PARTIES + PORTS, "[2001:2::1]:40000 → [2001:2::1:0:0:a]:7, "),
    (V6_START + b"\x11\x40" + V6_PARTIES + PORTS[:3], "2001:2::1 → 2001:2::1:0:0:a, "),
    (V6_START + b"\x3a\x40" + V6_PARTIES + PORTS, "2001:2::1 → 2001:2::1:0:0:a, "),
    (bytes(12) + b"\x81\0\0\7" + V6_START[12:] + b"\x11\x40" + V6_PARTIES + PORTS, "[2001:2::1]:40000 → [2001:2::1:0:0:a]:7, "),
    (V6_START + b"\x11\x40" + V6_PARTIES[:31], ""),
    (bytes(12) + b"\x08\0\x46" + bytes(8) + b"\x11\0\0\xc6\x12\0\1\xc6\x12\0\2" + bytes(4) + PORTS, "198.18.0.1:40000 → 198.18.0.2:7, "),
    (bytes(12) + b"\x08\0\x45" + bytes(5) + b"\x20\1\0\x11\0\0\xc6\x12\0\1\xc6\x12\0\2" + PORTS, "198.18.0.1 → 198.18.0.2, "),
    (bytes(12) + b"\x08\6" + bytes(28), ""),
)


def check_parties(browser):
    for frame, wanted in PARTIES:
        shown = browser.evaluate(f"parties('{frame.hex()}')")
        assert shown == wanted, (frame.hex(), shown, wanted)


def check_drops(status):
    """Each has the verdict that the model gives its frame, and no more of them are kept than were dropped."""
    kept, now = {}, status["time"]
    model = Model(parse_options(["-m", status["devices"][0]["mac"], "-a", APPLIANCE + PREFIX]))
    for drop in status["drops"]:
        kept[drop["verdict"]] = kept.get(drop["verdict"], 0) + 1
        assert status["texts"][drop["verdict"]]["kind"] == "drop", drop
        assert now - 60 < drop["time"] < now + 1, (drop, now)
        assert len(drop["header"]) == 2 * min(drop["length"], 96), drop
        if drop["length"] <= 96 and drop["verdict"] != "ip-fragment":  # which is up to those before it
            assert model.answer(bytes.fromhex(drop["header"]), 0).verdict == drop["verdict"], drop
        assert drop["core"] in (0, 1) and drop["queue"] in (0, 1), drop
    times = [drop["time"] for drop in status["drops"]]
    assert times == sorted(times, reverse=True)
    for verdict, count in status["verdicts"].items():
        if status["texts"][verdict]["kind"] == "drop":
            # These came slowly enough for all to be noted.
            assert kept.get(verdict, 0) == min(count, 8), (verdict, count, kept)


def check_keys(browser):
    """All of it, without a pointer."""
    def focus():
        return browser.evaluate("document.activeElement.id || document.activeElement.parentElement.id || "
                                "document.activeElement.tagName.toLowerCase()")

    browser.press("Tab", TAB)
    assert focus() == "pause", focus()
    browser.press("Enter", ENTER)
    browser.wait(f"{STATE} === 'paused'", "a pause")
    caption = browser.text("#rates-text")
    browser.press("Tab", TAB)
    assert focus() == "rates", focus()
    browser.press("ArrowLeft", LEFT)
    assert browser.text("#rates-text") != caption
    assert browser.evaluate("document.querySelectorAll('#rates .cursor').length") == 1
    browser.press("End", END)
    assert browser.text("#rates-text") == caption
    browser.press("Tab", TAB)
    assert focus() == "residence" and browser.evaluate("document.querySelectorAll('.cursor').length") == 0, focus()
    while focus() != "filter":
        browser.press("Tab", TAB)
    everything = browser.evaluate("document.querySelectorAll('#drops details').length")
    browser.press("ArrowDown", DOWN)
    browser.wait("document.querySelector('#filter').value !== ''", "a filter")
    chosen = browser.evaluate("document.querySelector('#filter').value")
    shown = browser.evaluate("[...document.querySelectorAll('#drops b')].map(b => b.innerText)")
    assert set(shown) == {chosen} and len(shown) < everything, (chosen, shown)
    browser.press("Tab", TAB)
    assert focus() == "summary" or browser.evaluate("document.activeElement.tagName") == "SUMMARY", focus()
    browser.press("Enter", ENTER)
    browser.wait("document.querySelectorAll('#drops details[open] pre').length === 1", "an open row")
    # Another answer comes in, and the row is as it was left.
    browser.evaluate("document.querySelector('#pause').click()")
    browser.evaluate("window.before = last.time")
    browser.wait("last.time > window.before", "an answer")
    assert browser.evaluate("document.querySelectorAll('#drops details[open]').length") == 1
    assert browser.evaluate("document.activeElement.tagName") == "SUMMARY"
    browser.evaluate("document.querySelector('#filter').value = ''; document.querySelector('#filter').dispatchEvent(new Event('change'))")


def check_looks(browser, directory):
    for width, scheme in ((1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")):
        browser.look(width, scheme)
        browser.evaluate("window.before = last.time")
        browser.wait("last.time > window.before", "an answer")
        assert browser.evaluate("document.documentElement.scrollWidth") <= width, f"wider than {width}"
        cut = browser.evaluate(CUT)
        assert not cut, f"{width}: cut off: {cut}"
        seen = browser.evaluate(COLOURS)
        assert len(seen) > 30, seen
        for text, colour, under in seen:
            assert contrast(colour, under) >= 4.5, f"{scheme}: {text!r} is {colour} on {under}"
        ground = browser.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
        assert (max(ground) < 64) == (scheme == "dark"), (scheme, ground)
        if directory:
            browser.screenshot(os.path.join(directory, f"status-{width}-{scheme}.png"))
    browser.look(1280, "light")


def check_faults_of_its_own(browser):
    """What it can't show it does not pass over; and it is replaced where udpechod has been."""
    browser.evaluate("window.whole = showQueues; showQueues = () => { throw new Error('no queues'); }")
    browser.wait(f"{STATE} === 'not well' && {ALARM}.innerText.includes('(no queues)')", "a fault of the page")
    browser.evaluate("showQueues = window.whole")
    browser.wait(f"{STATE} === 'echoing' && {ALARM}.hidden", "the page again")
    browser.evaluate("last.version = 'another'")
    browser.wait(f"window.whole === undefined && document.readyState === 'complete' && {STATE} === 'echoing'", "another page")


def check_page(udpechod, directory):
    with Watched("af_xdp", queues=2) as place:
        arguments = (HTTP, "--cores=0-1", "--log-level=error")
        with Appliance(place, udpechod, *arguments) as appliance, Browser(place.appliance, URL) as browser:
            browser.wait(f"{STATE} === 'echoing'", "the first answer")
            status = check_figures(browser, place, appliance)
            check_drops(status)
            check_parties(browser)
            check_keys(browser)
            with Traffic(place, appliance.mac):
                check_looks(browser, directory)
            assert browser.evaluate("performance.getEntriesByType('resource').every(one => one.name.startsWith(location.origin))")
            check_faults_of_its_own(browser)
            command("ip", "-n", place.client, "link", "set", place.interface, "down")
            browser.wait(f"{STATE} === 'not well' && {ALARM}.innerText.includes('link down')", "a link down")
            command("ip", "-n", place.client, "link", "set", place.interface, "up")
            browser.wait(f"{STATE} === 'echoing' && {ALARM}.hidden", "the link again")
            assert not browser.complaints, browser.complaints
            appliance.process.kill()
            appliance.process.wait()
            browser.wait(f"{STATE} === 'gone' && !{ALARM}.hidden && document.title.startsWith('GONE')", "gone")
            assert re.match(r"udpechod has not answered since .*\d", browser.text("#alarm")), browser.text("#alarm")
            if directory:
                browser.screenshot(os.path.join(directory, "status-gone.png"))
            with Appliance(place, udpechod, *arguments) as again:
                browser.wait(f"{STATE} === 'echoing' && {ALARM}.hidden", "the next one")
                with Traffic(place, again.mac):
                    browser.wait("history.at(-1).rx > 0", "figures of the next one")
                again.end()


def main():
    udpechod = os.path.abspath(sys.argv[1])
    directory = sys.argv[3] if len(sys.argv) > 3 else None
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tap = Tap()
    tap.case("the status page in a browser", check_page, udpechod, directory)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
