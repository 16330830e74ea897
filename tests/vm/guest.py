# SPDX-License-Identifier: BSD-3-Clause
"""The system of the emulated machine: a kernel of Debian's, and an initramfs with a shell, udpechod and drivers.

It binds every NIC to vfio-pci, reserves hugepages, and gives the second serial port a shell (machine.Shell).
"""
import glob
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tap import Skip, patience  # noqa: E402

# no_timer_check, tsc=reliable: on a busy computer emulated timers may look broken; and if the TSC does, the kernel asks
# the HPET for each time, which is slow.
APPEND = "console=ttyS0 panic=-1 quiet no_timer_check tsc=reliable intel_iommu=on iommu=nopt"
BUSYBOX = "/bin/busybox"
PLUGINS = ("bus_pci", "bus_vdev", "mempool_ring", "net_e1000", "net_virtio", "net_vmxnet3")  # of DPDK's, loaded at start
LINKS = {"bin": "usr/bin", "sbin": "usr/bin", "lib": "usr/lib", "lib64": "usr/lib64", "run": "tmp", "var/run": "../tmp"}

INIT = """\
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
mkdir /dev/hugepages
mount -t hugetlbfs none /dev/hugepages
echo {pages} > /proc/sys/vm/nr_hugepages
for module in {modules}; do insmod $module || echo "$module: not loaded"; done
for device in /sys/bus/pci/devices/*; do
    case $(cat $device/class) in 0x0200*)
        echo vfio-pci > $device/driver_override
        basename $device > /sys/bus/pci/drivers_probe ;;
    esac
done
cd /tmp
exec 3<> /dev/ttyS1 # and keep it open: what comes to a closed one is lost
stty raw -echo <&3
echo ready >&3
while read -r line <&3; do
    eval "$line" < /dev/null >&3 2>&1
    status=$?
done
poweroff -f
"""


def run(*command, **options):
    """What a tool prints."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=patience(60), check=False, **options)
    except FileNotFoundError as error:
        raise Skip(f"no {command[0]} here") from error
    if done.returncode != 0:
        raise OSError(f"{' '.join(command)}: {done.stderr.decode().strip()}")
    return done.stdout


def kernel():
    """The newest kernel for virtual machines, and its release."""
    found = glob.glob("/boot/vmlinuz-*-cloud-amd64")
    if not found:
        raise Skip("no kernel here: install linux-image-cloud-amd64")
    path = max(found, key=lambda name: [int(number) for number in re.findall(r"\d+", name)])
    return path, path.removeprefix("/boot/vmlinuz-")


def libraries(program):
    """The libraries that a program or a plugin is linked to, and the loader."""
    return re.findall(r"/\S+", run("ldd", program).decode().replace(f"{program}:", ""))


class Tree:
    """A folder that becomes the root of the guest."""

    def __init__(self, root):
        self.root = root

    def path(self, name):
        """Where the guest's file NAME is; its folder is there."""
        path = os.path.join(self.root, name.lstrip("/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name), 0o755)

    def copy(self, name, as_name=None):
        """Copies a file of ours. Links stay links: DPDK's plugins must not be there twice."""
        place = self.path(as_name or name)
        if os.path.lexists(place):
            return
        if os.path.islink(name):
            target = os.path.join(os.path.dirname(name), os.readlink(name))
            os.symlink(os.readlink(name), place)
            self.copy(os.path.normpath(target))
            return
        with open(name, "rb") as source, open(place, "wb") as sink:
            sink.write(source.read())
        os.chmod(place, 0o755)

    def copy_program(self, name, as_name=None):
        """And the libraries that it wants."""
        self.copy(os.path.realpath(name) if as_name else name, as_name)
        for library in libraries(name):
            self.copy(library)

    def pack(self, archive):
        """As an initramfs."""
        os.chmod(self.root, 0o755)  # DPDK loads no plugin from below a folder that everybody may write to
        names = [".", *(os.path.relpath(os.path.join(path, name), self.root)
                 for path, folders, files in os.walk(self.root) for name in folders + files)]
        with open(archive, "wb") as file:
            file.write(run("cpio", "-o", "-H", "newc", "--quiet", input="\n".join(names).encode(), cwd=self.root))


def make_initrd(directory, udpechod, hugepages=128):
    """Makes an initramfs with that udpechod in the directory, and gives its path."""
    if not os.path.exists(BUSYBOX):
        raise Skip("no busybox here: install busybox-static")
    _, release = kernel()
    tree = Tree(os.path.join(directory, "root"))
    for name in ("dev", "proc", "sys", "tmp", "usr/bin", "usr/lib", "usr/lib64", "var"):
        os.makedirs(os.path.join(tree.root, name))
    for name, target in LINKS.items():
        os.symlink(target, tree.path(name))
    tree.copy(os.path.realpath(BUSYBOX), BUSYBOX)
    tree.copy_program(udpechod, "/bin/udpechod")
    for plugin in PLUGINS:
        for path in glob.glob(f"/usr/lib/*/dpdk/pmds-*/librte_{plugin}.so.*.*"):
            tree.copy_program(path)
    for name in glob.glob("/lib/*/libgcc_s.so.1"):  # which the C library loads when a thread is cancelled
        tree.copy(name)
    for name in ("/etc/ld.so.conf", *glob.glob("/etc/ld.so.conf.d/*")):
        tree.copy(name)
    run("ldconfig", "-r", tree.root)
    shown = run("modprobe", "-S", release, "--show-depends", "vfio-pci").decode()
    modules = list(dict.fromkeys(line.split()[1] for line in shown.splitlines() if line.startswith("insmod ")))
    for module in modules:
        tree.copy(module)
    tree.write("/init", INIT.format(pages=hugepages, modules=" ".join(modules)))
    archive = os.path.join(directory, "initrd")
    tree.pack(archive)
    return archive
