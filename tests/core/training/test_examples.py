"""Notes as numbers: which tokens are evidence for which codes, and examples put together."""

import torch

from core.losses import Mark
from core.text import Vocabulary
from core.training import Examples, examples
from core.types import Code, CodeSpace, CodeSystem, Note
from tests.models import coded

I10, FEVER = Code(CodeSystem.ICD10CM, "I10"), Code(CodeSystem.ICD10CM, "R50.9")
CATEGORY = Code(CodeSystem.CCSR, "SYM001")
SPACES = {
    "icd": CodeSpace(name="icd", codes=(FEVER, I10)),
    "ccs": CodeSpace(name="ccs", codes=(CATEGORY,)),
}
VOCABULARY = Vocabulary(words=("<pad>", "<unk>", "chest", "fever", "high", "pain"))


def read(*notes: Note, max_length: int = 99) -> Examples:
    return examples(
        notes, VOCABULARY, SPACES, category=lambda code: CATEGORY, max_length=max_length
    )


def test_the_marked_tokens_of_a_code_are_those_its_evidence_touches() -> None:
    note = coded("👩🏽‍⚕️ High fever, chest pain.", ("R50.9", "High fever"), ("I10", "hest pai"))
    found = read(note)
    assert found.marks["icd"][0] == (Mark(code=0, tokens=(0, 1)), Mark(code=1, tokens=(2, 3)))
    assert found.marks["ccs"][0] == (Mark(code=0, tokens=(0, 1, 2, 3)),)


def test_several_and_discontinuous_mentions_of_a_code_are_one_mark() -> None:
    text = "Fever high; pain; fever."
    note = coded(text, ("R50.9", "Fever ... pain"), ("R50.9", "fever"))
    assert read(note).marks["icd"][0] == (Mark(code=0, tokens=(0, 2, 3)),)


def test_what_is_cut_off_or_outside_the_label_space_is_not_marked() -> None:
    note = coded("High fever, chest pain.", ("R50.9", "High"), ("I10", "pain"), ("Z99", "chest"))
    assert read(note, max_length=2).marks["icd"][0] == (Mark(code=0, tokens=(0,)),)


def test_examples_put_together_are_as_if_read_together() -> None:
    first = coded("High fever.", ("R50.9", "fever"), id="a")
    second = coded("Chest pain.", ("I10", "pain"), ("Z99", "Chest"), id="b")
    wordless = Note(id="c", text="12 -- 34")
    added, together = read(first) + read(wordless, second), read(first, wordless, second)
    assert (added.notes, added.ids, added.problems) == (
        together.notes,
        together.ids,
        together.problems,
    )
    for task in SPACES:
        assert torch.equal(added.targets[task], together.targets[task])
        assert torch.equal(added.missed[task], together.missed[task])
        assert list(added.marks[task]) == list(together.marks[task])
    assert len(added.problems) == 1


def test_notes_that_are_not_read_to_their_end_are_counted() -> None:
    notes = (coded("High fever, chest pain."), coded("Fever.", id="n2"))
    for most, cut in ((4, 0), (3, 1)):
        found = read(*notes, max_length=most)
        assert (found.cut, (found + found).cut) == (cut, 2 * cut)
