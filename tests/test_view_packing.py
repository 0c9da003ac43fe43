"""What goes to the browser says the same in fewer bytes."""

import json
import threading

from hypothesis import given
from hypothesis import strategies as st

from injae.viz.view import runs
from injae.viz.view.packing import ROWS, pack, packed
from injae.viz.view.policy.payload import board
from injae.viz.view.state import ViewState


def _unpack(text, decimals=0):
    """As ``row`` in custom.js does it."""
    total, row = 0, []
    for step in text.split(","):
        total += int(step)
        row.append(total / 10**decimals)
    return row


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1), st.integers(0, 4))
def test_a_row_comes_back_as_it_was(whole, decimals):
    row = [number / 10**decimals for number in whole]
    assert _unpack(pack(row, decimals), decimals) == row


def test_a_payload_is_small_and_loses_nothing():
    answers = []
    desk = runs.Desk(1)
    try:
        desk.ask(ViewState(seeds=2, lang="ko").with_lever("levers.grant_scale", 2), answers.append, threading.Event())
    finally:
        desk.close()
    payload = board(answers[-1])
    parcel = packed(payload)
    rest = {**payload, "pipeline": None}  # the steps are packed where they are made
    assert len(json.dumps({**parcel, "pipeline": None})) < 0.7 * len(json.dumps(rest)) < 40_000
    assert len(json.dumps(payload["pipeline"])) < 3_000
    assert len(json.dumps(parcel)) < 38_000
    for chart, sent in zip(payload["charts"], parcel["charts"], strict=True):
        for name in ROWS:
            assert chart[name] is None or _unpack(sent[name], chart["decimals"]) == chart[name]
    assert [_unpack(row) for row in parcel["binds"]["share"]] == payload["binds"]["share"]
    assert parcel["dates"].split(",") == payload["dates"]


def test_nothing_stays_nothing():
    assert packed(None) is None
