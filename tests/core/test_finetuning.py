"""A trained network learns what coders decided, and new codes, and forgets nothing else."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch

from core.__main__ import main
from core.checkpoints import Checkpoint, load_checkpoint
from core.codes import shared_tables
from core.corpora import Lesson, read_feedback
from core.errors import BadFile, BadSettings
from core.inference import Coder
from core.training import examples, own_category
from core.training.extending import extended, grown
from core.training.finetuning import Finetuned, Finetuning, Starting, finetune
from core.training.lessons import taught
from core.training.loop import score
from core.training.progress import Phase, ProgressFile, read_progress
from core.types import Annotation, Code, CodeSystem, Note
from tests.models import coded, tiny_checkpoint

FEVER, CHEST, ASTHMA = (Code(CodeSystem.ICD10CM, code) for code in ("R50.9", "R07.9", "J45.909"))
ATTENDING = ("marn", "caml", "laat", "evicode")  # rows that can learn new codes
TEXTS = ("fever and cough", "chest pain and fever", "the patient was with diabetes", "no fever")


@cache
def category(code: Code) -> Code | None:
    return own_category(shared_tables().category)(code)


def start(checkpoint: Checkpoint) -> Starting:
    return Starting(
        model=checkpoint.model,
        spaces=checkpoint.spaces,
        vocabulary=checkpoint.vocabulary,
        fallback=None,
        max_length=checkpoint.max_length,
        name=checkpoint.hash,
    )


def how(**settings: object) -> Finetuning:
    asked = Finetuning(tables=shared_tables(), category=category, min_count=1, epochs=30)
    return replace(asked, **{"learning_rate": 0.02, **settings})  # type: ignore[arg-type]


def probabilities(
    found: Finetuned | Checkpoint, checkpoint: Checkpoint, text: str
) -> Mapping[Code, float]:
    coder = Coder(replace(checkpoint, model=found.model, spaces=found.spaces), shared_tables())
    return {each.code: each.probability for each in coder.suggest(Note(id="x", text=text)).ranked}


@pytest.mark.parametrize("name", ATTENDING)
def test_old_codes_score_as_before_when_new_ones_come(tmp_path: Path, name: str) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "c", name)
    spaces = grown(checkpoint.spaces, {"icd": [ASTHMA, FEVER, ASTHMA]})
    assert spaces["icd"].codes == (*checkpoint.spaces["icd"].codes, ASTHMA)
    wider = extended(
        checkpoint.model,
        checkpoint.spaces,
        spaces,
        vocabulary_size=len(checkpoint.vocabulary),
    ).eval()
    ids = torch.tensor([checkpoint.vocabulary.encode(TEXTS[0]).ids])
    mask = torch.ones_like(ids, dtype=torch.bool)
    with torch.no_grad():
        before, after = checkpoint.model(ids, mask), wider(ids, mask)
    for task, logits in before.items():
        torch.testing.assert_close(after[task][:, : logits.shape[1]], logits)
    assert after["icd"].shape[1] == len(spaces["icd"])
    assert after["icd"][0, -1] <= before["icd"].max()


def test_a_row_that_knows_its_codes_otherwise_refuses_new_ones(tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "c", "cnn")
    spaces = grown(checkpoint.spaces, {"icd": [ASTHMA]})
    with pytest.raises(BadSettings, match="'cnn' cannot learn new codes"):
        extended(checkpoint.model, checkpoint.spaces, spaces, vocabulary_size=30)
    same = extended(checkpoint.model, checkpoint.spaces, checkpoint.spaces, vocabulary_size=30)
    assert same is not checkpoint.model


def test_what_nobody_decided_is_taught_as_it_was(tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "c")
    note = coded("fever and chest pain", ("R50.9", "fever"))
    seen = start(checkpoint)
    read = examples(
        [note],
        checkpoint.vocabulary,
        seen.spaces,
        category=category,
        max_length=checkpoint.max_length,
    )
    lesson = Lesson(note=note, rejected=frozenset({CHEST}))
    learnt = taught(
        read, {note.id: lesson}, seen.spaces, teacher=checkpoint.model, category=category
    )
    before = score(checkpoint.model, read)["icd"][0]
    space = seen.spaces["icd"]
    for place, code in enumerate(space.codes):
        wanted = {FEVER: 1.0, CHEST: 0.0}.get(code, float(before[place]))
        assert float(learnt.targets["icd"][0, place]) == pytest.approx(wanted)


def test_decisions_are_learned_and_the_rest_stays(tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "c", sharpness=5.0)
    lessons = [
        Lesson(note=coded(text, ("R50.9", "fever"), id=str(n)), rejected=frozenset({CHEST}))
        for n, text in enumerate(["fever and cough", "acute fever", "the fever", "fever"])
    ]
    found = finetune(start(checkpoint), lessons, how(), folder=tmp_path / "run")
    text = "patient with fever"
    before, after = (probabilities(each, checkpoint, text) for each in (checkpoint, found))
    assert after[FEVER] > before[FEVER] + 0.2
    assert after[CHEST] < before[CHEST] - 0.2
    undecided = [
        code for code in before if code not in (FEVER, CHEST) and code.system is FEVER.system
    ]
    assert max(abs(after[code] - before[code]) for code in undecided) < 0.1
    same = probabilities(checkpoint, checkpoint, text)
    assert same == before  # the checkpoint that was started from is as it was


def test_a_new_code_is_told_from_the_rest_by_charts_that_lack_it(tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "c", sharpness=5.0)
    lessons = [
        Lesson(note=coded(text, ("J45.909", "cough"), id=str(n)))
        for n, text in enumerate(["acute cough", "cough and pain", "the cough", "cough of patient"])
    ]
    charts = tuple(
        coded(text, ("R50.9", "fever"), id=f"c{n}")
        for n, text in enumerate(["fever", "acute fever", "fever and pain", "the fever"])
    )
    found = finetune(start(checkpoint), lessons, how(rehearsed=charts), folder=tmp_path / "run")
    assert found.new["icd"] == (ASTHMA,)
    with_it = probabilities(found, checkpoint, "the cough and pain")[ASTHMA]
    without = probabilities(found, checkpoint, "the fever and pain")[ASTHMA]
    assert with_it > 0.5 > without


def test_a_code_of_too_few_notes_is_not_learned(tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "c")
    lessons = [Lesson(note=coded("cough", ("J45.909", "cough")))]
    found = finetune(
        start(checkpoint), lessons, how(min_count=2, epochs=1), folder=tmp_path / "run"
    )
    assert found.new == {"icd": (), "ccs": ()}


def test_feedback_without_a_decision_is_refused(tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "c")
    with pytest.raises(BadSettings, match="nobody decided anything"):
        finetune(start(checkpoint), [Lesson(note=coded("cough"))], how(), folder=tmp_path / "run")


def feedback(path: Path) -> Path:
    lines = [
        {
            "id": str(number),
            "text": text,
            "codes": [{"system": "ICD-10-CM", "code": "R50.9", "evidence": [[0, 5]]}],
            "rejected": [{"system": "ICD-10-CM", "code": "R07.9"}],
        }
        for number, text in enumerate(["fever and cough", "fever with pain"])
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_the_command_makes_a_checkpoint_that_names_its_parent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parent = tiny_checkpoint(tmp_path / "parent")
    source = feedback(tmp_path / "feedback.jsonl")
    command = ["finetune", "--checkpoint", str(tmp_path / "parent"), "--feedback", str(source)]
    assert main([*command, "--out", str(tmp_path / "child"), "--epochs", "2"]) == 0
    child = load_checkpoint(tmp_path / "child")
    (lineage,) = child.metrics["lineage"]
    assert (lineage["parent"], lineage["lessons"]) == (parent.hash, 2)
    assert child.hash != parent.hash
    assert "From tiny-marn" in child.card
    assert "was fine-tuned before" not in capsys.readouterr().err
    command = ["finetune", "--checkpoint", str(tmp_path / "child"), "--feedback", str(source)]
    assert main([*command, "--out", str(tmp_path / "grandchild"), "--epochs", "1"]) == 0
    grandchild = load_checkpoint(tmp_path / "grandchild")
    assert [each["parent"] for each in grandchild.metrics["lineage"]] == [parent.hash, child.hash]
    assert "child was fine-tuned before" in capsys.readouterr().err


def test_words_marked_as_evidence_are_what_a_code_looks_at_afterwards(tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "c", "evicode")
    text = "acute fever and cough of the patient"
    marked = coded(text, ("R50.9", "cough"))  # not where the network looks by itself
    plain = Note(id="n1", text=text, annotations=(Annotation(code=FEVER),))
    shares = {}
    for name, note in (("marked", marked), ("plain", plain)):
        found = finetune(start(checkpoint), [Lesson(note=note)], how(), folder=tmp_path / name)
        shares[name] = attention(found, checkpoint, text)[text.split().index("cough")]
    assert shares["marked"] > shares["plain"] + 0.2


def attention(found: Finetuned, checkpoint: Checkpoint, text: str) -> list[float]:
    """How the code of fever spreads its look over the words."""
    ids = torch.tensor([checkpoint.vocabulary.encode(text).ids])
    place = torch.tensor([found.spaces["icd"].index(FEVER)])
    with torch.no_grad():
        hidden_BSD, mask_BS = found.model.read(ids, torch.ones_like(ids, dtype=torch.bool))
        attention_BCS = found.model.decoder("icd").attention(hidden_BSD, mask_BS, place)
    return [float(share) for share in attention_BCS[0, 0]]


def test_the_command_says_how_far_it_is_and_how_it_ended(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path / "parent")
    source, said = feedback(tmp_path / "feedback.jsonl"), tmp_path / "progress.json"
    charts = tmp_path / "charts.jsonl"
    charts.write_text(source.read_text().replace('"0"', '"c0"').replace('"1"', '"c1"'))
    command = ["finetune", "--checkpoint", str(tmp_path / "parent"), "--progress", str(said)]
    command += ["--feedback", str(source), "--charts", str(charts), "--epochs", "3"]
    assert main([*command, "--out", str(tmp_path / "child")]) == 0
    ended = read_progress(said)
    assert ended is not None
    assert (ended.phase, ended.epochs_done, ended.epochs) == (Phase.DONE, 3.0, 3)
    assert load_checkpoint(tmp_path / "child").metrics["lineage"][0]["rehearsed"] == "charts"
    assert main([*command, "--out", str(tmp_path / "child")]) == 2
    failed = read_progress(said)
    assert failed is not None
    assert failed.phase is Phase.FAILED
    assert "holds a finished checkpoint" in failed.reason


def test_the_time_left_is_told_from_the_pace_of_this_process(tmp_path: Path) -> None:
    seconds = iter(range(0, 1000, 10))
    progress = ProgressFile(path=tmp_path / "p.json", clock=lambda: float(next(seconds)))
    progress.learned(2.0, 5)  # two epochs were done before a kill
    progress.learned(2.5, 5)
    found = read_progress(tmp_path / "p.json")
    assert found is not None
    assert found.seconds_left == pytest.approx(20 / 0.5 * 2.5)
    assert read_progress(tmp_path / "nothing.json") is None


def test_feedback_says_what_it_cannot_use(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    fever = {"system": "ICD-10-CM", "code": "R50.9"}
    lines = [
        {"id": "a", "text": "fever", "codes": [fever], "rejected": [fever, {"code": "X"}]},
        {"id": "b", "text": "12"},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    lessons, problems = read_feedback(path)
    assert [(lesson.note.codes, lesson.rejected) for lesson in lessons] == [
        (frozenset({FEVER}), frozenset())
    ]
    assert [problem.split(": ")[0] for problem in problems] == [
        "feedback.jsonl, line 1",
        "feedback.jsonl, line 1",
        "feedback.jsonl, line 2",
    ]
    path.write_text("")
    with pytest.raises(BadFile, match="no usable note: it is empty"):
        read_feedback(path)
