"""What the table of positions refuses from every writer."""

from __future__ import annotations

import psycopg
import pytest

from tests.helpers.ledger import Ledger
from tests.helpers.messages import buy


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("size = 'NaN'", "positions_are_finite"),
        ("size = '-Infinity'", "positions_are_finite"),
        ("cost = 'Infinity'", "positions_are_finite"),
        ("realized = 'NaN'", "positions_are_finite"),
        ("exposure = 'NaN'", "positions_are_finite"),
        ("exposure = -1", "positions_are_finite"),
        ("size = 0", "positions_fit_size"),
        ("opened_at = NULL", "positions_fit_size"),
        ("version = -1", "positions_version_not_negative"),
        ("leg = 'long'", "positions_leg_fkey"),
        ("account = ' '", "positions_leg_fkey"),
    ],
)
def test_a_position_that_no_fold_can_give_is_refused(
    ledger: Ledger, dsn: str, change: str, constraint: str
) -> None:
    ledger.apply(buy("a", "3", "100", 1))

    with psycopg.connect(dsn) as conn, pytest.raises(psycopg.IntegrityError) as refused:
        conn.execute(f"UPDATE pms.positions SET {change}")

    assert refused.value.diag.constraint_name == constraint


@pytest.mark.parametrize(
    ("name", "constraint"),
    [
        ("account = ' main'", "legs_account_is_name"),
        ("leg = 'long'", "legs_leg_fits_mode"),
        ("asset = 'UNKNOWN'", "legs_asset_fkey"),
    ],
)
def test_a_leg_is_numbered_only_under_a_name_it_may_have(
    ledger: Ledger, dsn: str, name: str, constraint: str
) -> None:
    ledger.apply(buy("a", "3", "100", 1))

    with psycopg.connect(dsn) as conn:
        conn.execute("DELETE FROM pms.positions")
        with pytest.raises(psycopg.IntegrityError) as refused:
            conn.execute(f"UPDATE pms.legs SET {name}")

    assert refused.value.diag.constraint_name == constraint
