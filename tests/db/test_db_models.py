"""Models: registered once, promoted and rolled back for a reason, by nobody who did not look."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

import db
from core.errors import BadInput, Conflict, EvicodeError
from db import models
from db.models import Change, Standing, StoredModel
from db.verify import verify
from tests.db.desk import clock

FIRST, SECOND = "1" * 64, "2" * 64
LINEAGE = {"feedback": {"notes": 50, "until": "2026-01-01"}, "settings": {"rate": 0.001}}


def a_model(digest: str, name: str, **more: str | None) -> StoredModel:
    return StoredModel(hash=digest, name=name, folder=name, lineage=LINEAGE, **more)  # type: ignore[arg-type]


@pytest.fixture
def two(engine: Engine) -> Engine:
    """A database with two registered models, neither in use."""
    with db.unit_of_work(engine) as session:
        models.register(session, a_model(FIRST, "spring"), by="lea", at=clock())
        models.register(session, a_model(SECOND, "summer", parent=FIRST), by="lea", at=clock(1))
    return engine


def do(engine: Engine, change: Callable[..., Standing], *args: object, **how: object) -> Standing:
    with db.unit_of_work(engine) as session:
        return change(session, *args, **{"by": "lea", "at": clock(5)} | how)


def promote(engine: Engine, digest: str | None, **how: object) -> Standing:
    return do(engine, models.promote, digest, **{"reason": "better"} | how)


def roll_back(engine: Engine, **how: object) -> Standing:
    return do(engine, models.roll_back, **{"reason": "coders complain"} | how)


def in_use(engine: Engine) -> str | None:
    with db.unit_of_work(engine, write=False) as session:
        found = models.in_use(session)
        assert found == models.standing(session).in_use  # the cheap way says the same
        return found


def test_a_model_is_kept_with_its_lineage_and_known_by_its_hash(two: Engine) -> None:
    with db.unit_of_work(two) as session:
        again = a_model(FIRST, "another name")
        assert models.register(session, again, by="eve", at=clock(9)).name == "spring"
        summer, spring = models.every(session)
    assert (spring.by, spring.at, spring.lineage) == ("lea", clock(), LINEAGE)
    assert (summer.parent, summer.folder) == (FIRST, "summer")


def test_nothing_is_in_use_but_the_shipped_checkpoint_at_first(two: Engine) -> None:
    assert in_use(two) is None
    with pytest.raises(BadInput, match="no model was promoted"):
        roll_back(two)


def test_rolling_back_goes_on_to_the_shipped_checkpoint(two: Engine) -> None:
    promote(two, FIRST)
    promote(two, SECOND)
    assert in_use(two) == SECOND
    assert roll_back(two).in_use == FIRST
    assert roll_back(two).in_use is None
    with pytest.raises(BadInput, match="none to go back to"):
        roll_back(two)
    assert in_use(two) is None


def test_after_rolling_back_a_promotion_starts_from_there(two: Engine) -> None:
    promote(two, FIRST)
    promote(two, SECOND)
    roll_back(two)
    promote(two, None)
    assert in_use(two) is None
    assert roll_back(two).in_use == FIRST
    assert roll_back(two).in_use is None


@pytest.mark.parametrize(
    ("digest", "how", "said"),
    [
        (FIRST, {}, "in use already"),
        ("3" * 64, {}, "no model 333333333333 is registered"),
        (SECOND, {"reason": " \n"}, "needs a reason"),
    ],
)
def test_a_promotion_that_cannot_be_is_refused(
    two: Engine, digest: str, how: dict[str, object], said: str
) -> None:
    promote(two, FIRST)
    with pytest.raises(BadInput, match=said):
        promote(two, digest, **how)
    assert in_use(two) == FIRST


def test_rolling_back_needs_a_reason_too(two: Engine) -> None:
    promote(two, FIRST)
    with pytest.raises(BadInput, match="needs a reason"):
        roll_back(two, reason="")


def test_whoever_looked_before_another_promoted_gets_a_conflict(two: Engine) -> None:
    seen = promote(two, FIRST).turn
    promote(two, SECOND, seen=seen)
    for late in (lambda: promote(two, None, seen=seen), lambda: roll_back(two, seen=seen)):
        with pytest.raises(Conflict, match="somebody else has changed"):
            late()
    # there and back again is a change, too: what they looked at is another promotion by now
    assert roll_back(two).in_use == FIRST
    with pytest.raises(Conflict, match="somebody else has changed"):
        roll_back(two, seen=seen)
    assert in_use(two) == FIRST


def test_of_two_leads_at_the_same_moment_one_gets_a_conflict(two: Engine) -> None:
    start, outcomes = threading.Barrier(2), list[str]()

    def lead(digest: str) -> None:
        start.wait()
        try:
            promote(two, digest, seen=0)
        except EvicodeError as error:
            outcomes.append(type(error).__name__)
        else:
            outcomes.append("promoted")

    both = [threading.Thread(target=lead, args=(digest,)) for digest in (FIRST, SECOND)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(outcomes) == ["Conflict", "promoted"]


def test_the_history_says_what_replaced_what_and_why(two: Engine) -> None:
    promote(two, FIRST, reason="  micro-F1 +2  ")
    roll_back(two, by="ada")
    with db.unit_of_work(two, write=False) as session:
        back, forth = models.history(session)
    assert (forth.change, forth.replaced, forth.model) == (Change.PROMOTED, None, FIRST)
    assert (forth.reason, forth.by, forth.at) == ("micro-F1 +2", "lea", clock(5))
    assert (back.change, back.replaced, back.model) == (Change.ROLLED_BACK, FIRST, None)
    assert (back.by, back.reason) == ("ada", "coders complain")


def test_a_shadow_runs_until_it_is_ended_or_promoted(two: Engine) -> None:
    def shadowing() -> str | None:
        with db.unit_of_work(two, write=False) as session:
            return models.shadowing(session)

    assert shadowing() is None
    do(two, models.shadow, FIRST)
    assert shadowing() == FIRST
    do(two, models.shadow, SECOND)
    assert shadowing() == SECOND
    promote(two, FIRST)
    assert shadowing() == SECOND
    promote(two, SECOND)
    assert shadowing() is None
    with pytest.raises(BadInput, match="cannot run beside itself"):
        do(two, models.shadow, SECOND)
    do(two, models.shadow, FIRST)
    do(two, models.shadow, None)
    assert shadowing() is None


def test_a_shadow_changes_nothing_of_what_is_in_use(two: Engine) -> None:
    seen = promote(two, FIRST).turn
    assert do(two, models.shadow, SECOND).turn == seen
    assert promote(two, None, seen=seen).in_use is None


@pytest.mark.parametrize("folder", ["../spring", "a/b", ".hidden", "", "/etc", "a\\b", "x" * 81])
def test_a_folder_that_is_no_plain_name_is_refused(engine: Engine, folder: str) -> None:
    model = StoredModel(hash=FIRST, name="spring", folder=folder)
    with db.unit_of_work(engine) as session, pytest.raises(BadInput, match="plain name"):
        models.register(session, model, by="lea", at=clock())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"hash": "c0ffee"}, "SHA-256"),
        ({"name": "  "}, "needs a name"),
        ({"lineage": {"loss": float("nan")}}, "plain JSON"),
        ({"folder": "spring"}, "registered as 'spring' with other content"),
    ],
)
def test_a_model_that_says_too_little_is_refused(
    two: Engine, wrong: dict[str, object], said: str
) -> None:
    good: dict[str, object] = {"hash": "3" * 64, "name": "autumn", "folder": "autumn"}
    model = StoredModel(**good | wrong)  # type: ignore[arg-type]
    with db.unit_of_work(two) as session, pytest.raises(BadInput, match=said):
        models.register(session, model, by="lea", at=clock())


def test_promotions_are_in_the_audit_trail(two: Engine) -> None:
    promote(two, FIRST)
    roll_back(two)
    with db.unit_of_work(two, write=False) as session:
        kinds = [kind for (kind,) in session.execute(text("SELECT kind FROM trail ORDER BY 1"))]
    assert kinds == ["model_events", "model_events", "models", "models"]
    assert verify(two).fault is None
