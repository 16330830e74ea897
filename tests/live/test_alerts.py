#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The alerts and the dashboard that come with the appliance: `test_alerts.py UDPECHOD`"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile

from test_metrics import HTTP, Watched, read_samples
from world import Appliance, require_tool

from tap import Tap

RULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "config", "udpechod.rules.yml")
DASHBOARD = RULES.replace("rules.yml", "dashboard.json")


def check_rules(udpechod):
    """promtool takes the alerts, and each figure that they ask for is there."""
    require_tool("promtool")
    done = subprocess.run(["promtool", "check", "rules", RULES], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "SUCCESS" in done.stdout, done
    with open(RULES, encoding="utf-8") as file:
        rules = file.read()
    asked = set(re.findall(r"\budpechod_[a-z_]+", "\n".join(re.findall(r"expr: (.*)", rules))))
    with Watched("af_packet") as place, Appliance(place, udpechod, HTTP) as appliance:
        there = {name for name, _ in read_samples(place.get("/metrics")[2])}
        appliance.stop()
    assert len(asked) >= 8 and asked <= there, asked - there
    assert rules.count("action:") == rules.count("alert:")


# What each alert is for: a series, a value for each minute as promtool spells it, and whether it is to fire then.
ALERTS = {
    "UdpechodGone": [('up{job="udpechod",instance="a"}', "0x10", True), ('up{job="udpechod",instance="a"}', "1x10", False)],
    "UdpechodLinkDown": [('udpechod_device_link_up{device="d"}', "1x4 0x6", True), ('udpechod_device_link_up{device="d"}', "0x8 1x2", False)],
    "UdpechodWorkerStalled": [('udpechod_worker_stalls_total{core="1"}', "0x7 1x3", True), ('udpechod_worker_stalls_total{core="1"}', "3x10", False)],
    "UdpechodDriverDrops": [('udpechod_device_rx_missed_total{device="d"}', "0+60x10", True), ('udpechod_device_rx_missed_total{device="d"}', "9x10", False)],
    "UdpechodNotSent": [('udpechod_tx_full_total{device="d",queue="0",core="1"}', "0+60x10", True),
                        ('udpechod_tx_full_total{device="d",queue="0",core="1"}', "9x10", False)],
    "UdpechodBusy": [('udpechod_worker_busy_seconds_total{core="1"}', "0+58x20", True), ('udpechod_worker_busy_seconds_total{core="1"}', "0+40x20", False)],
    "UdpechodNoBuffers": [('udpechod_device_pool_exhausted_total{device="d"}', "0x7 1x3", True), ('udpechod_device_pool_exhausted_total{device="d"}', "3x10", False)],
    "UdpechodDamaged": [('udpechod_frames_total{device="d",queue="0",core="1",verdict="udp-checksum",kind="drop"}', "0+60x15", True),
                        ('udpechod_frames_total{device="d",queue="0",core="1",verdict="udp-port",kind="drop"}', "0+60x15", False)],
    "UdpechodAddressConflict": [('udpechod_arp_conflicts_total{device="d",queue="0",core="1"}', "0x7 1x3", True),
                                ('udpechod_arp_conflicts_total{device="d",queue="0",core="1"}', "3x10", False)],
    "UdpechodReloadRefused": [('udpechod_reloads_total{result="refused"}', "0x7 1x3", True), ('udpechod_reloads_total{result="ok"}', "0+1x10", False)],
}


def minutes(values):
    """When the last of them is."""
    return sum(int(repeat) + 1 for repeat in re.findall(r"x(\d+)", values)) - 1


def check_alerts():
    """Each alert fires for what it is for, and not for what only looks like it."""
    require_tool("promtool")
    with open(RULES, encoding="utf-8") as file:
        assert set(re.findall(r"alert: (\w+)", file.read())) == ALERTS.keys()
    tests = []
    for alert, rows in ALERTS.items():
        for series, values, fires in rows:
            others = [{"series": 'udpechod_device_rx_nombuf_total{device="d"}', "values": "0x20"},
                      {"series": 'udpechod_device_rx_errors_total{device="d"}', "values": "0x20"}]
            query = {"expr": f'count(ALERTS{{alertname="{alert}",alertstate="firing"}})', "eval_time": f"{minutes(values)}m",
                     "exp_samples": [{"labels": "{}", "value": 1}] if fires else []}
            tests.append({"interval": "1m", "input_series": [{"series": series, "values": values}, *others], "promql_expr_test": [query]})
    with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as file:
        json.dump({"rule_files": [os.path.abspath(RULES)], "evaluation_interval": "30s", "tests": tests}, file)
        file.flush()
        done = subprocess.run(["promtool", "test", "rules", file.name], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "SUCCESS" in done.stdout, done
    print(f"# {len(ALERTS)} alerts, {len(tests)} cases")


def expand(expression):
    """With what Grafana puts in for its variables."""
    for name, value in (("$__rate_interval", "1m"), ("$instance", ".*"), ("$device", ".*")):
        expression = expression.replace(name, value)
    assert "$" not in expression, expression
    return expression


def check_dashboard(udpechod):
    """Panels lie side by side; promtool takes each expression, and all that is served is on one of them."""
    require_tool("promtool")
    with open(DASHBOARD, encoding="utf-8") as file:
        dashboard = json.load(file)
    taken = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken and max(x for x, _ in cells) < 24, panel["title"]
        taken |= cells
        assert panel["title"] and panel["description"] and panel["targets"], panel
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    asked = [expand(target["expr"]) for panel in dashboard["panels"] for target in panel["targets"]]
    rules = [{"record": f"panel:{number}", "expr": expression} for number, expression in enumerate(asked)]
    with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as file:
        json.dump({"groups": [{"name": "panels", "rules": rules}]}, file)  # which is YAML as well
        file.flush()
        done = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and f"SUCCESS: {len(asked)} rules found" in done.stdout, done
    with Watched("af_packet") as place, Appliance(place, udpechod, HTTP) as appliance:
        samples = read_samples(place.get("/metrics")[2])
        appliance.stop()
    labels = {}
    for name, pairs in samples:
        labels.setdefault(name, {"instance"}).update(label for label, _ in pairs)
    for expression in asked:
        names = re.findall(r"\budpechod_[a-z_]+", expression)
        assert names and set(names) <= labels.keys(), set(names) - labels.keys()
        wanted = set(re.findall(r'([a-z_]+)=~?"', expression))
        wanted |= {label for group in re.findall(r"by \(([^)]*)\)", expression) for label in group.split(", ")}
        for name in names:
            assert wanted <= labels[name], (expression, wanted - labels[name])
    assert {name for expression in asked for name in re.findall(r"\budpechod_[a-z_]+", expression)} == labels.keys()
    print(f"# {len(dashboard['panels'])} panels, {len(asked)} expressions, {len(labels)} metrics")


def main():
    udpechod = os.path.abspath(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tap = Tap()
    tap.case("the alerts", check_rules, udpechod)
    tap.case("when alerts fire", check_alerts)
    tap.case("the dashboard", check_dashboard, udpechod)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
