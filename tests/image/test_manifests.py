#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What config/container gives to others: tools read it, and udpechod takes its arguments. `test_manifests.py UDPECHOD`"""
import json
import os
import subprocess
import sys
import types

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "package")]
from debian import TOP  # noqa: E402
from tap import Skip, Tap, patience  # noqa: E402
from test_container import RIGHTS  # noqa: E402

FOLDER = os.path.join(TOP, "config", "container")
VF = {"PCIDEVICE_INTEL_COM_SRIOV_VFIO": "0000:01:10.1"}  # as the device plugin says it


def read(name):
    try:
        import yaml
    except ImportError as error:
        raise Skip("no python3-yaml here") from error
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return list(yaml.safe_load_all(file))


def find_rights(arguments):
    """What the device that they name needs, of all that a container may add."""
    kind = arguments[arguments.index("-d") + 1].split(":")[0]
    return sorted(right.upper() for right in {**RIGHTS, "pci": {"ipc_lock"}}[kind])


def check_arguments(udpechod, arguments):
    """udpechod would start with them, and serves /healthz."""
    done = subprocess.run([udpechod, *arguments, "--check"], capture_output=True, text=True, timeout=patience(30), check=False)
    assert done.returncode == 0 and ":9110\n" in done.stdout, (arguments, done)


def check_compose(udpechod):
    try:
        done = subprocess.run(["docker-compose", "-f", os.path.join(FOLDER, "compose.yaml"), "--profile", "xdp", "config"],
                              capture_output=True, text=True, timeout=patience(60), check=False,
                              env={name: text for name, text in os.environ.items() if not name.startswith(("ECHO_", "UDPECHOD_"))})
    except FileNotFoundError as error:
        raise Skip("no docker-compose here") from error
    assert done.returncode == 0, done.stderr
    import yaml
    services = yaml.safe_load(done.stdout)["services"]
    assert set(services) == {"packet", "xdp"}, services
    for service in services.values():
        check_arguments(udpechod, service["command"])
        assert (service["cap_drop"], service["read_only"]) == (["ALL"], True), service
        assert sorted(service["cap_add"]) == find_rights(service["command"]), service
        assert service["healthcheck"]["test"][-1] == "http://127.0.0.1:9110/healthz", service


def check_fields(deployment):
    """No name that Kubernetes does not know: its client, which ignores these, has all that we wrote."""
    try:
        from kubernetes import client
    except ImportError as error:
        raise Skip("no python3-kubernetes here") from error
    api = client.ApiClient()
    read_back = api.deserialize(types.SimpleNamespace(data=json.dumps(deployment)), "V1Deployment")
    assert api.sanitize_for_serialization(read_back) == deployment, (api.sanitize_for_serialization(read_back), deployment)


def as_container(container):
    """The arguments that udpechod has there, by the shell if one reads the environment."""
    if "command" not in container:
        return container["args"]
    script = "udpechod() { printf '%s\\n' \"$@\"; }; " + container["args"][0].removeprefix("exec ")
    return subprocess.run([*container["command"], script], env={**os.environ, **VF}, capture_output=True, text=True,
                          check=True).stdout.splitlines()


def check_kubernetes(udpechod, name):
    _, deployment = read(name)
    check_fields(deployment)
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    arguments = as_container(container)
    check_arguments(udpechod, arguments)
    security, resources = container["securityContext"], container["resources"]
    assert security["capabilities"] == {"drop": ["ALL"], "add": security["capabilities"]["add"]}, security
    assert sorted(security["capabilities"]["add"]) == find_rights(arguments), security
    assert security["readOnlyRootFilesystem"] and not security["allowPrivilegeEscalation"], security
    assert resources["requests"] == resources["limits"] and resources["limits"]["cpu"].isdecimal(), resources
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}, pod
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"] == {"path": "/healthz", "port": "http"}, container[probe]


def main():
    udpechod, tap = os.path.abspath(sys.argv[1]), Tap()
    tap.case("compose.yaml", check_compose, udpechod)
    for name in ("kubernetes-interface.yaml", "kubernetes-sriov.yaml"):
        tap.case(name, check_kubernetes, udpechod, name)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
