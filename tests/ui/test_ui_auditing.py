"""An auditor's view of one code: all methods on the same text, as suggested, and as decided."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.codes import CodeTables, shared_tables
from core.errors import BadInput, EvicodeError
from core.explanations import METHODS
from core.inference import Coder
from core.systems import SYSTEMS
from core.types import Code, CodeSystem, Evidence, Span
from tests.models import tiny_checkpoint, tiny_fused_checkpoint
from tests.ui.conftest import TEXT, Clock, Desk
from ui.services.audit import Finding, agreements
from ui.services.auditable import code_named
from ui.services.auditing import Auditing, trust
from ui.services.coding import Coding
from ui.services.explaining import Explainer
from ui.services.intents import Kind
from ui.services.remembering import Remembering

I10 = Code(CodeSystem.ICD10CM, "I10")
OUTSIDE = Code(CodeSystem.ICD10CM, "K35.80")  # no code of the network


@pytest.fixture
def auditing(
    engine: Engine, tables: CodeTables, clock: Clock
) -> Callable[[Coder | None], Auditing]:
    def build(coder: Coder | None) -> Auditing:
        explainer = None
        if coder is not None:
            explainer = Explainer(coder, Remembering(coder=coder, now=clock, engine=engine))
        return Auditing(
            engine=engine,
            coder=coder,
            explainer=explainer,
            tables=tables,
            version="0.1.0",
            now=clock,
        )

    return build


@pytest.fixture
def fused(tmp_path: Path) -> Coder:
    return Coder(tiny_fused_checkpoint(tmp_path / "fused"), shared_tables())


@pytest.mark.parametrize("row", SYSTEMS)
def test_every_offered_method_of_every_row_is_shown_on_the_same_text(
    auditing: Callable[[Coder], Auditing], a_note: Callable[..., int], tmp_path: Path, row: str
) -> None:
    coder = Coder(tiny_checkpoint(tmp_path / row, row), shared_tables())
    service = auditing(coder)
    audit = service.audit(a_note(), I10)
    assert tuple(finding.method for finding in audit.findings) == coder.methods
    assert audit.waiting == ()
    for finding in audit.findings:
        assert finding.problem is None
        assert finding.at is not None
        assert all(TEXT[span.start : span.end].strip() for span in finding.spans)
        assert [(w.start, w.end) for w in finding.words] == [
            (w.start, w.end) for w in audit.findings[0].words
        ]
    pairs = len(coder.methods) * (len(coder.methods) - 1) // 2
    assert len(audit.agreements) == pairs
    _, page = service.export(audit, by="Bo")
    assert coder.checkpoint in page.decode()


def test_every_method_there_is_fits_on_one_sheet(
    auditing: Callable[[Coder], Auditing], a_note: Callable[..., int], model: Coder
) -> None:
    service = auditing(model)
    audit = replace(service.begin(a_note(), I10), waiting=tuple(METHODS))
    while audit.waiting:
        audit = service.go_on(audit, patience=20)
    assert [each.problem for each in audit.findings] == [None] * len(METHODS)
    page = service.export(audit, by="Bo")[1].decode()
    assert page.count("<article>") == len(METHODS)
    for said in ("Attention × gradient", "Kernel SHAP sentences", "removed: sets of words"):
        assert said in page


def test_the_sheet_names_everything_the_issue_asks_for(
    auditing: Callable[[Coder], Auditing], at_desk: Desk, model: Coder
) -> None:
    at_desk.do(Kind.ACCEPT, "I10", marks=(Span(0, 5),))
    service = auditing(model)
    name, page = service.export(service.audit(at_desk.opened.note.id, I10), by="Bo Auditor")
    text = page.decode()
    assert re.fullmatch(r"evicode-evidence-note-1-ICD-10-CM-I10-\d{8}-\d{6}\.html", name)
    for said in (model.checkpoint, "Attention", "Integrated gradients", "UTC", "Bo Auditor"):
        assert said in text
    assert "Accepted" in text
    assert "convergence delta" in text
    assert "<q><bdi>Fever</bdi></q>" in text


def test_the_code_stands_as_the_coder_was_shown_it(
    auditing: Callable[[Coder], Auditing], at_desk: Desk, model: Coder
) -> None:
    note_id, screen = at_desk.opened.note.id, at_desk.opened.screen
    assert screen is not None
    at_desk.do(Kind.REJECT, "I10", reason="history only")
    later = replace(at_desk.coding, version="0.2.0").open(note_id, coder="bo").screen
    assert later is not None
    assert later.id != screen.id
    audit = auditing(model).begin(note_id, I10)
    (shown,) = (each for each in screen.suggestions if each.suggestion.code == I10)
    listing = audit.listing
    assert listing is not None
    assert (listing.probability, listing.rank) == (shown.suggestion.probability, shown.rank)
    assert (listing.shown_to, listing.shown_at) == ("ana", screen.shown_at), "not the later one"
    assert [each.method for each in audit.shown] == ["attention_x_gradient"]
    assert audit.standing is not None
    assert audit.standing.reason == "history only"
    assert audit.same_model
    assert audit.same_memory


def test_a_code_nobody_decided_on_stands_as_it_was_shown_last(
    auditing: Callable[[Coder], Auditing], at_desk: Desk, model: Coder
) -> None:
    later = at_desk.coding.open(at_desk.opened.note.id, coder="bo").screen
    audit = auditing(model).begin(at_desk.opened.note.id, I10)
    assert audit.standing is None
    assert audit.listing is not None
    assert later is not None
    assert audit.listing.shown_at == later.shown_at


def test_a_code_nobody_was_shown_is_scored_for_the_view(
    auditing: Callable[[Coder], Auditing], a_note: Callable[..., int], model: Coder
) -> None:
    audit = auditing(model).begin(a_note(), I10)
    assert audit.listing is not None
    assert audit.listing.shown_to is None
    ranked = model.suggest(audit.note.as_note()).of("icd")
    assert ranked[audit.listing.rank - 1].code == I10
    assert audit.listing.probability == ranked[audit.listing.rank - 1].probability
    assert auditing(model).begin(audit.note.id, OUTSIDE).listing is None


def test_a_decision_taken_back_no_longer_stands_but_is_told(
    auditing: Callable[[Coder], Auditing], at_desk: Desk, model: Coder
) -> None:
    at_desk.do(Kind.ACCEPT, "I10")
    service = auditing(model)
    before = service.audit(at_desk.opened.note.id, I10)
    at_desk.do(Kind.RETRACT, "I10")
    _, page = service.export(before, by="Bo")
    assert b"no decision stands" in page, "decisions are read anew for the sheet"
    assert b"2. taken back by" in page


def test_methods_come_one_by_one_and_what_is_there_stays(
    auditing: Callable[[Coder], Auditing], a_note: Callable[..., int], model: Coder
) -> None:
    service = auditing(model)
    audit = service.begin(a_note(), I10)
    assert (audit.findings, audit.waiting) == ((), model.methods)
    seen: list[int] = []
    for _ in range(1000):
        if not audit.waiting:
            break
        audit = service.go_on(audit, patience=0.05)
        seen.append(len(audit.findings))
    assert seen == sorted(seen)
    assert [each.method for each in audit.findings] == list(model.methods)
    assert service.go_on(audit) == audit
    assert service.progress(audit) == 1


def test_what_was_stopped_is_not_complete_and_can_go_on(
    auditing: Callable[[Coder], Auditing], a_note: Callable[..., int], model: Coder
) -> None:
    service = auditing(model)
    whole = service.audit(a_note(), I10)
    begun = replace(whole, findings=whole.findings[:1], waiting=("occlusion",))
    service.stop(begun)
    assert service.progress(begun) == 0.5
    assert b"Not complete" in service.export(begun, by="Bo")[1]
    done = service.go_on(begun, patience=20)
    assert [each.method for each in done.findings] == ["attention_x_gradient", "occlusion"]
    assert done.findings[1].problem is None


def test_a_method_that_cannot_say_anything_costs_no_other(
    auditing: Callable[[Coder], Auditing], a_note: Callable[..., int], fused: Coder
) -> None:
    audit = auditing(fused).audit(a_note(), OUTSIDE)
    assert len(audit.findings) == len(fused.methods)
    problems = [each.problem for each in audit.findings]
    assert any("not among the codes" in str(problem) for problem in problems)
    assert len(audit.agreements) == 0


def test_polling_ends_even_when_methods_fail_again_and_again(
    auditing: Callable[[Coder], Auditing], a_note: Callable[..., int], model: Coder
) -> None:
    service = auditing(model)
    audit = service.begin(a_note(), OUTSIDE)
    rounds = 0
    while audit.waiting:
        rounds += 1
        assert rounds < 500
        audit = service.go_on(audit, patience=0.02)
    assert all(each.problem for each in audit.findings)


def test_what_stands_in_for_phrases_is_not_called_phrases(
    auditing: Callable[[Coder], Auditing], a_note: Callable[..., int], fused: Coder
) -> None:
    audit = auditing(fused).audit(a_note(text="patient was left with the right"), I10)
    phrases = audit.findings[1]
    assert phrases.method == "phrases"
    assert "see attention" in str(phrases.problem)
    assert phrases.words == ()


def test_a_failure_inside_a_method_is_logged_under_a_number_without_the_note(
    auditing: Callable[[Coder], Auditing],
    a_note: Callable[..., int],
    model: Coder,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(TEXT)

    monkeypatch.setattr(model, "explain", fail)
    audit = auditing(model).audit(a_note(), I10)
    assert all("something went wrong (id " in str(each.problem) for each in audit.findings)
    assert "hypertension" not in caplog.text + str([each.problem for each in audit.findings])


def test_without_a_model_the_record_is_still_shown(
    auditing: Callable[[Coder | None], Auditing], at_desk: Desk
) -> None:
    at_desk.do(Kind.ACCEPT, "I10")
    service = auditing(None)
    audit = service.audit(at_desk.opened.note.id, I10)
    assert audit.findings == ()
    assert audit.listing is not None
    assert b"No model was at hand" in service.export(audit, by="Bo")[1]


def test_a_note_that_is_not_there_is_said(
    auditing: Callable[[Coder], Auditing], model: Coder
) -> None:
    with pytest.raises(BadInput, match="there is no note 99"):
        auditing(model).begin(99, I10)


def test_every_finding_gets_a_remark_and_a_remark_may_fail(
    auditing: Callable[[Coder], Auditing], a_note: Callable[..., int], model: Coder
) -> None:
    said = replace(auditing(model), remark=lambda note, found: (f"of {found.method}",))
    audit = said.audit(a_note(), I10)
    assert [each.remarks for each in audit.findings] == [
        ("of attention_x_gradient",),
        ("of attention",),
        ("of integrated_gradients",),
    ]

    def fail(*_: object) -> tuple[str, ...]:
        raise RuntimeError("no")

    failed = replace(said, remark=fail).audit(audit.note.id, I10)
    assert failed.findings[0].spans == audit.findings[0].spans
    assert "could not be said" in failed.findings[0].remarks[0]


def test_how_far_evidence_can_be_trusted_is_said_in_a_sentence(
    auditing: Callable[[Coder], Auditing], a_note: Callable[..., int], model: Coder
) -> None:
    said = replace(auditing(model), remark=trust(model)).audit(a_note(), I10)
    (sentence,) = said.findings[0].remarks
    assert sentence.startswith("Removing these words ")


def _finding(method: str, scores: list[float], *spans: tuple[int, int]) -> Finding:
    words = tuple(Evidence(6 * n, 6 * n + 5, score) for n, score in enumerate(scores))
    shown = tuple(Evidence(start, end, 1.0) for start, end in spans)
    return Finding(method=method, words=words, spans=shown)


def test_agreement_by_hand() -> None:
    one = _finding("one", [0.1, 0.2, 0.3, 0.4], (0, 10))
    other = _finding("other", [1.0, 0.9, 0.8, 0.0], (5, 20))
    flat = _finding("flat", [0.0] * 4)
    failed = Finding(method="failed", problem="why")
    found = {(a.one, a.other): a for a in agreements([one, other, flat, failed])}
    assert found.keys() == {("one", "other"), ("one", "flat"), ("other", "flat")}
    assert found["one", "other"].correlation == pytest.approx(-1)
    assert found["one", "other"].overlap == pytest.approx(5 / 20)
    assert found["one", "flat"].correlation is None
    assert found["one", "flat"].overlap == 0
    none, shorter = _finding("none", [0.1, 0.2]), _finding("shorter", [0.1])
    (only,) = agreements([none, shorter])
    assert (only.correlation, only.overlap) == (None, None)


def test_codes_to_audit_are_those_decided_on_and_then_the_last_list(
    auditing: Callable[[Coder | None], Auditing], at_desk: Desk, model: Coder
) -> None:
    ranked = [row.code for row in at_desk.chart().rows]
    assert [each.code for each in auditing(model).codes(at_desk.opened.note.id)] == ranked
    at_desk.do(Kind.ACCEPT, ranked[-1].code)
    at_desk.do(Kind.ADD, OUTSIDE.code)
    at_desk.do(Kind.RETRACT, OUTSIDE.code)
    listed = auditing(None).codes(at_desk.opened.note.id)
    assert [each.code for each in listed] == [ranked[-1], OUTSIDE, *ranked[:-1]]
    assert [each.state for each in listed[:3]] == ["accepted", "open", "open"]
    assert listed[1].probability is None
    assert listed[1].title.startswith("Unspecified acute appendicitis")


def test_a_chart_nobody_opened_offers_what_a_coder_would_be_shown(
    auditing: Callable[[Coder | None], Auditing], a_note: Callable[..., int], model: Coder
) -> None:
    note_id = a_note()
    assert len(auditing(model).codes(note_id)) == 5
    assert auditing(None).codes(note_id) == ()
    with pytest.raises(BadInput, match="there is no note 99"):
        auditing(model).codes(99)


def test_an_address_names_a_code_or_is_refused() -> None:
    assert code_named("ICD-10-CM I10") == I10
    assert code_named(" icd10cm  k35.80 ") == OUTSIDE
    for name, why in (("I10", "write system and code"), ("ATC A10", "is not a code system")):
        with pytest.raises(EvicodeError, match=why):
            code_named(name)


def test_what_the_coder_saw_is_what_was_shown_before_they_decided(
    auditing: Callable[[Coder], Auditing], at_desk: Desk, model: Coder
) -> None:
    note = at_desk.opened.note
    at_desk.do(Kind.ACCEPT, "I10")
    (later,) = model.explain(note.as_note(), [I10], method="integrated_gradients")
    at_desk.coding.keep_explanation(at_desk.opened, later)
    service = auditing(model)
    audit = service.begin(note.id, I10)
    assert [each.method for each in audit.shown] == ["attention_x_gradient", "integrated_gradients"]
    assert audit.seen is not None
    assert audit.seen.method == "attention_x_gradient"
    at_desk.do(Kind.RETRACT, "I10")
    again = service.again(audit)
    assert again.standing is None
    assert again.seen is not None
    assert again.seen.method == "integrated_gradients", "nobody decided: the last that was seen"


def test_the_score_of_now_stands_beside_the_one_that_was_shown(
    auditing: Callable[[Coder], Auditing], at_desk: Desk, model: Coder, tmp_path: Path
) -> None:
    other = Coder(tiny_checkpoint(tmp_path / "other", "caml"), shared_tables())
    audit = auditing(other).begin(at_desk.opened.note.id, I10)
    assert audit.listing is not None
    assert audit.scored is not None
    assert audit.listing.checkpoint_hash == model.checkpoint
    assert audit.scored.checkpoint_hash == other.checkpoint
    assert audit.scored.probability != audit.listing.probability
    assert not audit.same_model


def test_an_open_audit_holds_no_text_in_its_print(
    auditing: Callable[[Coder], Auditing], a_note: Callable[..., int], model: Coder
) -> None:
    audit = auditing(model).audit(a_note(text="fever and canarium-9137"), I10)
    assert "canarium" not in repr(audit)


def test_the_coding_service_is_left_alone(
    auditing: Callable[[Coder], Auditing], coding: Coding, at_desk: Desk, model: Coder
) -> None:
    before = at_desk.chart()
    auditing(model).audit(at_desk.opened.note.id, I10)
    assert at_desk.chart() == before
