"""The demonstration tells the whole story, and notices when it does not hold."""

import pytest

from local import demo
from local.demo_steps import DoesNotHold, Told, show


def test_a_step_that_comes_back_otherwise_ends_the_story() -> None:
    with pytest.raises(DoesNotHold, match="expected 201"):
        show("a step", Told(409, {"code": "slot_taken"}), expect=201)
    with pytest.raises(DoesNotHold, match="slot_taken"):
        show("a step", Told(409, {"code": "other"}), expect=409, code="slot_taken")


def test_a_story_that_does_not_hold_exits_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_comes(_: object) -> None:
        raise DoesNotHold("nothing comes")

    monkeypatch.setattr(demo, "STORY", (nothing_comes,))
    assert demo.main() == 1


def test_the_whole_story_holds() -> None:
    assert demo.main() == 0
