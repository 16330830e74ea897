#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The image for containers: built, and run by podman: `test_container.py UDPECHO PACKAGES FOLDER`.

The image comes into FOLDER, of the packages in PACKAGES, which are built unless they are there. podman and all that it keeps
are in a folder and in namespaces of this test. The image has no network but the one that World makes.
"""
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "package")]
from debian import TOP, build_once, tool, workspace  # noqa: E402
from offline import Record, read_pcap, write_pcap  # noqa: E402
from tap import Skip, Tap, patience  # noqa: E402
from world import APPLIANCE, PREFIX, World, die_with_us, inside, require_tool, wait_until  # noqa: E402

from scapy.layers.l2 import ARP, Ether  # noqa: E402

PATIENCE = patience(60)  # seconds, for what podman does; only a bug takes so long
MOST = 25 << 20  # bytes of the archive: it is small
PORT = 9110
# podman wants a hierarchy of control groups of version 2 alone, which not every machine has: so it has one in a mount
# namespace of its own, and makes no groups in it.
ENGINE = 'mount -n --make-rprivate / && mount -n -t cgroup2 none /sys/fs/cgroup && exec podman "$@"'
# What each device needs to start. With IPC_LOCK the limit of locked memory does not matter.
RIGHTS = {"af_xdp": {"net_raw", "net_admin", "sys_admin", "ipc_lock"}, "af_packet": {"net_raw", "net_admin", "ipc_lock"},
          "pcap-live": {"net_raw"}}


class Engine:
    """podman, with a store of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.name = None  # the image's

    def command(self, *arguments):
        require_tool("podman")
        return ["unshare", "--mount", "sh", "-c", ENGINE, "sh", "--root", f"{self.folder}/root", "--runroot", f"{self.folder}/run",
                "--storage-driver=vfs", "--cgroup-manager=cgroupfs", "--events-backend=none", *arguments]

    def run(self, *arguments, network, rights=(), options=()):
        """The command that runs udpechod in a container: with a read-only file system and no capabilities but these."""
        return self.command("run", "--rm", "--read-only", "--cgroups=disabled", "--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024",
                            f"--network={network}", "--cap-drop=all", *(f"--cap-add={right}" for right in sorted(rights)),
                            *options, self.name, *arguments)

    def remove_all(self):
        """Ends all that still runs: a container outlives the podman that started it."""
        subprocess.run(self.command("rm", "--all", "--force", "--time=0"), stdout=subprocess.DEVNULL, timeout=PATIENCE, check=True)

    def load(self, archive):
        said = tool(*self.command("load", "--input", archive))
        self.name = re.search(r"Loaded image: (\S+)", said).group(1)


class Image:
    def __init__(self, packages, folder, engine):
        self.packages, self.folder, self.engine = packages, folder, engine
        self.archive = os.path.join(folder, "udpechod.oci.tar")

    def build(self):
        if os.geteuid() != 0:
            raise Skip("wants root, to install Debian in a folder")
        build_once(self.packages)
        shutil.rmtree(self.folder, ignore_errors=True)
        print("#", tool(f"{TOP}/scripts/build-image", "--oci", f"--packages={self.packages}", self.folder).splitlines()[-1])
        assert os.path.getsize(self.archive) < MOST, os.path.getsize(self.archive)
        self.engine.load(self.archive)

    def blob(self, archive, digest):
        return archive.extractfile(f"./blobs/{digest.replace(':', '/')}")

    def check_contents(self):
        """What is in it, and what is not; and that it says so."""
        with tarfile.open(self.archive) as archive:
            (manifest,) = json.load(archive.extractfile("./index.json"))["manifests"]
            manifest = json.load(self.blob(archive, manifest["digest"]))
            config = json.load(self.blob(archive, manifest["config"]["digest"]))
            (layer,) = manifest["layers"]
            with tarfile.open(fileobj=self.blob(archive, layer["digest"])) as files:
                names = {os.path.normpath(name) for name in files.getnames()}
        assert config["config"]["Entrypoint"] == ["/usr/sbin/udpechod"], config
        assert config["config"]["Labels"]["org.opencontainers.image.version"] in self.engine.name, config
        for wanted in ("usr/sbin/udpechod", "usr/bin/udpecho", "usr/share/doc/libc6/copyright", "var/lib/dpkg/status.d/libc6"):
            assert wanted in names, wanted
        unwanted = [name for name in names if re.search(r"(^|/)(perl|apt|dpkg|bash|locale|man)$", name) and name != "var/lib/dpkg"]
        assert not unwanted, unwanted

    def check_offline(self):
        """A capture, without any capability, as the image's other user."""
        folder = os.path.join(self.engine.folder, "captures")
        os.mkdir(folder)
        os.chmod(folder, 0o777)
        request = Ether(src="02:00:00:00:00:01", dst="ff:ff:ff:ff:ff:ff") / ARP(psrc="198.18.0.1", pdst=APPLIANCE)
        write_pcap(f"{folder}/in.pcap", [Record(10**9, bytes(request))])
        done = subprocess.run(
            self.engine.run("-d", "pcap:in.pcap,out.pcap", "-a", APPLIANCE, "-m", "02:00:00:00:00:02", network="none",
                            options=["--user=udpechod", f"--volume={folder}:/var/lib/udpechod"]),
            capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, done
        (reply,) = read_pcap(f"{folder}/out.pcap")
        assert ARP in (seen := Ether(reply.frame)) and seen[ARP].psrc == APPLIANCE, reply


class Container:
    """udpechod in a container, on a world's device."""

    def __init__(self, engine, world, rights):
        arguments = ["-d", world.device, "-a", APPLIANCE + PREFIX, "--no-probe", f"--http={PORT}", "--report=json"]
        self.world = world
        self.process = subprocess.Popen(
            engine.run(*arguments, network=f"ns:/run/netns/{world.appliance}", rights=rights), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=die_with_us)

    def health(self):
        """The status of /healthz, or None while nobody listens."""
        if self.process.poll() is not None:
            raise AssertionError(f"status {self.process.returncode}: {self.process.stderr.read()}")
        with contextlib.suppress(OSError), inside(self.world.appliance):
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/healthz", timeout=patience(5)) as page:
                return page.status
        return None

    def end(self):
        """As an engine does; its report, and all that it said."""
        self.process.send_signal(signal.SIGTERM)
        report, said = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0, (self.process.returncode, said)
        return json.loads(report), said


def check_echoes(engine, kind, udpecho):
    with World(kind) as world:
        tool("ip", "-n", world.appliance, "link", "set", "lo", "up")
        container = Container(engine, world, RIGHTS[kind])
        try:
            wait_until(lambda: container.health() == 200, "/healthz", PATIENCE)
            done = world.run(udpecho, APPLIANCE, input=b"from a container")
            assert done.returncode == 0, done
            report, said = container.end()
        finally:
            engine.remove_all()
        assert report["verdicts"]["udp-echo"] >= 1, report
        print("#", re.search("capabilities: .*", said).group(0))


def check_each_is_needed(engine, kind):
    """Without any one of them it does not start, and says which is missing."""
    with World(kind) as world:
        for right in sorted(RIGHTS[kind]):
            done = subprocess.run(
                engine.run("-d", world.device, "-a", APPLIANCE + PREFIX, network=f"ns:/run/netns/{world.appliance}",
                           rights=RIGHTS[kind] - {right}, options=["--ulimit=memlock=65536:65536"]),
                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
            assert done.returncode == 1 and f"--cap-add={right.upper()}" in done.stderr, (right, done)


def main():
    udpecho, packages, folder = (os.path.abspath(path) for path in sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tap = Tap()
    with workspace() as place:
        engine = Engine(place)
        image = Image(packages, folder, engine)
        tap.case("is built", image.build)
        if engine.name is not None:
            tap.case("has what it says, and no more", image.check_contents)
            tap.case("replays a capture without capabilities", image.check_offline)
            for kind in RIGHTS:
                tap.case(f"{kind} echoes, and /healthz is well", check_echoes, engine, kind, udpecho)
                tap.case(f"{kind} needs each of its capabilities", check_each_is_needed, engine, kind)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
