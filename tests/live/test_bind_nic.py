#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""scripts/bind-nic on a machine that is not this one, as the doctor sees it: `test_bind_nic.py UDPECHOD`"""
import os
import pathlib
import re
import shutil
import sys
import tempfile

from computer import BOUND, LOGIN, MANAGEMENT, NIC, NODE, OTHER, PROGRAM, RESERVED, SCRIPT, computer

from tap import Tap


def check_there_and_back():
    with computer() as machine:
        shown = machine.succeed("--yes", "ens1")
        assert machine.calls() == BOUND + RESERVED, machine.calls()
        assert all(f"    {line}\n" in shown for line in machine.calls()), shown
        assert f"udpechod -d pci:{NIC}" in shown and f"--undo {NIC}" in shown, shown
        assert machine.driver() == "vfio-pci" and machine.read(f"{NODE}/nr_hugepages") == "128"
        assert f"{NIC}  vfio-pci" in machine.succeed("--status")
        machine.succeed("--yes", "--undo", NIC)
        assert machine.driver() == "i40e" and machine.read(f"{NODE}/nr_hugepages") == "0"
        assert os.listdir(machine.root / "run") == ["log"]
        done = machine.run("--yes", "--undo", NIC)
        assert done.returncode == 1 and "has not bound it" in done.stderr, done


def check_address():
    """By its PCI address, also without the domain, and where no driver has it."""
    for address in (NIC, NIC.removeprefix("0000:"), NIC.upper()):
        with computer() as machine:
            machine.succeed("-y", address)
            assert machine.driver() == "vfio-pci"
    with computer() as machine:
        (machine.root / "sys/bus/pci/devices" / NIC / "driver").unlink()
        machine.remove(f"bus/pci/devices/{NIC}/net")
        machine.succeed("-y", NIC)
        assert machine.driver() == "vfio-pci" and BOUND[0] not in machine.calls()
        machine.succeed("-y", "--undo", NIC)
        assert machine.driver() is None


def check_asks():
    for answer in ("", "\n", "n\n", "maybe\n"):
        with computer() as machine:
            machine.refuse("ens1", answer=answer, says="nothing was done")
    with computer() as machine:
        machine.succeed("ens1", answer="y\n")
        assert machine.driver() == "vfio-pci"
        done = machine.run("--undo", "0000:81:00.0", answer="n\n")
        assert done.returncode == 1 and machine.driver() == "vfio-pci", done


def check_dry_run():
    with computer() as machine:
        shown = machine.succeed("--dry-run", "ens1")
        assert all(f"    {line}\n" in shown for line in BOUND + RESERVED), shown
        assert machine.calls() == [] and machine.driver() == "i40e"
        assert os.listdir(machine.root / "run") in ([], ["log"])


def check_twice():
    """Hugepages that came later are undone with the first."""
    with computer() as machine:
        machine.succeed("-y", "ens1")
        machine.set_pages(128, 100)
        assert "to undo" in machine.succeed("-y", NIC)
        assert machine.read(f"{NODE}/nr_hugepages") == "256"
        machine.set_pages(256, 256)
        machine.succeed("-y", "--undo", NIC)
        assert (machine.driver(), machine.read(f"{NODE}/nr_hugepages")) == ("i40e", "0")
        assert os.listdir(machine.root / "run") == ["log"]


def check_management():
    for nic in ("eno1", MANAGEMENT):
        with computer() as machine:
            machine.refuse("-y", "--force", nic, says="you reach this machine through it")
    with computer() as machine:  # a VLAN on a bond of two
        machine.default = "bond0.5"
        for path in ("bond0.5/lower_bond0", "bond0/lower_ens1", "bond0/lower_ens2"):
            machine.write(f"class/net/{path}/x", "")
        machine.refuse("-y", "--force", "ens2", says="you reach this machine through it")
        assert "you reach this machine" in machine.succeed("--status")


def check_ssh():
    """Where SSH came in by another interface than the default route's; also where sudo took the variable away."""
    ssh = {"SSH_CONNECTION": f"{LOGIN} 50000 198.18.2.2 22"}
    with computer() as machine:
        machine.ssh = "ens1"
        machine.refuse("-y", "--force", "ens1", says="you reach this machine through it", **ssh)
        machine.refuse("-y", "ens1", says="you reach this machine through it",
                       before=("sh", "-c", 'env -u SSH_CONNECTION "$@"; exit $?', "sh"), **ssh)
        machine.succeed("-y", "ens1")  # without SSH, it is one like any other


def check_addresses():
    with computer() as machine:
        machine.addresses = "198.18.7.7/24"
        machine.refuse("-y", "ens1", says="198.18.7.7/24")
        machine.succeed("-y", "--force", "ens1")
        assert machine.driver() == "vfio-pci"
    with computer() as machine:
        machine.link("class/net/ens1/master", "../br0")
        machine.refuse("-y", "ens1", says="a part of br0")
    with computer() as machine:
        machine.addresses = "198.18.7.7/24"
        machine.addressed = "ens1.100"
        machine.write("class/net/ens1.100/lower_ens1/x", "")
        machine.refuse("-y", "ens1", says="ens1: ens1.100 on it is in use: it has addresses (198.18.7.7/24)")


def check_interfaces():
    """A function of PCI may have several interfaces: each of them counts, by whichever one it is asked for."""
    with computer() as machine:
        machine.write(f"bus/pci/devices/{NIC}/net/ens1b/type", "1\n")
        machine.write("class/net/ens1b/type", "1\n")
        machine.succeed("-y", "ens1b")
        assert machine.calls()[:3] == [BOUND[0], "ip link set ens1b down", BOUND[1]], machine.calls()
    for asked in ("ens1", "ens1b", NIC):
        with computer() as machine:
            machine.write(f"bus/pci/devices/{NIC}/net/ens1b/type", "1\n")
            machine.write("class/net/ens1b/type", "1\n")
            machine.default = "ens1b"
            machine.refuse("-y", "--force", asked, says="ens1b: you reach this machine through it")
    with computer() as machine:  # a name that the shell would take for more
        for name in ("*", "v;id>x"):
            machine.write(f"bus/pci/devices/{NIC}/net/{name}/type", "1\n")
            machine.write(f"class/net/{name}/type", "1\n")
        machine.succeed("-y", "*")
        assert machine.calls()[:3] == ["ip link set * down", BOUND[0], "ip link set v;id>x down"], machine.calls()


def check_taken():
    with computer() as machine:
        udpechod = ("/usr/bin/python3", "-c", "import socket, subprocess, sys; lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); "
                    "lock.bind('\\0udpechod/ens1'); sys.exit(subprocess.call(sys.argv[1:]))")
        machine.refuse("-y", "ens1", says="ens1: another udpechod has this interface: end it", before=udpechod)


def check_iommu():
    with computer() as machine:
        machine.remove("kernel/iommu_groups")
        machine.refuse("-y", "ens1", says="no IOMMU")
        machine.write("module/vfio/parameters/enable_unsafe_noiommu_mode", "Y\n")
        machine.succeed("-y", "ens1")
    with computer() as machine:
        machine.write(f"kernel/iommu_groups/1/devices/{OTHER}/class", "")
        assert f"{OTHER} (i40e) is in the same IOMMU group" in machine.succeed("-y", "ens1")
    with computer() as machine:  # a group goes as a whole, which this one can't
        machine.write("kernel/iommu_groups/1/devices/0000:00:1f.2/class", "")
        machine.link("bus/pci/devices/0000:00:1f.2/driver", "../../drivers/ahci")
        for arguments in (["-y", "ens1"], ["-y", "--force", "ens1"]):
            machine.refuse(*arguments, says="like 0000:00:1f.2, which the kernel uses (ahci): a group goes as a whole: "
                           "use another NIC, or another slot for this one")
    with computer() as machine:
        assert "IOMMU group" not in machine.succeed("-y", "ens1")


def check_bifurcated():
    with computer() as machine:
        machine.link(f"bus/pci/devices/{NIC}/driver", "../../drivers/mlx5_core")
        shown = machine.succeed("-y", "ens1")
        assert "needs no binding" in shown and f"--undo {NIC}" in shown, shown
        assert machine.calls() == RESERVED and machine.driver() == "mlx5_core"
        assert "needs no binding" in machine.succeed("--status")
        assert f"{NIC} is as it was" in machine.succeed("-y", "--undo", "ens1")
        assert machine.driver() == "mlx5_core" and machine.read(f"{NODE}/nr_hugepages") == "0"


def check_again():
    with computer() as machine:
        machine.link(f"bus/pci/devices/{NIC}/driver", "../../drivers/vfio-pci")
        machine.remove(f"bus/pci/devices/{NIC}/net")
        machine.set_pages(128, 128)
        shown = machine.succeed("-y", NIC)
        assert "driver vfio-pci already" in shown and "undo" not in shown, shown
        assert machine.calls() == RESERVED[1:], machine.calls()
        machine.set_pages(128, 100)
        assert f"--undo {NIC}" in machine.succeed("-y", NIC)
        machine.succeed("-y", "--undo", NIC)
        assert machine.driver() == "vfio-pci" and machine.read(f"{NODE}/nr_hugepages") == "128"


def check_failure():
    """dpdk-devbind.py warns, and says that all went well; what was the driver before is not forgotten."""
    with computer() as machine:
        machine.write(f"bus/pci/devices/{NIC}/refuses", "")
        done = machine.run("-y", "ens1")
        assert done.returncode == 1 and "is not bound to vfio-pci, but to i40e" in done.stderr, done
        assert machine.calls() == BOUND, machine.calls()
        (machine.root / "sys/bus/pci/devices" / NIC / "refuses").unlink()
        (machine.root / "sys/bus/pci/devices" / NIC / "driver").unlink()
        machine.succeed("-y", NIC)
        machine.succeed("-y", "--undo", NIC)
        assert machine.driver() == "i40e"
    with computer() as machine:  # nor are hugepages given back that it had not come to reserve
        machine.set_pages(127, 127)
        machine.write(f"bus/pci/devices/{NIC}/refuses", "")
        assert machine.run("-y", "ens1").returncode == 1
        (machine.root / "sys/bus/pci/devices" / NIC / "refuses").unlink()
        machine.set_pages(200, 200)
        machine.succeed("-y", "--undo", NIC)
        assert machine.read(f"{NODE}/nr_hugepages") == "200"
    with computer() as machine:
        (machine.root / "bin/modprobe").write_text("#!/bin/sh\nexit 1\n")
        done = machine.run("-y", "ens1")
        assert done.returncode == 1 and f"failed: modprobe vfio-pci; to undo: bind-nic --undo {NIC}" in done.stderr, done


def check_refusals():
    for arguments, status, says in ((["nowhere"], 1, "no such interface"), (["0000:00:1f.2"], 1, "no network device"),
                                    (["veth0"], 1, "use `udpechod -d af_xdp:veth0`"), (["lo"], 1, "lo: not an Ethernet interface"), ([], 2, "give a NIC"), (["--what"], 2, "no such option"),
                                    (["ens1", "ens2"], 2, "give one NIC at a time"), (["--undo", "-y", "ens1"], 1, "has not bound it")):
        with computer() as machine:
            machine.refuse(*arguments, status=status, says=says)
    with computer() as machine:
        (machine.root / "bin/dpdk-devbind.py").unlink()
        if shutil.which("dpdk-devbind.py") is None:
            machine.refuse("-y", "ens1", says="apt-get install dpdk")
        machine.refuse("-y", "ens1", says="needs root", before=("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"))


def check_namespaces():
    """In a container the NIC of the default route looks as if nobody used it."""
    with computer() as machine:
        (machine.root / "core/netdev_budget").unlink()
        for arguments in (["-y", "ens1"], ["-y", "--force", "ens1"], ["-y", MANAGEMENT], ["-n", NIC]):
            machine.refuse(*arguments, says="this is not the first network namespace")
        machine.link(f"bus/pci/devices/{OTHER}/driver", "../../drivers/vfio-pci")  # what is bound is in no doubt
        machine.remove(f"bus/pci/devices/{OTHER}/net")
        assert "will run\n" in machine.succeed("-n", OTHER)
        assert machine.succeed("--status").count("this network namespace does not see who uses it") == 1
    with computer() as machine:
        machine.remove(f"bus/pci/devices/{NIC}/net")
        machine.refuse("-y", NIC, says="its interface is in another network namespace")
        machine.succeed("-y", "--force", NIC)


def check_doctor():
    """It asks the one that it is told of, else the one beside it, whatever $PATH has."""
    with computer() as machine, tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        os.chmod(folder, 0o755)
        script = shutil.copy(SCRIPT, folder)
        machine.refuse("--status", script=script, says="udpechod: not found", UDPECHOD="")
        os.symlink(PROGRAM, os.path.join(folder, "udpechod"))
        assert machine.succeed("--status", script=script, UDPECHOD="").count("\n") == 3
        done = machine.run("--status", UDPECHOD="/nowhere/udpechod")
        assert done.returncode == 1 and "--doctor failed" in done.stderr, done


def check_words():
    """What it says of a NIC, udpechod and its doctor say in the same words."""
    source = (pathlib.Path(SCRIPT).parent.parent / "lib/control/device/condition.c").read_text()
    words = re.sub(r'"\s+"', "", source)
    for text in ("no such interface", "not an Ethernet interface", "you reach this machine through it"):
        assert f'"{text}"' in words and text in pathlib.Path(SCRIPT).read_text(), text


def check_status():
    with computer() as machine:
        lines = machine.succeed("--status").splitlines()
        assert len(lines) == 3 and lines[0].split()[:3] == [MANAGEMENT, "igb", "eno1"], lines
        assert lines[1].split() == [NIC, "i40e", "ens1"], lines


def main():
    tap = Tap()
    tap.case("not outside the first network namespace", check_namespaces)
    tap.case("the doctor's words", check_words)
    tap.case("which doctor it asks", check_doctor)
    tap.case("binds, reserves hugepages, and undoes both", check_there_and_back)
    tap.case("by address, and without a driver", check_address)
    tap.case("asks, and takes only yes for it", check_asks)
    tap.case("--dry-run says all, and does nothing", check_dry_run)
    tap.case("a NIC twice", check_twice)
    tap.case("not the NIC of the default route", check_management)
    tap.case("not the NIC of the SSH connection", check_ssh)
    tap.case("not a NIC in use, unless forced", check_addresses)
    tap.case("a NIC with several interfaces", check_interfaces)
    tap.case("not the NIC of a udpechod that runs", check_taken)
    tap.case("the IOMMU", check_iommu)
    tap.case("a bifurcated driver stays", check_bifurcated)
    tap.case("what is bound already", check_again)
    tap.case("what fails halfway", check_failure)
    tap.case("refuses with one line", check_refusals)
    tap.case("--status", check_status)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
