"""What a note may teach, part by part, and an order in which notes that are alike stand apart."""

from core.active import Kind, Known, Prospect, Unit, ordered, prospect
from core.active.prospects import MOST_UNITS
from core.memory import Listed, Phrase, PhraseMemory, Source
from core.types import Annotation, Code, CodeSystem, Note, Span, Suggestion

FEVER = Code(CodeSystem.ICD10CM, "R50.9")
COUGH = Code(CodeSystem.ICD10CM, "R05")
SYMPTOMS = Code(CodeSystem.CCSR, "SYM001")


def _memory(*coded: Note) -> PhraseMemory:
    titles = {FEVER: "fever", COUGH: "cough"}
    phrases = [Phrase(text=t, code=code, source=Source.TITLE) for code, t in titles.items()]
    memory = PhraseMemory(listed=Listed.of(phrases))
    memory.learn(coded)
    return memory


def _coded(name: str, text: str) -> Note:
    """Its first word was marked for fever."""
    mark = Annotation(code=FEVER, evidence=(Span(0, text.index(" ")),))
    return Note(id=name, text=text, annotations=(mark,))


def _said(code: Code, probability: float, task: str = "icd") -> Suggestion:
    category = SYMPTOMS if task == "icd" else None
    return Suggestion(code=code, title="", task=task, probability=probability, category=category)


def _prospect(memory: PhraseMemory, text: str, *ranked: Suggestion) -> Prospect:
    return prospect(memory.read(text, "en"), ranked, memory, Known.of(memory))


def test_a_code_that_the_note_names_teaches_until_somebody_met_it() -> None:
    assert _prospect(_memory(), "Fever and cough.").counts[Kind.UNDECIDED] == 2
    met = _memory(_coded("1", "fever was seen"))
    assert _prospect(met, "Fever and cough.").counts[Kind.UNDECIDED] == 1


def test_new_words_are_counted_and_known_ones_teach_less_with_every_note() -> None:
    memory = _memory(_coded("1", "fever was seen today"), _coded("2", "fever was seen again"))
    found = _prospect(memory, "Seen today with nausea.")
    assert found.counts[Kind.WORD] == 1, "nausea"
    met = sorted(unit.met for unit in found.units)
    assert met == [0, 1, 2], "nausea, today, seen"


def test_a_word_that_was_marked_is_more_surely_evidence_than_one_that_was_not() -> None:
    known = Known.of(_memory(_coded("1", "fever was seen")))
    assert known.evidence("fever", named=False) > known.evidence("seen", named=False)
    assert known.evidence("new", named=True) > known.evidence("new", named=False)
    assert known.evidence("250", named=False) < known.evidence("new", named=False)


def test_a_likely_code_of_few_coded_notes_is_rare() -> None:
    once = _memory(_coded("1", "fever was seen"))
    assert _prospect(once, "x", _said(FEVER, 0.9)).counts[Kind.RARE] == 1
    assert Kind.RARE not in _prospect(once, "x", _said(FEVER, 0.4)).counts
    often = _memory(*(_coded(str(n), "fever was seen") for n in range(3)))
    assert Kind.RARE not in _prospect(often, "x", _said(FEVER, 0.9)).counts


def test_the_model_is_unsure_of_what_is_as_likely_as_not() -> None:
    found = _prospect(_memory(), "x", _said(FEVER, 0.5), _said(COUGH, 0.95))
    assert found.counts[Kind.UNSURE] == 1
    assert abs(found.expected - 1.45) < 1e-9


def test_branches_that_contradict_each_other_are_counted_once_a_category() -> None:
    disputed = (_said(SYMPTOMS, 0.8, "ccs"), _said(FEVER, 0.05), _said(COUGH, 0.02))
    assert _prospect(_memory(), "x", *disputed).counts[Kind.DISPUTED] == 1
    other_way = (_said(SYMPTOMS, 0.05, "ccs"), _said(FEVER, 0.95))
    assert _prospect(_memory(), "x", *other_way).counts[Kind.DISPUTED] == 1
    agreed = (_said(SYMPTOMS, 0.8, "ccs"), _said(FEVER, 0.7))
    assert Kind.DISPUTED not in _prospect(_memory(), "x", *agreed).counts


def test_a_long_note_keeps_the_units_that_teach_most_and_counts_all() -> None:
    words = " ".join(f"w{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(2 * MOST_UNITS))
    found = _prospect(_memory(), f"{words} fever")
    assert len(found.units) == MOST_UNITS
    assert found.counts[Kind.WORD] > MOST_UNITS
    assert Kind.UNDECIDED in {unit.kind for unit in found.units}


def _holding(*numbers: int) -> Prospect:
    units = tuple(Unit(Kind.WORD, number, 1.0) for number in numbers)
    return Prospect(units=units, counts={}, expected=0.0)


def test_of_notes_alike_the_second_waits_for_what_differs() -> None:
    notes = {"long": _holding(1, 2, 3), "alike": _holding(1, 2, 3), "short": _holding(4, 5, 6)}
    assert [name for name, _ in ordered(notes)] == ["long", "short", "alike"]
    alone = [name for name, _ in ordered(notes, first=0)]
    assert alone == ["long", "alike", "short"], "by what each would add alone"


def test_what_more_notes_hold_comes_first() -> None:
    notes = {"odd": _holding(9), "common": _holding(1), "other": _holding(1, 2)}
    assert [name for name, _ in ordered(notes)][:2] == ["other", "odd"]


def test_what_was_chosen_before_counts_as_met() -> None:
    notes = {"known": _holding(1, 2), "new": _holding(3)}
    order = ordered(notes, before=[_holding(1, 2), _holding(1, 2), _holding(1, 2)])
    assert [name for name, _ in order] == ["new", "known"]


def test_the_lazy_choice_is_the_greedy_one() -> None:
    notes = {
        n: _holding(*(m for m in range(40) if (m * 7 + n * n) % (n + 3) < 2)) for n in range(9)
    }
    left, before, slow = dict(notes), [], []
    while left:
        gains = {
            name: next(
                gain for at, gain in ordered(notes | left, before=before, first=0) if at == name
            )
            for name in left
        }
        best = max(left, key=lambda name: (gains[name], -name))
        slow.append(best)
        before.append(left.pop(best))
    assert [name for name, _ in ordered(notes)] == slow
