"""Models in use: promoted and rolled back at once, verified, and never two within one chart."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

import db
from core.checkpoints import WEIGHTS
from core.codes import CodeTables
from core.errors import BadCheckpoint, BadInput, Conflict, EvicodeError
from core.inference import Coder
from core.types import Code, CodeSystem
from db import decisions, models, screens
from db.records import Pass, Screen
from tests.models import changed_checkpoint, tiny_checkpoint, tiny_fused_checkpoint
from tests.ui.conftest import Clock, Desk
from ui.services.auditing import Auditing
from ui.services.coding import Coding
from ui.services.health import Used
from ui.services.intents import Kind
from ui.services.loading import KEPT, Loading
from ui.services.models import Models

FEVER = "R50.9"
PATIENCE = 30.0


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    tiny_checkpoint(tmp_path / "shipped", sharpness=8.0)
    return tmp_path / "shipped"


@pytest.fixture
def folder(tmp_path: Path, shipped: Path) -> Path:
    """The folder of models, with two that were fine-tuned from the shipped one."""
    root = tmp_path / "models"
    changed_checkpoint(root / "spring", of=shipped)
    changed_checkpoint(root / "summer", of=root / "spring")
    return root


@pytest.fixture
def loading(engine: Engine, clock: Clock, folder: Path, shipped: Path) -> Loading:
    return a_loading(engine, clock, folder, shipped)


def a_loading(engine: Engine, clock: Clock, folder: Path, shipped: Path) -> Loading:
    """As each process has one."""
    return Loading(engine=engine, now=clock, folder=folder, shipped=lambda: shipped)


@pytest.fixture
def service(engine: Engine, loading: Loading, clock: Clock) -> Models:
    found = Models(engine=engine, loading=loading, now=clock)
    for name in ("spring", "summer"):
        found.register(name, by="lea")
    return found


@pytest.fixture
def at_work(
    engine: Engine, loading: Loading, tables: CodeTables, clock: Clock
) -> Callable[[], Coding]:
    """What a page holds: the coding of the model that is in use now."""

    def coding() -> Coding:
        loaded = loading.in_use()
        return Coding(
            engine=engine,
            coder=loaded.coder,
            remembering=loaded.remembering,
            tables=tables,
            version="0.1.0",
            now=clock,
            learning=loading.learning,
            loading=loading,
        )

    return coding


def hash_of(service: Models, name: str) -> str:
    return next(each.hash for each in service.listing().models if each.name == name)


def promote(service: Models, name: str) -> str:
    """Put it into use, as somebody who has looked; its hash."""
    digest = hash_of(service, name)
    service.promote(digest, reason="better", by="lea", seen=service.listing().standing.turn)
    return digest


def roll_back(service: Models) -> None:
    service.roll_back(reason="worse", by="lea", seen=service.listing().standing.turn)


def screens_of(engine: Engine, note_id: int) -> tuple[Screen, ...]:
    with db.unit_of_work(engine, write=False) as session:
        return screens.of_note(session, note_id)


def decided_under(engine: Engine, note_id: int) -> set[str]:
    """The checkpoints of the lists that decisions on a note were made on."""
    with db.unit_of_work(engine, write=False) as session:
        made = decisions.of_note(session, note_id, coding_pass=None)
        ids = {each.screen_id for each in made if each.screen_id is not None}
        return {screens.get(session, each).checkpoint_hash for each in ids}


def test_a_promoted_model_is_in_use_at_once_and_rolled_back_at_once(
    service: Models, loading: Loading
) -> None:
    first = loading.in_use().coder.checkpoint
    assert first == loading.shipped_hash()
    spring = promote(service, "spring")
    assert loading.in_use().coder.checkpoint == spring
    summer = promote(service, "summer")
    assert loading.in_use().coder.checkpoint == summer
    roll_back(service)
    assert loading.in_use().coder.name == "spring"
    roll_back(service)
    assert loading.in_use().coder.checkpoint == first


def test_the_listing_says_how_each_model_stands_and_what_it_came_from(service: Models) -> None:
    promote(service, "spring")
    promote(service, "summer")
    overview = service.listing()
    stands = {each.name: (each.in_use, each.before) for each in overview.models}
    assert stands == {
        "summer": (True, False),
        "spring": (False, True),
        "shipped": (False, False),
    }
    summer, spring, shipped = overview.models
    assert (summer.parent, spring.parent) == (spring.hash, shipped.hash)
    assert spring.lineage["lessons"] == 12
    assert [overview.name_of(each.model) for each in overview.history] == ["summer", "spring"]
    assert overview.problem is None


def test_a_folder_put_there_by_hand_is_offered_and_can_be_registered(
    service: Models, folder: Path
) -> None:
    assert service.listing().unregistered == {}
    found = changed_checkpoint(folder / "by hand", of=folder / "spring", by=0.1)
    (folder / "notes.txt").write_text("no checkpoint")
    (folder / "empty").mkdir()
    assert service.listing().unregistered == {"by hand": found.hash}
    with pytest.raises(BadInput, match="plain name"):
        service.register("by hand", by="lea")
    (folder / "by hand").rename(folder / "autumn")
    assert service.register("autumn", by="lea").hash == found.hash
    assert service.listing().unregistered == {}


@pytest.mark.parametrize("name", ["../shipped", "..", ".", "/etc", "nothing", "spring/.."])
def test_no_name_leads_out_of_the_folder_of_models(service: Models, name: str) -> None:
    with pytest.raises(BadCheckpoint, match="there is no folder"):
        service.register(name, by="lea")


def test_a_link_out_of_the_folder_of_models_is_not_followed(
    service: Models, folder: Path, shipped: Path
) -> None:
    (folder / "linked").symlink_to(shipped)
    with pytest.raises(BadCheckpoint, match="there is no folder"):
        service.register("linked", by="lea")
    assert "linked" not in service.listing().unregistered


def test_a_model_whose_folder_was_altered_is_not_promoted(
    service: Models, loading: Loading, folder: Path
) -> None:
    weights = folder / "spring" / WEIGHTS
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    with pytest.raises(BadCheckpoint, match=r"nothing was changed: .*not the file this checkpoint"):
        promote(service, "spring")
    assert loading.in_use().coder.checkpoint == loading.shipped_hash()
    assert service.listing().history == ()


def test_a_folder_that_holds_another_checkpoint_than_registered_is_not_promoted(
    service: Models, loading: Loading, folder: Path
) -> None:
    (folder / "summer").rename(folder / "aside")
    (folder / "spring").rename(folder / "summer")
    with pytest.raises(BadCheckpoint, match="not the model that was registered"):
        promote(service, "summer")
    assert loading.in_use().coder.checkpoint == loading.shipped_hash()


def test_of_two_leads_who_look_at_the_same_page_one_gets_a_conflict(service: Models) -> None:
    seen = service.listing().standing.turn
    promote(service, "spring")
    with pytest.raises(Conflict, match="somebody else has changed"):
        service.promote(hash_of(service, "summer"), reason="me too", by="ada", seen=seen)
    with pytest.raises(Conflict, match="somebody else has changed"):
        service.roll_back(reason="no", by="ada", seen=seen)


def until(holds: Callable[[], bool]) -> None:
    """Wait for a thread."""
    waited = threading.Event()
    for _ in range(int(PATIENCE * 20)):
        if holds():
            return
        waited.wait(0.05)
    raise TimeoutError


def test_another_process_goes_on_with_the_model_before_until_the_new_one_is_loaded(
    service: Models, engine: Engine, clock: Clock, folder: Path, shipped: Path
) -> None:
    elsewhere = a_loading(engine, clock, folder, shipped)
    assert elsewhere.in_use().coder.name == "tiny-marn"
    spring = promote(service, "spring")
    assert elsewhere.in_use().coder.name in ("tiny-marn", "spring"), "nobody waits"
    until(lambda: elsewhere.in_use().coder.checkpoint == spring)


def test_a_promoted_model_that_cannot_be_loaded_elsewhere_leaves_the_one_before_at_work(
    service: Models, engine: Engine, clock: Clock, folder: Path, shipped: Path
) -> None:
    elsewhere = a_loading(engine, clock, folder, shipped)
    before = elsewhere.in_use()
    promote(service, "spring")
    (folder / "spring" / WEIGHTS).unlink()
    elsewhere.in_use()
    until(lambda: elsewhere.failure() is not None)
    assert elsewhere.in_use() is before
    overview = Models(engine=engine, loading=elsewhere, now=clock).listing()
    assert "has no readable weights" in (overview.problem or "")
    assert overview.instead == "tiny-marn"
    told = elsewhere.told(Used(name="spring", hash=hash_of(service, "spring")))
    assert told.problem is not None
    assert told.instead == "tiny-marn"


def test_a_start_with_a_broken_model_in_use_takes_the_one_before(
    service: Models, engine: Engine, clock: Clock, folder: Path, shipped: Path
) -> None:
    promote(service, "spring")
    promote(service, "summer")
    (folder / "summer" / WEIGHTS).unlink()
    restarted = a_loading(engine, clock, folder, shipped)
    assert restarted.in_use().coder.name == "spring"
    assert restarted.failure() is not None
    (folder / "spring" / WEIGHTS).unlink()
    assert a_loading(engine, clock, folder, shipped).in_use().coder.name == "tiny-marn"


def test_no_more_than_a_few_models_stay_in_memory(
    service: Models, loading: Loading, folder: Path
) -> None:
    loading.in_use()
    for place, name in enumerate(("autumn", "winter")):
        changed_checkpoint(folder / name, of=folder / "spring", by=0.1 + place)
        service.register(name, by="lea")
    for name in ("spring", "summer", "autumn", "winter"):
        promote(service, name)
    kept = [each.coder.name for each in loading.everything()]
    assert len(kept) == KEPT
    assert kept[-1] == "winter"


def test_a_chart_somebody_decided_on_goes_on_with_its_model_and_the_next_has_the_new_one(
    service: Models, at_work: Callable[[], Coding], a_note: Callable[..., int], engine: Engine
) -> None:
    begun, other = a_note(), a_note("other", "Fever and cough, no chest pain.")
    desk = Desk(coding=at_work(), opened=at_work().open(begun, coder="ana"))
    assert desk.do(Kind.ACCEPT, FEVER) is None
    old = screens_of(engine, begun)[0].checkpoint_hash
    spring = promote(service, "spring")
    desk.coding = at_work()
    assert desk.do(Kind.REJECT, "I10", reason="not documented") is None
    desk.opened = desk.coding.open(begun, coder="ana")  # a refresh
    assert desk.opened.screen is not None
    assert desk.opened.screen.checkpoint_hash == old
    assert desk.opened.methods, "evidence can still be asked for"
    assert desk.do(Kind.ACCEPT, "J18.9") is None
    assert {each.checkpoint_hash for each in screens_of(engine, begun)} == {old}
    assert decided_under(engine, begun) == {old}
    at_work().open(other, coder="ana")
    assert {each.checkpoint_hash for each in screens_of(engine, other)} == {spring}


def test_a_chart_nobody_decided_on_opens_with_the_new_model(
    service: Models, at_work: Callable[[], Coding], a_note: Callable[..., int]
) -> None:
    note_id = a_note()
    at_work().open(note_id, coder="ana")
    spring = promote(service, "spring")
    opened = at_work().open(note_id, coder="ana")
    assert opened.screen is not None
    assert opened.screen.checkpoint_hash == spring


def test_a_decision_of_a_page_that_was_opened_before_the_promotion_is_kept_with_its_list(
    service: Models, at_work: Callable[[], Coding], a_note: Callable[..., int], engine: Engine
) -> None:
    note_id = a_note()
    desk = Desk(coding=at_work(), opened=at_work().open(note_id, coder="ana"))
    assert desk.opened.screen is not None
    promote(service, "spring")
    desk.coding = at_work()
    assert desk.do(Kind.ACCEPT, FEVER) is None
    assert decided_under(engine, note_id) == {desk.opened.screen.checkpoint_hash}
    again = at_work().open(note_id, coder="ana")
    assert again.screen == desk.opened.screen


def test_two_pages_of_two_models_cannot_both_decide_on_a_chart(
    service: Models, at_work: Callable[[], Coding], a_note: Callable[..., int], engine: Engine
) -> None:
    note_id = a_note()
    one = Desk(coding=at_work(), opened=at_work().open(note_id, coder="ana"))
    promote(service, "spring")
    two = Desk(coding=at_work(), opened=at_work().open(note_id, coder="ana"))
    assert one.do(Kind.ACCEPT, FEVER) is None
    assert "another model" in (two.do(Kind.ACCEPT, "J18.9") or "")
    assert len(decided_under(engine, note_id)) == 1
    two.opened = at_work().open(note_id, coder="ana")  # reloaded, as it says
    assert two.do(Kind.ACCEPT, "J18.9") is None
    assert len(decided_under(engine, note_id)) == 1


def test_whoever_takes_the_chart_over_goes_on_with_its_model(
    service: Models, at_work: Callable[[], Coding], a_note: Callable[..., int], engine: Engine
) -> None:
    note_id = a_note()
    at_work().open(note_id, coder="bo")  # looked, and decided nothing
    desk = Desk(coding=at_work(), opened=at_work().open(note_id, coder="ana"))
    assert desk.do(Kind.ACCEPT, FEVER) is None
    promote(service, "spring")
    taken = Desk(coding=at_work(), opened=at_work().open(note_id, coder="bo"), coder="bo")
    assert taken.do(Kind.REJECT, "I10", reason="not documented") is None
    assert len({each.checkpoint_hash for each in screens_of(engine, note_id)}) == 1


def test_fresh_suggestions_are_of_the_new_model_and_stay_so(
    service: Models, at_work: Callable[[], Coding], a_note: Callable[..., int]
) -> None:
    note_id = a_note()
    desk = Desk(coding=at_work(), opened=at_work().open(note_id, coder="ana"))
    assert desk.do(Kind.ACCEPT, FEVER) is None
    spring = promote(service, "spring")
    fresh = at_work().open(note_id, coder="ana", fresh=True)
    assert fresh.screen is not None
    assert fresh.screen.checkpoint_hash == spring
    desk.coding, desk.opened = at_work(), at_work().open(note_id, coder="ana")
    assert desk.opened.screen == fresh.screen
    assert desk.do(Kind.ACCEPT, "J18.9") is None
    assert at_work().open(note_id, coder="ana").screen == fresh.screen
    roll_back(service)
    assert at_work().open(note_id, coder="ana").screen == fresh.screen


def test_a_chart_whose_model_is_gone_is_shown_as_it_was_with_nothing_new(
    service: Models,
    at_work: Callable[[], Coding],
    a_note: Callable[..., int],
    engine: Engine,
    clock: Clock,
    tables: CodeTables,
    folder: Path,
    shipped: Path,
) -> None:
    promote(service, "spring")
    note_id = a_note()
    desk = Desk(coding=at_work(), opened=at_work().open(note_id, coder="ana"))
    assert desk.do(Kind.ACCEPT, FEVER) is None
    roll_back(service)
    (folder / "spring" / WEIGHTS).unlink()
    restarted = a_loading(engine, clock, folder, shipped)
    coding = Coding(
        engine=engine,
        coder=restarted.in_use().coder,
        tables=tables,
        version="0.1.0",
        now=clock,
        loading=restarted,
    )
    for coder in ("ana", "bo"):
        opened = coding.open(note_id, coder=coder)
        assert opened.screen is not None
        assert opened.screen.checkpoint == "spring"
        assert opened.methods == ()
    assert coding.open(note_id, coder="bo").screen == opened.screen, "kept once"


def test_another_list_of_a_chart_is_of_its_model(
    tmp_path: Path, engine: Engine, clock: Clock, tables: CodeTables, a_note: Callable[..., int]
) -> None:
    tiny_fused_checkpoint(tmp_path / "fused")
    changed_checkpoint(tmp_path / "models" / "spring", of=tmp_path / "fused", by=0.1)
    loading = a_loading(engine, clock, tmp_path / "models", tmp_path / "fused")
    service = Models(engine=engine, loading=loading, now=clock)
    service.register("spring", by="lea")

    def coding() -> Coding:
        return Coding(
            engine=engine,
            coder=loading.in_use().coder,
            tables=tables,
            version="0.1.0",
            now=clock,
            loading=loading,
        )

    note_id = a_note()
    desk = Desk(coding=coding(), opened=coding().open(note_id, coder="ana"))
    assert desk.do(Kind.ACCEPT, FEVER) is None
    promote(service, "spring")
    covered = coding().cover(desk.opened, 0.8, coder="ana")
    assert covered.screen is not None
    assert covered.screen.coverage == 0.8
    assert len({each.checkpoint_hash for each in screens_of(engine, note_id)}) == 1


def test_a_code_is_audited_with_the_model_of_its_list(
    service: Models,
    at_work: Callable[[], Coding],
    a_note: Callable[..., int],
    engine: Engine,
    loading: Loading,
    clock: Clock,
    tables: CodeTables,
) -> None:
    note_id = a_note()
    desk = Desk(coding=at_work(), opened=at_work().open(note_id, coder="ana"))
    assert desk.do(Kind.ACCEPT, FEVER) is None
    old = loading.in_use().coder
    promote(service, "spring")
    new = loading.in_use()
    auditing = Auditing(
        engine=engine,
        coder=new.coder,
        explainer=new.explainer,
        tables=tables,
        version="0.1.0",
        now=clock,
        loading=loading,
    )
    fever = Code(CodeSystem.ICD10CM, FEVER)
    audit = auditing.audit(note_id, fever)
    assert audit.checkpoint_hash == old.checkpoint
    assert auditing.again(audit).findings == audit.findings
    found = {each.method: each for each in audit.findings}["attention"]
    note = audit.note.as_note()
    (its_own,) = old.explain(note, [fever], method="attention")
    (another,) = new.coder.explain(note, [fever], method="attention")
    assert found.peak == pytest.approx(its_own.peak)
    assert found.peak != pytest.approx(another.peak)
    unseen = a_note("other", "Cough and fever.")
    assert auditing.begin(unseen, fever).checkpoint_hash == new.coder.checkpoint


def test_a_second_coding_is_of_the_first_list_and_its_model(
    service: Models, at_work: Callable[[], Coding], a_note: Callable[..., int]
) -> None:
    note_id = a_note()
    first = at_work().open(note_id, coder="ana")
    promote(service, "spring")
    again = replace(at_work(), coding_pass=Pass.SECOND).open(note_id, coder="bo")
    assert first.screen is not None
    assert again.screen is not None
    assert again.screen.checkpoint_hash == first.screen.checkpoint_hash


@pytest.fixture
def fused(
    tmp_path: Path, engine: Engine, clock: Clock, tables: CodeTables
) -> tuple[Models, Coding]:
    """Models with a memory, and the coding of the shipped one."""
    tiny_fused_checkpoint(tmp_path / "fused")
    changed_checkpoint(tmp_path / "models" / "spring", of=tmp_path / "fused", by=0.1)
    loading = a_loading(engine, clock, tmp_path / "models", tmp_path / "fused")
    bare = Coding(
        engine=engine, coder=None, tables=tables, version="0.1.0", now=clock,
        learning=loading.learning,
    )  # fmt: skip

    def teach(coder: Coder, ready: Callable[[], None]) -> None:
        replace(bare, coder=coder).learn_all(ready=ready)

    loading.teach = teach
    service = Models(engine=engine, loading=loading, now=clock)
    service.register("spring", by="lea")
    return service, replace(bare, coder=loading.in_use().coder, loading=loading)


def test_a_newly_loaded_model_knows_what_was_decided_and_every_model_what_comes_after(
    fused: tuple[Models, Coding], a_note: Callable[..., int]
) -> None:
    service, coding = fused
    desk = Desk(coding=coding, opened=coding.open(a_note(), coder="ana"))
    assert desk.do(Kind.ACCEPT, FEVER) is None
    promote(service, "spring")
    old, new = (each.coder for each in service.loading.everything())
    assert old.memory == new.memory != ""
    other = Desk(coding=coding, opened=coding.open(a_note("b", "High fever."), coder="ana"))
    before = new.memory
    assert other.do(Kind.ACCEPT, FEVER) is None
    assert old.memory == new.memory != before
    assert other.do(Kind.UNDO) is None
    assert old.memory == new.memory == before
    coding.unlearn(["letter"])
    assert old.memory == new.memory == ""


def test_a_decision_made_while_a_model_is_being_taught_is_not_missed(
    fused: tuple[Models, Coding], a_note: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    service, coding = fused
    desk = Desk(coding=coding, opened=coding.open(a_note(), coder="ana"))
    gone = Desk(coding=coding, opened=coding.open(a_note("b", "High fever."), coder="ana"))
    assert gone.do(Kind.ACCEPT, FEVER) is None
    real, outcomes = Coder.learn_all, list[str | None]()

    def interrupted(self: Coder, decided: object) -> None:
        real(self, decided)  # type: ignore[arg-type]
        if not outcomes and self is not coding.coder:
            outcomes.append(None)  # once
            outcomes[0] = desk.do(Kind.ACCEPT, FEVER)
            outcomes.append(gone.do(Kind.UNDO))

    monkeypatch.setattr(Coder, "learn_all", interrupted)
    promote(service, "spring")
    assert outcomes == [None, None]
    old, new = (each.coder for each in service.loading.everything())
    assert old.memory == new.memory != ""


def test_promoting_while_others_code_mixes_nothing_and_fails_nobody(
    service: Models, at_work: Callable[[], Coding], a_note: Callable[..., int], engine: Engine
) -> None:
    ids = [a_note(f"n{place}", f"Fever and cough, day {place}.") for place in range(6)]
    problems, over = list[object](), threading.Event()

    def lead() -> None:
        try:
            while not over.is_set():
                promote(service, "spring")
                promote(service, "summer")
                roll_back(service)
                roll_back(service)
        except EvicodeError as error:
            problems.append(error)

    leading = threading.Thread(target=lead)
    leading.start()
    for note_id in ids:
        for code in (FEVER, "J18.9", "I10"):
            desk = Desk(coding=at_work(), opened=at_work().open(note_id, coder="ana"))
            problems += [why for why in [desk.do(Kind.ACCEPT, code)] if why is not None]
    over.set()
    leading.join(PATIENCE)
    assert problems == []
    assert [len(decided_under(engine, note_id)) for note_id in ids] == [1] * len(ids)


def test_a_model_that_runs_as_a_shadow_is_loaded_and_not_in_use(
    service: Models, engine: Engine, loading: Loading
) -> None:
    service.shadow(hash_of(service, "spring"), by="lea")
    with db.unit_of_work(engine, write=False) as session:
        assert models.shadowing(session) == hash_of(service, "spring")
    assert loading.in_use().coder.checkpoint == loading.shipped_hash()
    service.shadow(None, by="lea")
    assert not any(each.shadow for each in service.listing().models)
