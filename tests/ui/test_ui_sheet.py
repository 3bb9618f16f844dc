"""The evidence sheet names what is known, holds the note letter by letter, and runs nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.types import Code, CodeSystem, Context, Evidence, Span
from db.records import Action, Decision, ShownExplanation, StoredNote
from tests.db.desk import clock
from ui.services.audit import Audit, Finding, Listing
from ui.services.passages import WHOLE, Printing, windows
from ui.services.sheet import file_name, sheet

I10 = Code(CodeSystem.ICD10CM, "I10")
TEXT = "Fever 😀 and cough.\r\nHypertension, no diabetes."
HOSTILE = (
    "<script>window.ran = 1</script>",
    "</div></article></style><script>alert(1)</script>",
    "<img src=https://outside.example/p.png onerror=\"ran='img'\">",
    '" onmouseover="ran=1" data-x=\'',
    "{{ 7 * 7 }} {% raw %} {# x #} ${7*7}",
    "&lt;b&gt; &amp; &#x3c;script&#x3e; <!-- --> ]]> <![CDATA[",
    "<style>*{background:url(https://outside.example)}</style><base href=//outside.example>",
    "חום גבוה \u202efdp.exe\u202c والسعال \u2066\u2069 ١٢٣",
    "👩‍👩‍👧‍👦 🇪🇸 e\u0301 \u200b\ufeff ﷽ 𝕳",
    "javascript:alert(1) =cmd|' /C calc'!A0 @SUM(1)",
)
TAGS = set(
    "html head meta title style body header section article h1 h2 h3 p div span small strong bdi q"
    " table tr th td ol li".split()
)


@dataclass
class Page(HTMLParser):
    """What a browser would make of a page: its elements, and the text of each passage."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    passages: list[str] = field(default_factory=list)
    text: str = ""
    open: list[bool] = field(default_factory=list)  # the divs around: whether each is a passage

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attributes: Sequence[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag == "div":
            self.open.append(dict(attributes).get("class") == "text")
            self.passages += [""] * self.open[-1]

    def handle_endtag(self, tag: str) -> None:
        if tag == "div":
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        if any(self.open):
            self.passages[-1] += data


def read(page: str) -> Page:
    parsed = Page()
    parsed.feed(page)
    parsed.close()
    return parsed


def a_note(text: str = TEXT, **changes: object) -> StoredNote:
    fields: dict[str, object] = {
        "id": 7,
        "name": "letter",
        "text": text,
        "sha256": "ab" * 32,
        "characters": len(text),
        "source": "letter.txt",
        "language": None,
        "uploaded_by": "ana",
        "created_at": clock(),
    }
    return StoredNote(**(fields | changes))  # type: ignore[arg-type]


def a_finding(method: str = "attention", **changes: object) -> Finding:
    fields: dict[str, object] = {
        "method": method,
        "words": (Evidence(0, 5, 0.4), Evidence(8, 11, -0.6), Evidence(20, 32, 1.0)),
        "spans": (Evidence(20, 32, 1.0), Evidence(0, 5, 0.4)),
        "peak": 0.25,
        "settings": {"steps": "32"},
        "at": clock(2),
    }
    return Finding(**(fields | changes))  # type: ignore[arg-type]


def a_decision(action: Action = Action.ACCEPT, **changes: object) -> Decision:
    fields: dict[str, object] = {
        "id": 1,
        "note_id": 7,
        "sequence": 1,
        "code": I10,
        "title": "Hypertension",
        "action": action,
        "coder": "Ana",
        "token": "t",
        "decided_at": clock(1),
        "evidence": (Span(12, 17),),
    }
    return Decision(**(fields | changes))  # type: ignore[arg-type]


LISTING = Listing(
    probability=0.912,
    rank=2,
    task="icd",
    threshold=0.5,
    source="network and memory",
    provenance="seen in 14 coded notes, 13 times I10",
    contexts=(Context.HISTORICAL, Context.FAMILY),
    checkpoint="marn",
    checkpoint_hash="c0ffee" * 10,
    memory="3 notes",
    truncated_at=None,
    shown_to="Ana",
    shown_at=clock(),
)


def an_audit(text: str = TEXT, **changes: object) -> Audit:
    decision = a_decision()
    fields: dict[str, object] = {
        "note": a_note(text),
        "code": I10,
        "title": "Essential (primary) hypertension",
        "group": "Essential hypertension",
        "flags": ("unspecified",),
        "listing": LISTING,
        "checkpoint": "marn",
        "checkpoint_hash": "c0ffee" * 10,
        "memory": "3 notes",
        "app_version": "0.1.0",
        "findings": (a_finding(), a_finding("integrated_gradients", delta=-0.0021)),
        "decisions": (decision,),
        "standing": decision,
    }
    return Audit(**(fields | changes))  # type: ignore[arg-type]


def a_sheet(audit: Audit | None = None, by: str = "Bo Auditor") -> str:
    return sheet(audit or an_audit(), by=by, at=clock(5))


def test_everything_an_auditor_signs_for_is_named() -> None:
    shown = ShownExplanation(
        id=1, suggestion_id=1, method="attention", delta=None, shown_at=clock(3), spans=()
    )
    page = read(a_sheet(an_audit(shown=(shown,)))).text
    for said in (
        "ICD-10-CM I10",
        "Essential (primary) hypertension",
        "Accepted",
        "by Ana, 2026-01-02 03:01:00 UTC",
        "0.912, likely (from 0.50); rank 2 of the ICD codes",
        "seen in 14 coded notes, 13 times I10",
        "historical, family",
        "marn, " + "c0ffee" * 10,
        "memory 3 notes",
        "with attention (2026-01-02 03:03:00 UTC)",
        "Integrated gradients",
        "steps: 32; convergence delta -0.0021; strongest word 0.25; computed 2026-01-02 03:02:00",
        "Bo Auditor, 2026-01-02 03:05:00 UTC",
        "ab" * 32,
        "cough",  # marked by the coder
        "1.00, characters 20–32",
        "1.00 · 100%",  # the two findings agree
    ):
        assert said in page, said


def test_the_same_gives_the_same_page() -> None:
    assert a_sheet() == a_sheet()


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_note_says_stays_text(text: str) -> None:
    whole = f"Fever.\r\n{text}\nHypertension and more."
    start = whole.index(text)
    spans = (Evidence(start, start + len(text), 1.0),)
    audit = an_audit(
        whole,
        findings=(a_finding(spans=spans, words=spans, remarks=(text,)),),
        title=text,
        group=text,
        note=a_note(whole, name=text, language=text),
        flags=(text,),
        listing=replace(LISTING, provenance=text, source=text, checkpoint=text, shown_to=text),
        decisions=(d := a_decision(Action.REJECT, reason=text, coder=text, evidence=(*spans,)),),
        standing=d,
    )
    page = read(
        a_sheet(
            replace(audit, findings=(*audit.findings, Finding(method=text, problem=text))), text
        )
    )
    harmless(page)
    assert page.passages[-1] == whole


def harmless(page: Page) -> None:
    """No element but ours, nothing that runs or loads, and the policy forbids it besides."""
    assert {tag for tag, _ in page.tags} <= TAGS
    for _, attributes in page.tags:
        assert attributes.keys() <= {
            *("lang", "charset", "http-equiv", "content", "name", "class", "dir", "scope"),
            "data-number",
        }
    (policy,) = (a["content"] for _, a in page.tags if a.get("http-equiv"))
    assert str(policy).startswith("default-src 'none'; style-src 'sha256-")


controls = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")


@settings(max_examples=60, deadline=None)
@given(text=st.text(min_size=1, max_size=400), data=st.data())
def test_any_text_is_read_back_letter_by_letter(text: str, data: st.DataObject) -> None:
    """Controls, which HTML cannot carry, are each one replacement character."""
    place = st.integers(0, len(text) - 1)
    spans = []
    for _ in range(data.draw(st.integers(0, 6))):
        start = data.draw(place)
        end = data.draw(st.integers(start + 1, len(text)))
        spans.append(Evidence(start, end, data.draw(st.floats(-1, 1))))
    audit = an_audit(
        text,
        findings=(a_finding(spans=tuple(spans), words=tuple(spans)),),
        decisions=(),
        standing=None,
    )
    page = read(a_sheet(audit))
    assert page.passages[-1] == controls.sub("\ufffd", text)
    harmless(page)


def test_strength_and_sign_show_without_colour() -> None:
    page = a_sheet()
    assert '<span class="for l4 shown starts" data-number="1">Hypertension</span>' in page
    assert '<span class="for l2 shown starts" data-number="2">Fever</span>' in page
    assert '<span class="against l3">' in page
    assert '<span class="marked">cough</span>' in page
    widths = re.findall(r"\.l(\d) { border-bottom-width: (\d)px", page)
    assert widths == [(level, level) for level in "1234"]


def test_what_the_model_did_not_read_is_told_apart() -> None:
    page = a_sheet(an_audit(listing=replace(LISTING, truncated_at=34)))
    assert "of which the model read the first 34" in read(page).text
    assert '<span class="unread">no diabetes.</span>' in page


def test_evidence_of_another_model_is_called_so() -> None:
    other = an_audit(checkpoint_hash="decaf")
    assert "not of the model that made the suggestion" in a_sheet(other)
    later = a_sheet(an_audit(memory="4 notes"))
    assert "memory has learned" in later
    assert "not of the model" not in later
    assert "memory has learned" not in a_sheet()


def test_what_is_missing_is_said() -> None:
    bare = an_audit(
        findings=(Finding(method="attention", problem="not among the codes"),),
        listing=None,
        decisions=(),
        standing=None,
        checkpoint="",
        checkpoint_hash="",
        title="",
        waiting=("integrated_gradients",),
    )
    page = read(a_sheet(bare))
    for said in (
        "no decision stands",
        "The model does not rank this code",
        "No model was at hand",
        "Not complete: Integrated gradients",
        "Attention: not among the codes",
        "No method found evidence",
        "no title in the code tables",
    ):
        assert said in page.text, said
    assert page.passages == [TEXT]


def test_a_huge_note_is_printed_once_and_otherwise_where_something_stands() -> None:
    text = "lorem ipsum " * 16_000
    words = tuple(Evidence(12 * n, 12 * n + 5, (n % 100) / 100) for n in range(4_000))
    found = tuple(
        a_finding(f"m{n}", words=words, spans=(Evidence(1200 * n, 1200 * n + 5, 1.0),))
        for n in range(1, 9)
    )
    page = read(a_sheet(an_audit(text, findings=found, decisions=(), standing=None)))
    assert page.passages[-1] == text
    assert sum(map(len, page.passages[:-1])) < 8 * 8 * 250, "each method where any shows something"


def test_all_methods_are_shown_on_the_same_text() -> None:
    text = "word " * 1000
    found = [a_finding("a", words=(), spans=(Evidence(500, 504, 1.0),))]
    found += [a_finding("b", words=(), spans=(Evidence(3000, 3004, 1.0),))]
    page = read(a_sheet(an_audit(text, findings=tuple(found), decisions=(), standing=None)))
    first, second = page.passages[:2], page.passages[2:4]
    assert first == second
    assert len(page.passages) == 5


@given(st.text(min_size=1, max_size=4_000), st.data())
def test_windows_hold_every_span_and_the_counts_add_up(text: str, data: st.DataObject) -> None:
    text = text * (1 + WHOLE // len(text))
    starts = data.draw(st.lists(st.integers(0, len(text) - 2), min_size=1, max_size=6))
    spans = [Evidence(start, min(start + 9, len(text)), 1.0) for start in starts]
    printed = windows(text, spans)
    for span in spans:
        visible = text[span.start : span.end].strip()
        assert not visible or any(
            w.start <= text.index(visible, span.start) < w.end for w in printed
        )
    passages = list(Printing(text=text, spans=spans).passages(printed))
    pieces = "".join(piece.text for passage in passages for piece in passage.pieces)
    assert len(pieces) + sum(passage.skipped for passage in passages) == len(text)


@pytest.mark.parametrize(
    "code", ["I10", "../../etc/passwd", 'a"b<c>|*?:\\', "x" * 500, "...", "é😀"]
)
def test_the_file_name_is_safe_everywhere_and_names_no_patient(code: str) -> None:
    audit = an_audit(code=Code(CodeSystem.ICD10CM, code), note=a_note(name="Margaret Ellwood 1952"))
    name = file_name(audit, at=clock())
    assert re.fullmatch(
        r"evicode-evidence-note-7-ICD-10-CM[A-Za-z0-9.-]*-20260102-030000\.html", name
    )
    assert ".." not in name.removesuffix(".html")
    assert len(name) < 120
    assert "Ellwood" not in name
