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


def firing(folder: Path, *scrapes: str) -> list[str]:
    """The labels of every alert that fires while each scrape is repeated for an hour."""
    series: dict[str, list[str]] = {'up{job="position-manager"}': [f"1+0x{MINUTES}"] * len(scrapes)}
    for hour, text in enumerate(scrapes):
        for line in text.splitlines():
            if (sample := SAMPLE.fullmatch(line)) is None:
                assert line.startswith("#"), line
                continue
            value, step = float(sample["value"]), 0
            if sample["name"].endswith("_timestamp_seconds"):
                # The clock of promtool starts at 0. What the time is of stays as old as it is.
                value, step = value - time.time() + hour * (MINUTES + 1) * 60, 60
            values = series.setdefault(sample["series"], [])
            values += [f"_x{MINUTES + 1}"] * (hour - len(values))
            values.append(f"{value:f}+{step}x{MINUTES}")
    names = [
        rule["alert"]
        for group in yaml.safe_load(ALERTS.read_text())["groups"]
        for rule in group["rules"]
    ]
    test = {
        "interval": "1m",
        "input_series": [
            {"series": name, "values": " ".join(values)} for name, values in series.items()
        ],
        "alert_rule_test": [
            {"eval_time": f"{minute}m", "alertname": name, "exp_alerts": []}
            for minute in range(5, (MINUTES + 1) * len(scrapes), 5)
            for name in names
        ],
    }
    file = folder / "alerts.yml"
    file.write_text(
        yaml.safe_dump({"rule_files": [str(ALERTS)], "evaluation_interval": "1m", "tests": [test]})
    )
    done = subprocess.run(
        ["promtool", "test", "rules", file], capture_output=True, text=True, check=False
    )
    found = sorted(set(re.findall(r"Labels:\{(.*?)\}", done.stdout + done.stderr)))
    assert bool(found) == (done.returncode != 0), done.stdout + done.stderr
    return found
