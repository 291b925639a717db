"""promtool of Debian's package ``prometheus``, which ``make test`` installs."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

import yaml

from position_manager.paths import ROOT

ALERTS = ROOT / "ops" / "prometheus" / "alerts.yml"
SAMPLE = re.compile(r"(?P<series>(?P<name>[a-z_]+)(?:\{.*\})?) (?P<value>\S+)")
# Longer than the `for` of every alert.
MINUTES = 60


def promtool(*arguments: str | Path, text: str | None = None) -> str:
    """What promtool prints; it fails when promtool does."""
    done = subprocess.run(
        ["promtool", *arguments], input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def check_metrics(text: str) -> None:
    """Names, types, helps and units are as Prometheus recommends."""
    assert promtool("check", "metrics", text=text) == ""


def check_expressions(expressions: Iterable[str], folder: Path) -> None:
    """Every expression is one of Prometheus."""
    rules = [
        {"record": f"checked:{place}", "expr": expression}
        for place, expression in enumerate(expressions)
    ]
    file = folder / "expressions.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "checked", "rules": rules}]}))
    promtool("check", "rules", file)


def check_no_alert(text: str, folder: Path) -> None:
    """No alert fires or would fire while a scrape returns this text for an hour."""
    series = [{"series": 'up{job="position-manager"}', "values": f"1+0x{MINUTES}"}]
    for line in text.splitlines():
        if (sample := SAMPLE.fullmatch(line)) is None:
            assert line.startswith("#"), line
            continue
        value, step = float(sample["value"]), 0
        if sample["name"].endswith("_timestamp_seconds"):
            # The clock of promtool starts at 0. What the time is of stays as old as it is.
            value, step = value - time.time(), 60
        series.append({"series": sample["series"], "values": f"{value:f}+{step}x{MINUTES}"})
    names = [
        rule["alert"]
        for group in yaml.safe_load(ALERTS.read_text())["groups"]
        for rule in group["rules"]
    ]
    test = {
        "interval": "1m",
        "input_series": series,
        "alert_rule_test": [
            {"eval_time": f"{MINUTES}m", "alertname": name, "exp_alerts": []} for name in names
        ],
    }
    file = folder / "alerts.yml"
    file.write_text(
        yaml.safe_dump({"rule_files": [str(ALERTS)], "evaluation_interval": "1m", "tests": [test]})
    )
    promtool("test", "rules", file)
