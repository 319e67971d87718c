"""What a benchmark prints is read by programs: the last line, and what "holds" means."""

import json

import pytest

from bench.report import Bar, bars_line, table


def test_the_last_line_is_one_json_object() -> None:
    line = bars_line([Bar("ratio", 1.0449999, 1.10), Bar("second", 2.5, 2.0)])

    assert "\n" not in line
    assert json.loads(line) == {
        "bars": [
            {"name": "ratio", "value": 1.045, "bar": 1.10, "holds": True},
            {"name": "second", "value": 2.5, "bar": 2.0, "holds": False},
        ]
    }


@pytest.mark.parametrize(("value", "holds"), [(1.1, True), (1.1004, True), (1.1006, False), (0.2, True)])
def test_a_bar_holds_by_the_value_that_is_printed(value: float, holds: bool) -> None:
    bar = Bar("ratio", value, 1.10)

    assert bar.holds is holds
    assert (json.loads(bars_line([bar]))["bars"][0]["value"] <= 1.10) is holds


def test_columns_line_up_and_numbers_stand_to_the_right() -> None:
    shown = table(("谁", "seconds"), [("jinyun", 12.5), ("plain", 3.0), ("neither", None)])

    assert shown.splitlines() == [
        "谁       seconds",
        "jinyun     12.50",
        "plain       3.00",
        "neither        -",
    ]


def test_what_has_to_be_reached_and_what_is_only_told() -> None:
    assert [Bar("attached", value, 40, at_least=True).holds for value in (39, 40, 41)] == [False, True, True]
    assert json.loads(bars_line([Bar("told", 7.0)]))["bars"] == [
        {"name": "told", "value": 7.0, "bar": None, "holds": True}
    ]
