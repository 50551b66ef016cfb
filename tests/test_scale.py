"""What bench/scale.py multiplies and estimates, checked by hand."""

import math
from argparse import Namespace

import pytest
import scale

GIVEN = {
    "pages": 7200.0,
    "hours": 1.0,
    "read": 2.0,
    "embed": 1.0,
    "write": 100.0,
    "chunks_a_page": 2.0,
    "characters": 1000.0,
    "dims": 1000.0,
    "cores": 2.0,
    "core_hour": 0.5,
    "gigabyte_month": 10.0,
}


def test_a_plan_adds_up_what_reading_and_embedding_take() -> None:
    made = scale.plan(Namespace(**GIVEN))

    assert made.chunks == 14_400
    assert made.core_hours == 1 + 4
    assert made.machines == 3
    assert made.cost == 2.5
    assert made.database_gb == pytest.approx(14_400 * 6000 / 1e9)
    assert made.monthly == pytest.approx(10 * (made.memory_gb + made.database_gb))


def test_no_more_machines_are_bought_than_one_writer_keeps_up_with() -> None:
    made = scale.plan(Namespace(**GIVEN | {"write": 1.0}))

    assert made.machines == 1


def test_one_server_of_random_times_waits_as_the_formula_of_one_says() -> None:
    busy, waits = scale.waiting(rate=0.5, mean=1.0, deviation=1.0, servers=1)

    assert busy == 0.5
    assert waits == pytest.approx(2 * math.log(0.5 / 0.05))


def test_more_than_can_be_answered_waits_for_ever_and_little_hardly_at_all() -> None:
    assert scale.waiting(rate=3.0, mean=1.0, deviation=0.0, servers=2)[1] == math.inf
    assert scale.waiting(rate=1.0, mean=1.0, deviation=0.5, servers=20)[1] == 0.0
