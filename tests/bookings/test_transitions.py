"""What may become of a booking, and nothing else."""

from itertools import product
from typing import get_args

import pytest

from shared.bookings.errors import BookingMoved, BookingNotActive
from shared.bookings.schemas import Status
from shared.bookings.transitions import Change, is_legal, require_legal, target_of

LEGAL = {
    ("CONFIRMED", "pending", "accepted"),
    ("SEAT_ACCEPTED", "pending", "accepted"),
    ("REJECTED", "pending", "rejected"),
    ("CANCELLED", "pending", "cancelled"),
    ("CANCELLED", "accepted", "cancelled"),
    ("EXPIRED", "pending", "cancelled"),
    ("RESCHEDULED", "pending", "cancelled"),
    ("RESCHEDULED", "accepted", "cancelled"),
}


@pytest.mark.parametrize(("change", "status"), [*product(get_args(Change), get_args(Status))])
def test_a_change_is_legal_from_where_it_should_be(change: Change, status: Status) -> None:
    is_told = (change, status, target_of(change)) in LEGAL
    assert is_legal(change, status) is is_told
    if not is_told:
        with pytest.raises(BookingNotActive) as refused:
            require_legal(change, status, moved=False)
        assert refused.value.members == {"bookingStatus": status}


@pytest.mark.parametrize("change", get_args(Change))
def test_nothing_leads_out_of_cancelled_and_rejected(change: Change) -> None:
    assert not is_legal(change, "cancelled")
    assert not is_legal(change, "rejected")


@pytest.mark.parametrize("change", get_args(Change))
def test_what_was_moved_is_told_to_be_elsewhere(change: Change) -> None:
    with pytest.raises(BookingMoved):
        require_legal(change, "cancelled", moved=True)
