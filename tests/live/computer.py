# SPDX-License-Identifier: BSD-3-Clause
"""A machine that is not this one, for scripts/bind-nic: a made-up /sys, and stand-ins for what it calls.

Each run has mounts and a network of its own: /sys, /run and /proc/sys/net/core are folders of its own there, no hugetlbfs is mounted, and
interfaces have the names of those in that /sys, for the doctor to ask the kernel about. What the stand-ins of DPDK's tools do to that /sys is
what the real ones would, so that what is undone can be seen.
"""
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from tap import Skip, patience  # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
SCRIPT = os.path.abspath(os.path.join(HERE, "..", "..", "scripts", "bind-nic"))
NIC, OTHER, MANAGEMENT = "0000:81:00.0", "0000:81:00.1", "0000:02:00.0"
LOGIN = "198.18.9.9"
NODE = "devices/system/node/node1/hugepages/hugepages-2048kB"
PREPARE = """
ip -batch "$1/network" || exit 125
mount -n --bind "$1/sys" /sys && mount -n --bind "$1/run" /run && mount -n --bind "$1/core" /proc/sys/net/core || exit 125
while mount=$(awk '$3 == "hugetlbfs" { print $2; exit }' /proc/mounts) && [ -n "$mount" ]; do umount -ln "$mount" || exit 125; done
PATH=$1/bin:$PATH
shift
exec "$@"
"""
TOOLS = {
    "dpdk-devbind.py": """
case $1 in
--bind) driver=$2 address=$3 ;;
--unbind) driver= address=$2 ;;
esac
folder=/sys/bus/pci/devices/$address
[ ! -e $folder/refuses ] || { echo "Warning: routing table indicates that interface $address is active" >&2; exit 0; }
rm -f $folder/driver
[ -z "$driver" ] || ln -s ../../drivers/$driver $folder/driver
case $driver in
vfio-pci | '') [ ! -d $folder/net ] || mv $folder/net $folder/gone ;;
*) [ ! -d $folder/gone ] || mv $folder/gone $folder/net ;;
esac
""",
    "dpdk-hugepages.py": f"""
while [ $# -gt 0 ]; do
    case $1 in
    --reserve)
        pages=$((${{2%M}} / 2)) status=$(cat /sys/{NODE}/status 2>/dev/null || echo 0)
        [ ! -e /sys/{NODE}/most ] || [ $pages -le $(cat /sys/{NODE}/most) ] || pages=$(cat /sys/{NODE}/most)
        sleep 0.2
        echo $((pages - $(cat /sys/{NODE}/nr_hugepages) + $(cat /sys/{NODE}/free_hugepages))) > /sys/{NODE}/free_hugepages
        echo $pages > /sys/{NODE}/nr_hugepages ;;
    esac
    shift
done
exit ${{status:-0}}
""",
    "ip": "",
    "modprobe": "",
    "mkdir": 'exec /bin/mkdir "$@"',
}
# What it takes to bind NIC, and its hugepages.
BOUND = ["ip link set ens1 down", "modprobe vfio-pci", f"dpdk-devbind.py --bind vfio-pci {NIC}"]
RESERVED = ["dpdk-hugepages.py --pagesize 2M --node 1 --reserve 256M", "mkdir -p /dev/hugepages",
            "dpdk-hugepages.py --pagesize 2M --mount"]


class Computer:
    """A server with a management NIC, eno1, and two ports of an i40e, ens1 and ens2, on node 1."""

    def __init__(self, directory):
        self.root = pathlib.Path(directory)
        self.root.chmod(0o755)
        for number, (address, driver, interface) in enumerate(
                ((MANAGEMENT, "igb", "eno1"), (NIC, "i40e", "ens1"), (OTHER, "i40e", "ens2"))):
            self.write(f"bus/pci/devices/{address}/class", "0x020000\n")
            self.write(f"bus/pci/devices/{address}/numa_node", "1\n")
            self.write(f"bus/pci/devices/{address}/net/{interface}/type", "1\n")
            self.write(f"class/net/{interface}/type", "1\n")
            self.link(f"bus/pci/devices/{address}/driver", f"../../drivers/{driver}")
            self.link(f"bus/pci/devices/{address}/iommu_group", f"../../../../kernel/iommu_groups/{number}")
            self.write(f"kernel/iommu_groups/{number}/devices/{address}/class", "")
        self.write("bus/pci/devices/0000:00:1f.2/class", "0x010601\n")
        self.write("class/net/veth0/type", "1\n")
        self.write("class/net/lo/type", "772\n")
        self.default = self.ssh = "eno1"  # what the default route goes through, and the one to who is logged in
        self.addresses, self.addressed = "", "ens1"  # which it has
        self.set_pages(0, 0)
        (self.root / "run").mkdir()
        (self.root / "core").mkdir()
        (self.root / "core/netdev_budget").write_text("300\n")  # only the first network namespace has it
        for name, text in TOOLS.items():
            path = self.root / "bin" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(f'#!/bin/sh\necho "{name} $*" 2> /dev/null >> /run/log\n{text}')
            path.chmod(0o755)

    def write(self, path, text):
        path = self.root / "sys" / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def link(self, path, target):
        path = self.root / "sys" / path
        path.unlink(missing_ok=True)
        path.symlink_to(target)

    def remove(self, path):
        shutil.rmtree(self.root / "sys" / path)

    def read(self, path):
        return (self.root / "sys" / path).read_text().strip()

    def set_pages(self, reserved, free):
        self.write(f"{NODE}/nr_hugepages", f"{reserved}\n")
        self.write(f"{NODE}/free_hugepages", f"{free}\n")

    def network(self):
        """What ip(8) is to make: the interfaces, which the kernel has to know, and routes through them."""
        for number, name in enumerate({"eno1": 0, "ens1": 0, "ens2": 0, self.default: 0, self.addressed: 0}):
            yield from (f"link add {name} type veth peer name peer{number}", f"link set peer{number} up", f"link set {name} up")
        yield from (f"route add default dev {self.default}", f"route add {LOGIN} dev {self.ssh}")
        if self.addresses:
            yield f"address add {self.addresses} dev {self.addressed}"

    def driver(self, address=NIC):
        path = self.root / "sys/bus/pci/devices" / address / "driver"
        return os.path.basename(os.readlink(path)) if os.path.lexists(path) else None

    def run(self, *arguments, answer="", before=(), script=SCRIPT, **environment):
        """Its status, standard output and standard error."""
        unset = {key: value for key, value in os.environ.items() if key != "SSH_CONNECTION"} | {"UDPECHOD": PROGRAM}
        (self.root / "network").write_text("".join(f"{line}\n" for line in self.network()))
        done = subprocess.run(["unshare", "--mount", "--net", "sh", "-c", PREPARE, "sh", self.root, *before, script, *arguments],
                              input=answer, capture_output=True, text=True, timeout=patience(20), check=False, env=unset | environment)
        assert done.returncode != 125, done.stderr
        return done

    def calls(self):
        """What was called to change something."""
        log = self.root / "run/log"
        lines = log.read_text().splitlines() if log.exists() else []
        return [line for line in lines if not line.startswith("mkdir -p /run")]

    def succeed(self, *arguments, **options):
        done = self.run(*arguments, **options)
        assert done.returncode == 0, (done.stdout, done.stderr)
        return done.stdout

    def refuse(self, *arguments, status=1, says, **options):
        """It prints one line that says why and names the fix, and does nothing."""
        done = self.run(*arguments, **options)
        assert done.returncode == status and done.stderr.count("\n") == 1, done
        assert done.stderr.startswith("bind-nic: ") and says in done.stderr, done.stderr
        assert self.calls() == [] and not (self.root / "run/udpechod-bind-nic").exists(), self.calls()


@contextlib.contextmanager
def computer():
    if os.geteuid() != 0:
        raise Skip("wants root, for mounts of its own")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory:
        yield Computer(directory)
