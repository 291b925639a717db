"""The table of a recorded comparison, in which only GET exposure is slower, in CPU time."""

from __future__ import annotations

import io
import json

from rich.console import Console

from bench.against import document, show, worse
from bench.comparison import Comparison, Measure, Round

NOISY = Measure(
    [
        Round((0.0002611, 0.0002437), (0.0002457, 0.0002019)),
        Round((0.0001380, 0.0001465), (0.0001359, 0.0001622)),
        Round((0.0001038, 0.0000973), (0.0001694, 0.0001140)),
        Round((0.0001753, 0.0001793), (0.0001763, 0.0001960)),
        Round((0.0000658, 0.0000880), (0.0000887, 0.0000855)),
    ]
)
SLOWER = Measure(
    [
        Round((0.00587, 0.00594), (0.00548, 0.00553)),
        Round((0.00677, 0.00688), (0.00623, 0.00631)),
        Round((0.00739, 0.00734), (0.00682, 0.00693)),
        Round((0.00578, 0.00593), (0.00543, 0.00561)),
        Round((0.00583, 0.00593), (0.00561, 0.00552)),
    ]
)
RECORDED = {
    "executions, batches of 1000": Comparison(elapsed=NOISY, cpu=NOISY),
    "GET exposure": Comparison(elapsed=NOISY, cpu=SLOWER),
}


def test_a_difference_within_the_noise_is_not_reported() -> None:
    printed = io.StringIO()
    show(RECORDED, "recorded", Console(file=printed, width=200))
    lines = [" ".join(line.split()) for line in printed.getvalue().splitlines()]

    assert worse(RECORDED) == ["GET exposure"]
    assert (
        "executions, batches of 1000 7,030 6,031 fills/s 0.954 ± 18.0% none 0.954 ± 18.0% none"
        in lines
    )
    assert "GET exposure 0.14 0.17 ms 0.954 ± 18.0% none 1.071 ± 1.7% worse" in lines
    assert "worse by more than 3%: GET exposure" in lines
    assert (
        "identical trees differ by more than 3% in both: executions, batches of 1000; "
        "run more rounds, on a quieter machine"
    ) in lines


def test_the_stored_document_has_the_seconds_of_every_slice() -> None:
    stored = json.loads(json.dumps(document(RECORDED, "90a4d81", 0.5)))

    assert (stored["against"], stored["scale"]) == ("90a4d81", 0.5)
    rounds = stored["figures"]["GET exposure"]["cpu"]["rounds"]
    assert rounds[0] == {"this": [0.00587, 0.00594], "that": [0.00548, 0.00553]}
    assert len(rounds) == 5
