"""The command line as the README promises it: train, evaluate, suggest, and what they refuse."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from core.__main__ import main
from core.checkpoints import load_checkpoint
from core.memory import Listed
from core.types import Code, CodeSystem
from tests.builders import write_codiesp, write_jsonl
from tests.models import tiny_checkpoint, tiny_fused_checkpoint, tiny_memory

ROOT = Path(__file__).resolve().parents[2]
TINY = ("--hidden", "4", "--min-count", "1", "--vector-epochs", "1", "--threads", "1")
SENTENCES = (
    ("The patient has fever and cough.", "R50.9", "ICD-10-CM"),
    ("Hypertension, and chest pain on the left.", "I10", "ICD-10-CM"),
    ("Acute appendicitis with fever.", "K35.80", "ICD-10-CM"),
    ("Chest radiograph: pneumonia.", "BW03ZZZ", "ICD-10-PCS"),
    ("Diabetes. No fever, no pain, no cough.", "E11.9", "ICD-10-CM"),
)


def five_notes() -> list[dict[str, Any]]:
    return [
        {"id": f"n{place}", "text": text, "codes": [{"system": system, "code": code}]}
        for place, (text, code, system) in enumerate(SENTENCES)
    ]


def train(corpus: Path, out: Path, *more: str) -> list[str]:
    where = ("--corpus", "jsonl", "--dir", str(corpus), "--out", str(out))
    return ["train", "marn", *where, *TINY, *more]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "corpus").mkdir()
    write_jsonl(tmp_path / "corpus" / "train.jsonl", five_notes())
    return tmp_path / "corpus"


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    tiny_checkpoint(tmp_path / "checkpoint")
    return tmp_path / "checkpoint"


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """What a refused command said: one line, no traceback."""
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("evicode: ")
    return error


def test_help_answers_without_loading_torch() -> None:
    probe = "import sys; from core.__main__ import build_parser as b; b().format_help(); " + (
        "sys.exit(any(m in sys.modules for m in ('torch', 'gensim', 'numpy')))"
    )
    assert subprocess.run([sys.executable, "-c", probe], cwd=ROOT, check=False).returncode == 0


def test_systems_lists_the_rows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["systems"]) == 0
    assert "marn_released" in capsys.readouterr().out


def test_five_notes_train_a_checkpoint_and_it_is_said_that_nothing_validates(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(train(corpus, out, "--epochs", "2")) == 0
    assert "nothing validates this run" in capsys.readouterr().err
    spaces = load_checkpoint(out).spaces
    assert {task: len(space) for task, space in spaces.items()} == {"icd": 5, "ccs": 4}
    card = (out / "MODEL_CARD.md").read_text()
    assert "the training notes themselves" in card
    assert "python -m core train marn" in card
    assert str(tmp_path) not in card
    assert not (out / ".training").exists()


def test_without_a_dev_split_some_notes_are_held_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = [{**note, "id": f"{note['id']}-{k}"} for k in range(4) for note in five_notes()]
    file = write_jsonl(tmp_path / "notes.jsonl", notes)
    assert main(train(file, tmp_path / "out", "--epochs", "2")) == 0
    assert "18 notes to learn from, 2 to validate" in capsys.readouterr().err


def test_a_row_with_one_task_is_trained_and_measured_on_that_task(
    corpus: Path, tmp_path: Path
) -> None:
    command = train(corpus, tmp_path / "out", "--epochs", "1")
    assert main(["train", "bigru_lan", *command[2:]]) == 0
    where = ("--checkpoint", str(tmp_path / "out"), "--dir", str(corpus))
    out = tmp_path / "report.json"
    assert main(["evaluate", *where, "--corpus", "jsonl", "--out", str(out)]) == 0
    assert list(json.loads(out.read_text())["figures"]) == ["icd"]


@pytest.mark.parametrize("row", ["dr_caml", "hypercore", "gated_cnn_nci", "c_memnn"])
def test_a_row_that_knows_its_codes_trains_suggests_and_explains(
    corpus: Path, tmp_path: Path, row: str
) -> None:
    out = tmp_path / "out"
    where = ("--corpus", "jsonl", "--dir", str(corpus), "--min-count", "1", "--threads", "1")
    assert main(["train", row, *where, "--out", str(out), "--epochs", "2"]) == 0
    assert (out / "knowledge.safetensors").exists()
    source = write_jsonl(tmp_path / "notes.jsonl", [{"id": "x", "text": "Fever and chest pain."}])
    assert suggest(out, source, tmp_path / "out.jsonl") == 0
    (line,) = lines_of(tmp_path / "out.jsonl")
    assert len(line["suggestions"]) == 5
    assert any(suggestion["evidence"] for suggestion in line["suggestions"])


def test_texts_of_the_user_describe_codes(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = tmp_path / "texts.csv"
    texts.write_text("system,code,text\nICD-10-CM,I10,fever or fever\n")
    where = ("--corpus", "jsonl", "--dir", str(corpus), "--min-count", "1", "--epochs", "1")
    for name, more in (("a", ()), ("b", ("--knowledge", str(texts)))):
        assert main(["train", "c_memnn", *where, *more, "--out", str(tmp_path / name)]) == 0
    assert "--knowledge describes 1 of 5 codes" in capsys.readouterr().err
    plain, told = (load_checkpoint(tmp_path / name) for name in "ab")
    hypertension = told.spaces["icd"].index(Code(CodeSystem.ICD10CM, "I10"))
    ids = told.model.knowledge["icd"].texts_LW[hypertension, :4].tolist()
    assert [told.vocabulary.words[i] for i in ids] == ["fever", "<unk>", "fever", "<pad>"]
    assert plain.hash != told.hash
    assert "--knowledge TEXT/texts.csv" in (tmp_path / "b" / "MODEL_CARD.md").read_text()
    assert main(["train", "caml", *where, *more, "--out", str(tmp_path / "c")]) == 2
    assert "row caml reads no texts on codes" in said(capsys)
    texts.write_text("system,code\n")
    assert main(["train", "c_memnn", *where, *more, "--out", str(tmp_path / "c")]) == 2
    assert "has no column 'text'" in said(capsys)
    assert not (tmp_path / "c").exists()


def test_a_run_killed_at_any_moment_ends_with_the_same_checkpoint(
    corpus: Path, tmp_path: Path
) -> None:
    write_jsonl(corpus / "dev.jsonl", five_notes()[:3])
    epochs = ("--epochs", "40", "--patience", "99")
    assert main(train(corpus, tmp_path / "a" / "m", *epochs)) == 0
    killed = tmp_path / "b" / "m"
    command = [sys.executable, "-m", "core", *train(corpus, killed, *epochs)]
    run = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    state = killed / ".training" / "state.safetensors"
    while not state.exists() and run.poll() is None:
        time.sleep(0.01)
    run.send_signal(signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL
    assert not (killed / "spec.json").exists()
    assert main(train(corpus, killed, *epochs)) == 0
    assert load_checkpoint(killed).hash == load_checkpoint(tmp_path / "a" / "m").hash


def test_another_command_does_not_go_on_with_a_stopped_run_nor_touch_a_finished_one(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(train(corpus, out, "--epochs", "1")) == 0
    before = load_checkpoint(out).hash
    assert main(train(corpus, out, "--epochs", "1", "--seed", "1")) == 2
    assert "holds a finished checkpoint" in said(capsys)
    assert load_checkpoint(out).hash == before
    assert main(train(corpus, out, "--epochs", "1", "--seed", "1", "--overwrite")) == 0
    assert load_checkpoint(out).hash != before


def test_a_folder_of_other_files_is_never_overwritten(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    assert main(train(corpus, tmp_path, "--overwrite")) == 2
    assert "is not empty" in said(capsys)
    assert (tmp_path / "thesis.txt").exists()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--epochs", "0"), "at least 1"),
        (("--learning-rate", "-1"), "above 0"),
        (("--hidden", "1"), "a width of at least 4"),
        (("--min-count", "9"), "no codes for"),
        (("--fallback", "guess"), "use one of unknown, folded, nearest"),
        (("--text", "nowhere.txt"), "nowhere.txt"),
        (("--dir", "nowhere"), "no folder nowhere"),
    ],
)
def test_settings_that_cannot_work_are_refused_and_nothing_is_written(
    corpus: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: tuple[str, ...],
    words: str,
) -> None:
    assert main(train(corpus, tmp_path / "out", *more)) == 2
    assert words in said(capsys)
    assert not (tmp_path / "out").exists()


def test_evaluate_prints_and_writes_the_figures_of_a_single_split(
    tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = write_codiesp(
        tmp_path,
        "test",
        texts={"a": "acute appendicitis with fever", "b": "no cough"},
        tables={"D": "a\tr50.9\na\tk35.9\nb\ti10\n", "P": "b\tbw0\n"},
    )
    out = tmp_path / "report.json"
    command = ["evaluate", "--checkpoint", str(checkpoint), "--corpus", "codiesp"]
    assert main([*command, "--dir", str(place), "--out", str(out)]) == 0
    report = json.loads(out.read_text())
    assert (report["split"], report["notes"]) == ("test", 2)
    assert report["checkpoint"] == load_checkpoint(checkpoint).hash
    assert report["outside_codes"] == {"ICD-10-CM K35.9": 1, "ICD-10-PCS BW0": 1}
    assert report["not_valid_codes"]["ICD-10-PCS BW0"] == "truncated"
    everything = report["figures"]["icd"]["all gold"]
    assert (everything["gold"], everything["missed"]) == (4, 2)
    assert report["figures"]["icd"]["label space"]["gold"] == 2
    printed = capsys.readouterr()
    assert "icd, all gold" in printed.out
    assert "ccs, label space" in printed.out
    assert "icd: 2 gold codes are outside the label space" in printed.err


def suggest(checkpoint: Path, source: Path, out: Path, *more: str) -> int:
    files = ("--checkpoint", str(checkpoint), "--in", str(source), "--out", str(out))
    return main(["suggest", *files, *more])


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_suggest_writes_what_the_contract_says(tmp_path: Path, checkpoint: Path) -> None:
    text = "👩🏽‍⚕️ Fever\r\nand <b>dolor</b>; ne\u0301umonía"
    source = write_jsonl(tmp_path / "notes.jsonl", [{"id": "x", "text": text}])
    assert suggest(checkpoint, source, tmp_path / "out.jsonl") == 0
    (line,) = lines_of(tmp_path / "out.jsonl")
    assert list(line) == ["id", "checkpoint", "memory", "truncated_at", "suggestions"]
    assert (line["id"], line["truncated_at"]) == ("x", None)
    assert line["checkpoint"] == load_checkpoint(checkpoint).hash
    keys = ["system", "code", "title", "probability"]
    keys += ["source", "provenance", "contexts", "evidence"]
    assert all(list(suggestion) == keys for suggestion in line["suggestions"])
    assert len(line["suggestions"]) == 8  # 5 codes, 3 categories
    probabilities = [suggestion["probability"] for suggestion in line["suggestions"]]
    assert probabilities == sorted(probabilities, reverse=True)
    for suggestion in line["suggestions"]:
        assert suggestion["evidence"]
        for span in suggestion["evidence"]:
            assert list(span) == ["start", "end", "score"]
            assert text[span["start"] : span["end"]].strip()


def test_top_bounds_a_line_over_both_tasks(tmp_path: Path, checkpoint: Path) -> None:
    source = write_jsonl(tmp_path / "notes.jsonl", [{"id": "x", "text": "fever"}])
    assert suggest(checkpoint, source, tmp_path / "all.jsonl", "--evidence", "none") == 0
    assert suggest(checkpoint, source, tmp_path / "two.jsonl", "--top", "2") == 0
    every, two = lines_of(tmp_path / "all.jsonl")[0], lines_of(tmp_path / "two.jsonl")[0]
    assert [s["code"] for s in two["suggestions"]] == [s["code"] for s in every["suggestions"][:2]]
    assert all(s["evidence"] == [] for s in every["suggestions"])


def test_a_bad_line_is_reported_by_its_number_without_its_text(
    tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = ["{secret", '["secret"]', '{"id": 2}', '{"id": 3, "text": 4}', "[" * 100_000]
    good = {"id": "good", "text": "fever"}
    wordless = {"id": "w", "text": "12 34"}
    source = write_jsonl(tmp_path / "notes.jsonl", [*bad, wordless, "", good])
    source.write_bytes(source.read_bytes() + b'{"id": "z", "text": "\xff"}\n')
    assert suggest(checkpoint, source, tmp_path / "out.jsonl") == 0
    assert [line["id"] for line in lines_of(tmp_path / "out.jsonl")] == ["good"]
    error = capsys.readouterr().err
    assert [f"line {number}: " in error for number in range(1, 10)] == [True] * 6 + [False] * 2 + [
        True
    ]
    assert "secret" not in error
    assert "1 notes served, 7 lines refused" in error


@pytest.mark.parametrize("name", ["weights.safetensors", "vocab.json", "labels.json", "spec.json"])
def test_an_incomplete_checkpoint_is_refused_and_nothing_is_written(
    tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    source = write_jsonl(tmp_path / "notes.jsonl", [{"id": "x", "text": "fever"}])
    (checkpoint / name).unlink()
    before = sorted(tmp_path.iterdir())
    assert suggest(checkpoint, source, tmp_path / "out.jsonl") == 2
    assert name in said(capsys)
    assert sorted(tmp_path.iterdir()) == before


def test_labels_of_another_checkpoint_are_refused(
    tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = json.loads((checkpoint / "labels.json").read_text())
    labels["icd"].reverse()
    (checkpoint / "labels.json").write_text(json.dumps(labels))
    source = write_jsonl(tmp_path / "notes.jsonl", [{"id": "x", "text": "fever"}])
    assert suggest(checkpoint, source, tmp_path / "out.jsonl") == 2
    assert "label set" in said(capsys)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--top", "0"), "at least 1"),
        (("--evidence", "guess"), "'guess' is not a method"),
        (("--in", "nowhere.jsonl"), "no file nowhere.jsonl"),
        (("--out", os.path.join("nowhere", "out.jsonl")), "nowhere"),
    ],
)
def test_what_suggest_cannot_do_is_said_on_one_line(
    tmp_path: Path,
    checkpoint: Path,
    capsys: pytest.CaptureFixture[str],
    more: tuple[str, ...],
    words: str,
) -> None:
    source = write_jsonl(tmp_path / "notes.jsonl", [{"id": "x", "text": "fever"}])
    assert suggest(checkpoint, source, tmp_path / "out.jsonl", *more) == 2
    assert words in said(capsys)


def test_a_model_without_label_attention_gives_gradients_and_refuses_attention(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny_checkpoint(tmp_path / "cnn", "cnn")
    source = write_jsonl(tmp_path / "notes.jsonl", [{"id": "x", "text": "fever and cough"}])
    assert suggest(tmp_path / "cnn", source, tmp_path / "out.jsonl") == 0
    assert any(s["evidence"] for s in lines_of(tmp_path / "out.jsonl")[0]["suggestions"])
    capsys.readouterr()
    more = ("--evidence", "attention")
    assert suggest(tmp_path / "cnn", source, tmp_path / "none.jsonl", *more) == 2
    assert "use one of default, none, integrated_gradients" in said(capsys)
    assert not (tmp_path / "none.jsonl").exists()


def fused(corpus: Path, out: Path, *more: str) -> list[str]:
    where = ("--corpus", "codiesp", "--language", "both", "--dir", str(corpus), "--out", str(out))
    return ["train", "evicode", *where, *TINY, "--epochs", "1", *more]


@pytest.fixture
def two_languages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Six translated notes to learn from and one to validate; few titles, so that it is quick."""
    monkeypatch.setattr(Listed, "diagnoses", lambda *tables, **more: tiny_memory().listed)
    words = [
        ("fiebre", "fever", "r50.9"),
        ("tos", "cough", "r05"),
        ("neumonía", "pneumonia", "j18.9"),
    ]
    lines = {"D": "", "X": ""}
    spanish, english = {}, {}
    for split, ids in (("train", range(6)), ("dev", range(6, 7))):
        for number in ids:
            there, here, code = words[number % 3]
            note, text = f"n{number}", f"El paciente presenta {there} desde hace {number} días."
            spanish[note], start = text, text.index(there)
            english[note] = f"The patient has had {here} for {number} days."
            places = f"{start} {start + len(there)}"
            lines["D"] += f"{note}\t{code}\n"
            lines["X"] += f"{note}\tDIAGNOSTICO\t{code}\t{there}\t{places}\n"
        write_codiesp(tmp_path / "corpus", split, texts=spanish, english=english, tables=lines)
        spanish, english, lines = {}, {}, {"D": "", "X": ""}
    return tmp_path / "corpus"


def test_network_and_memory_are_trained_saved_measured_and_served(
    two_languages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(fused(two_languages, out)) == 0
    said = capsys.readouterr().err
    assert "learning the bridge between languages from 6 translated notes" in said
    assert "12 notes to learn from, 2 to validate" in said
    assert not (out / ".training").exists()
    checkpoint = load_checkpoint(out)
    assert checkpoint.fusion is not None
    assert set(checkpoint.metrics["fused"]) == {"en", "es"}
    assert 0 <= checkpoint.metrics["cross_validated"]["calibration_error"] <= 1
    assert checkpoint.fusion.memory.notes == {"es": 6, "en": 6}
    assert not [k for _, key in checkpoint.fusion.memory.tallies for k in key if k == "6"]

    report = tmp_path / "report.json"
    where = ("--checkpoint", str(out), "--corpus", "codiesp", "--dir", str(two_languages))
    assert main(["evaluate", *where, "--out", str(report)]) == 0
    figures = json.loads(report.read_text())
    assert figures["fused"]["es"]["notes"] == 1
    assert 0 <= figures["fused"]["es"]["ICD-10-CM"]["MAP"] <= 1

    text = "👩🏽‍⚕️ La paciente refiere fiebres."
    source = write_jsonl(tmp_path / "notes.jsonl", [{"id": "x", "text": text}])
    assert suggest(out, source, tmp_path / "out.jsonl") == 0
    (line,) = lines_of(tmp_path / "out.jsonl")
    (fever,) = [s for s in line["suggestions"] if s["code"] == "R50.9"]
    assert fever["source"] == "network and memory"
    assert fever["provenance"] == "seen in 2 coded notes, 2 times R50.9"
    assert any("fiebres" in text[e["start"] : e["end"]] for e in fever["evidence"])


def test_with_dev_is_measured_before_it_learns_from_dev(
    two_languages: Path, tmp_path: Path
) -> None:
    plain, with_dev = tmp_path / "plain", tmp_path / "with"
    assert main(fused(two_languages, plain)) == 0
    assert main(fused(two_languages, with_dev, "--with-dev")) == 0
    before, after = load_checkpoint(plain), load_checkpoint(with_dev)
    assert after.metrics["fused"] == before.metrics["fused"]
    assert after.fusion is not None
    assert after.fusion.memory.notes == {"es": 7, "en": 7}
    assert not (with_dev / ".training").exists()


def test_the_same_command_gives_the_same_fused_checkpoint(
    two_languages: Path, tmp_path: Path
) -> None:
    for name in "ab":
        assert main(fused(two_languages, tmp_path / name / "m")) == 0
    assert load_checkpoint(tmp_path / "a" / "m").hash == load_checkpoint(tmp_path / "b" / "m").hash


def test_five_notes_without_marks_or_translations_train_a_fused_checkpoint_too(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Listed, "diagnoses", lambda *tables, **more: tiny_memory().listed)
    command = train(corpus, tmp_path / "out", "--epochs", "1")
    assert main(["train", "evicode", *command[2:]]) == 0
    fusion = load_checkpoint(tmp_path / "out").fusion
    assert fusion is not None
    assert fusion.memory.codes[Code(CodeSystem.ICD10CM, "I10")] == 1


@pytest.mark.parametrize("method", ["phrases", "attention", "none"])
def test_a_fused_checkpoint_serves_evidence_of_every_method(tmp_path: Path, method: str) -> None:
    tiny_fused_checkpoint(tmp_path / "c")
    text = "Arterial hypertension, renal dialysis dependence."
    source = write_jsonl(tmp_path / "notes.jsonl", [{"id": "x", "text": text}])
    assert suggest(tmp_path / "c", source, tmp_path / "out.jsonl", "--evidence", method) == 0
    (line,) = lines_of(tmp_path / "out.jsonl")
    found = {s["code"]: s for s in line["suggestions"]}
    assert bool(found["I10"]["evidence"]) == (method != "none")
    assert bool(found["Z99.2"]["evidence"]) == (method == "phrases")
    assert found["I10"]["provenance"] == "seen in 2 coded notes, once I10"
    assert line["memory"] == ""


def test_a_list_may_be_asked_to_hold_a_share_of_the_codes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny_fused_checkpoint(tmp_path / "c")
    source = write_jsonl(tmp_path / "notes.jsonl", [{"id": "x", "text": "Fever."}])
    assert suggest(tmp_path / "c", source, tmp_path / "out.jsonl", "--coverage", "0.8") == 0
    (line,) = lines_of(tmp_path / "out.jsonl")
    assert all(s["probability"] >= 0.2 for s in line["suggestions"])
    assert suggest(tmp_path / "c", source, tmp_path / "no.jsonl", "--coverage", "0.99") == 2
    assert "levels it can hold: 0.8, 0.9" in said(capsys)
