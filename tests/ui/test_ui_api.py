"""A program at work over HTTP: a chart from note to FHIR, who may do what, and what is refused."""

import base64
import json
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

import db
from core.inference import Coder
from db import decisions, screens
from tests.ui.accounts import PASSWORD, Hands
from tests.ui.calling import Caller, Office, browser, office
from tests.ui.conftest import Clock
from ui.api.app import api
from ui.api.services import composed
from ui.services.coding import Coding

TEXT = "Fever 😀 and cough. Patient with hypertension, no diabetes, chest pain."
FHIR = "application/fhir+json"
KEY = "6c1f7c6e-5f4e-4d3b-9a57-0f2a3c1d9b11"


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def place(engine: Engine, model: Coder, hands: Hands) -> Office:
    return office(engine, model, hands)


@pytest.fixture
def cora(place: Office) -> Caller:
    return place.caller("Cora")


@pytest.fixture
def lena(place: Office) -> Caller:
    return place.caller("Lena")


def _document(text: str | bytes, **more: object) -> dict[str, object]:
    data = base64.b64encode(text.encode() if isinstance(text, str) else text).decode()
    attachment = {"contentType": "text/plain; charset=utf-8", "data": data}
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "identifier": [{"value": "letter-18"}],
        "subject": {"reference": "Patient/42"},
        "content": [{"attachment": attachment}],
    } | more


def _send_fhir(caller: Caller, resource: object) -> Any:  # Any: the client's answer
    body = resource if isinstance(resource, bytes) else json.dumps(resource).encode()
    return caller.post("/notes", content=body, headers={"Content-Type": FHIR})


def test_fhir_in_suggestions_decisions_and_fhir_out(lena: Caller, engine: Engine) -> None:
    stored = _send_fhir(lena, {"resourceType": "Bundle", "entry": [{"resource": _document(TEXT)}]})
    assert stored.status_code == 201
    note = stored.json()["notes"][0]["note"]
    assert lena.get(f"/notes/{note}").json()["encounter"]["patient_id"] == "42"

    shown = lena.post(f"/notes/{note}/suggestions").json()
    with db.unit_of_work(engine, write=False) as session:
        kept = screens.get(session, shown["screen"])
        evidence = screens.all_explanations(session, kept)
    assert kept.checkpoint_hash == shown["checkpoint"]
    assert kept.truncated_at == shown["truncated_at"] is not None
    for each in kept.suggestions:
        said = [s for s in shown["suggestions"] if s["code"]["code"] == each.suggestion.code.code]
        if each.suggestion.task == "icd":
            assert said[0]["probability"] == each.suggestion.probability
            spans = {(e.start, e.end, e.score) for e in evidence[each.id][-1].spans}
            assert {tuple(e.values()) for e in said[0]["evidence"]} == spans

    decided = {"screen": shown["screen"], "evidence": [{"start": 0, "end": 5}]}
    assert lena.decide(note, "accept", "R50.9", **decided).status_code == 201
    rejected = lena.decide(note, "reject", "E11.9", reason="negated or ruled out", seen=1)
    assert rejected.status_code == 201
    assert lena.decide(note, "add", "R05.9", seen=2).json()["sequence"] == 3
    assert lena.post(f"/notes/{note}/finish").json()["status"] == "done"

    answer = lena.get(f"/notes/{note}/fhir")
    assert answer.headers["content-type"] == FHIR
    again = lena.get(f"/notes/{note}/decisions", headers={"Accept": FHIR})
    bundle = Bundle.model_validate(answer.json())
    assert again.json()["entry"] == answer.json()["entry"]
    found = [
        each.resource for each in bundle.entry if each.resource.get_resource_type() == "Condition"
    ]
    assert {each.code.coding[0].code for each in found} == {"R50.9", "E11.9", "R05.9"}
    assert {each.subject.identifier.value for each in found} == {"42"}
    assert TEXT not in answer.text


def test_the_list_is_the_one_the_app_shows(
    lena: Caller, engine: Engine, coding: Coding, a_note: Any
) -> None:
    note = a_note(text=TEXT)
    opened = coding.open(note, coder="ana")
    chart = coding.chart(opened, coder="ana")
    shown = lena.post(f"/notes/{note}/suggestions").json()
    assert [(s["code"]["code"], s["probability"], s["likely"]) for s in shown["suggestions"]] == [
        (row.code.code, row.probability, row.likely) for row in chart.rows
    ]
    assert shown["checkpoint"] == opened.screen.checkpoint_hash
    assert shown["suggestions"] == lena.post(f"/notes/{note}/suggestions").json()["suggestions"]


def test_a_text_that_is_not_stored_gets_the_same_scores_and_leaves_nothing(
    lena: Caller, engine: Engine, model: Coder
) -> None:
    answer = lena.post("/suggest", {"text": TEXT, "top": 50}).json()
    note = lena.keep(TEXT)
    shown = lena.post(f"/notes/{note}/suggestions").json()
    by_code = {each["code"]["code"]: each for each in answer["suggestions"]}
    for each in shown["suggestions"]:
        assert by_code[each["code"]["code"]]["probability"] == each["probability"]
        assert by_code[each["code"]["code"]]["evidence"] == each["evidence"]
    assert answer["checkpoint"] == model.checkpoint
    assert answer["truncated_at"] == shown["truncated_at"]
    lena.post("/suggest", {"text": "a canary, never stored"})
    assert lena.get("/notes").json()["total"] == 1


def test_a_repeated_key_changes_nothing(cora: Caller, lena: Caller) -> None:
    note = lena.keep(TEXT)
    first = cora.decide(note, "add", "I10", headers={"Idempotency-Key": KEY})
    again = cora.decide(note, "add", "I10", headers={"Idempotency-Key": KEY})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json()["sequence"] == first.json()["sequence"] == 1


def test_a_change_and_taking_it_back_are_each_one_step(cora: Caller) -> None:
    note = cora.keep(TEXT)
    cora.decide(note, "add", "R05.9")
    other = {"system": "ICD-10-CM", "code": "R05.1"}
    changed = cora.decide(note, "change", "R05.9", instead=other, seen=1).json()
    states = {each["code"]["code"]: each["state"] for each in changed["decisions"]}
    assert states == {"R05.9": "rejected", "R05.1": "added"}
    back = cora.decide(note, "retract", "R05.1", seen=changed["sequence"]).json()
    assert [each["code"]["code"] for each in back["decisions"]] == ["R05.9"]


def test_of_two_who_decide_at_once_the_second_is_told_and_nothing_is_overwritten(
    place: Office, cora: Caller, engine: Engine
) -> None:
    note = cora.keep(TEXT)
    one, other = place.caller("Cora"), place.caller("Cora")  # two programs of one coder
    assert one.decide(note, "add", "I10").status_code == 201
    late = other.decide(note, "reject", "I10", reason="other")
    assert late.status_code == 409
    assert "was added by Cora" in late.json()["detail"]
    carl = place.caller("Carl").decide(note, "add", "R50.9", seen=1)
    assert carl.status_code == 409
    assert "Cora has this chart" in carl.json()["detail"]
    assert place.caller("Carl").post(f"/notes/{note}/suggestions").status_code == 409
    assert one.post(f"/notes/{note}/release").status_code == 204
    assert place.caller("Carl").decide(note, "add", "R50.9", seen=1).status_code == 201
    with db.unit_of_work(engine, write=False) as session:
        made = decisions.of_note(session, note)
    assert [(row.code.code, row.coder) for row in made] == [("I10", "Cora"), ("R50.9", "Carl")]


def test_a_chart_with_errors_stays_open_and_they_are_listed(cora: Caller) -> None:
    note = cora.keep(TEXT)
    cora.decide(note, "add", "E10.9")
    cora.decide(note, "add", "E11.9", seen=1)  # Excludes1
    refused = cora.post(f"/notes/{note}/finish")
    assert refused.status_code == 422
    assert {each["level"] for each in refused.json()["findings"]} >= {"error"}
    assert cora.get(f"/notes/{note}/decisions").json()["status"] == "in progress"
    cora.decide(note, "retract", "E10.9", seen=2)
    assert cora.post(f"/notes/{note}/finish").json()["status"] == "done"
    assert cora.decide(note, "add", "I10", seen=3).status_code == 422
    assert cora.post(f"/notes/{note}/reopen").json()["status"] == "in progress"


MAY = {  # written out by hand; the rights are those of the app
    "Cora": {"upload", "list", "open", "suggest"},
    "Sue": {"list", "open", "suggest"},
    "Aud": {"list", "fhir"},
    "Lena": {"upload", "list", "open", "suggest", "fhir", "text"},
    "Ada": set(),
}


@pytest.mark.parametrize("name", MAY)
def test_each_role_gets_what_its_rights_say_and_403_in_the_guards_words(
    place: Office, lena: Caller, name: str
) -> None:
    note, who = lena.keep(TEXT), place.caller(name)
    answers = {
        "upload": who.post("/notes", {"id": "x", "text": "chest pain"}),
        "list": who.get("/notes"),
        "open": who.post(f"/notes/{note}/suggestions"),
        "suggest": who.post("/suggest", {"text": TEXT}),
        "fhir": who.get(f"/notes/{note}/fhir"),
        "text": who.get(f"/notes/{note}/fhir?text=true"),
    }
    may = {what for what, answer in answers.items() if answer.is_success}
    assert may == MAY[name]
    for what in answers.keys() - may:
        assert answers[what].status_code == 403
        assert answers[what].json()["detail"].startswith(f"{name} may not ")
        assert "ask for one of these roles" in answers[what].json()["detail"]


def test_who_codes_blind_sees_what_stands_only_after_opening_the_chart(
    place: Office, cora: Caller
) -> None:
    note, sue = cora.keep(TEXT), place.caller("Sue")
    cora.decide(note, "add", "I10")
    cora.post(f"/notes/{note}/release")
    assert sue.get(f"/notes/{note}/decisions").status_code == 403
    assert sue.post(f"/notes/{note}/finish").status_code == 403  # findings would say, too
    assert sue.post(f"/notes/{note}/suggestions").status_code == 200
    assert sue.get(f"/notes/{note}/decisions").json()["sequence"] == 1


def test_guessing_passwords_has_to_wait_and_a_login_ends(place: Office, hands: Hands) -> None:
    wrong = {"name": "Carl", "password": "wrong"}
    said = [place.client.post("/v1/login", json=wrong).json()["detail"] for _ in range(6)]
    assert "too many attempts for this name" in said[-1]
    right = {"name": "Carl", "password": PASSWORD}
    assert place.client.post("/v1/login", json=right).status_code == 401
    cora = place.caller("Cora")
    hands.move(minutes=14)
    assert cora.get("/notes").status_code == 200
    hands.move(minutes=15)
    assert "15 minutes without work" in cora.get("/notes").json()["detail"]
    other = place.caller("Cora")
    assert other.post("/logout").status_code == 204
    assert other.get("/notes").status_code == 401


def test_a_cookie_is_no_login(cora: Caller) -> None:
    headers = {"Cookie": f"evicode={cora.token}"}
    assert Caller(client=cora.client).get("/notes", headers=headers).status_code == 401


def test_what_is_too_large_is_refused_before_it_is_read(place: Office, cora: Caller) -> None:
    name = "n" * 20_000
    assert (
        Caller(client=place.client).post("/login", {"name": name, "password": "x"}).status_code
        == 413
    )
    assert cora.post("/suggest", {"text": "a" * 2_100_000}).status_code == 413
    assert cora.post("/notes", content=(b"x" * 1_000_000 for _ in range(26))).status_code == 413
    long = cora.post("/notes", {"id": "x", "text": "fever " * 40_000})
    assert long.status_code == 422
    assert (
        cora.post("/notes", content=b"fever", headers={"Content-Type": "text/plain"}).status_code
        == 415
    )


CANARY = "zebrafish"
HOSTILE = {
    "no JSON": b"{" + CANARY.encode(),
    "deep": b'{"resourceType":"Bundle","entry":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a list": b'["%s"]' % CANARY.encode(),
    "another resource": {"resourceType": "Patient", "name": [{"text": CANARY}]},
    "no resource": {"id": "1", "text": CANARY},
    "a link": _document(
        "x",
        content=[{"attachment": {"contentType": "text/plain", "url": f"http://{CANARY}.example"}}],
    ),
    "no base64": _document(
        "x", content=[{"attachment": {"contentType": "text/plain", "data": CANARY}}]
    ),
    "a bomb": _document(b"%PDF-1.4 " + CANARY.encode() * 10),
    "NUL": _document(f"\0{CANARY}"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_fhir_is_refused_without_a_word_of_it(lena: Caller, name: str) -> None:
    answer = _send_fhir(lena, HOSTILE[name])
    assert answer.status_code == 422
    assert CANARY not in answer.text
    assert lena.get("/notes").json()["total"] == 0


def test_the_same_text_twice_is_one_note(lena: Caller) -> None:
    first, again = _send_fhir(lena, _document(TEXT)), _send_fhir(lena, _document(TEXT))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["notes"][0] == first.json()["notes"][0] | {"duplicate": True}


def test_alone_no_token_is_asked_for_and_nobody_else_gets_in(
    engine: Engine, model: Coder, clock: Clock
) -> None:
    app = api(composed(engine, model, alone=True, now=clock))
    here = Caller(client=browser(app))
    note = here.keep(TEXT)
    decided = here.decide(note, "add", "I10", headers={"X-Coder": "Ana"})
    assert decided.json()["decisions"][0]["decided_by"] == "Ana"
    assert here.post("/login", {"name": "a", "password": "b"}).status_code == 403
    for elsewhere in (
        browser(app, host="http://evil.example:8600"),  # a name that points to this computer
        browser(app, client=("192.0.2.7", 1)),
    ):
        assert Caller(client=elsewhere).get("/notes").status_code == 403
    page = {"Origin": "http://localhost:8501"}  # of another port
    assert here.get("/notes", headers=page).status_code == 403


def test_without_a_model_coding_goes_on_and_suggestions_say_why_there_are_none(
    engine: Engine, hands: Hands
) -> None:
    cora = office(engine, None, hands).caller("Cora")
    note = cora.keep(TEXT)
    shown = cora.post(f"/notes/{note}/suggestions").json()
    assert (shown["screen"], shown["suggestions"]) == (None, [])
    assert shown["problem"] == "No suggestions: none here"
    assert cora.post("/suggest", {"text": TEXT}).status_code == 503
    assert cora.decide(note, "add", "I10").status_code == 201


def test_answers_are_not_kept_sniffed_or_shared_with_other_sites(cora: Caller) -> None:
    for answer in (
        cora.get("/notes"),
        cora.get("/nothing"),
        Caller(client=cora.client).get("/notes"),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in answer.headers
        assert len(answer.headers["x-request-id"]) == 8
    refused = cora.get("/notes", headers={"Origin": "https://evil.example"})
    assert refused.status_code == 403


def test_a_fault_is_answered_with_an_id_and_nothing_else(
    cora: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(Coding, "open", broken)
    answer = cora.post(f"/notes/{cora.keep(TEXT)}/suggestions")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert CANARY not in answer.text
    assert "(id " in answer.json()["detail"]


_BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(CANARY) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "text",
                    "kind",
                    "code",
                    "system",
                    "seen",
                    "screen",
                    "evidence",
                    "start",
                    "end",
                    "instead",
                    "reason",
                    "method",
                    "top",
                    "coverage",
                    "name",
                    "password",
                    CANARY,
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
_PATHS = ("/notes", "/notes/1/decisions", "/notes/1/suggestions", "/suggest", "/login")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(body=_BODIES, path=st.sampled_from(_PATHS), fhir=st.sampled_from([False] * 5 + [True]))
def test_no_refusal_says_a_word_of_what_was_sent(
    cora: Caller, caplog: pytest.LogCaptureFixture, body: object, path: str, fhir: bool
) -> None:
    kind = FHIR if fhir and path == "/notes" else "application/json"
    answer = cora.post(path, content=json.dumps(body).encode(), headers={"Content-Type": kind})
    assert answer.status_code < 500
    if not answer.is_success:
        assert CANARY not in answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(answer.json()) >= {"type", "title", "status", "detail"}
    assert CANARY not in caplog.text
