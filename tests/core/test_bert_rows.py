"""A BERT row end to end: trained from a folder, saved, loaded without it, explained on the text."""

import json
import shutil
import socket
from pathlib import Path

import pytest

from core.__main__ import main
from core.checkpoints import load_checkpoint
from core.errors import BadCheckpoint
from core.inference import Coder
from core.types import Note
from tests.bert import real_bert, write_bert
from tests.builders import write_jsonl
from tests.core.test_command_line import five_notes, said
from tests.models import tiny_checkpoint

NOTE = Note(
    id="n", text="Paciente con FIEBRE 🙂 y cafe\u0301.\r\nAcute appendicitis, hypertension & <b>."
)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "corpus").mkdir()
    write_jsonl(tmp_path / "corpus" / "train.jsonl", five_notes())
    return tmp_path / "corpus"


def train(row: str, corpus: Path, out: Path, *more: str) -> list[str]:
    where = ("--corpus", "jsonl", "--dir", str(corpus), "--out", str(out))
    return ["train", row, *where, "--min-count", "1", "--threads", "1", "--epochs", "2", *more]


@pytest.mark.parametrize("row", ["bert_trun_fcn", "bert_hier_lan", "mdbert"])
def test_a_trained_row_needs_neither_its_folder_nor_a_network(
    corpus: Path, tmp_path: Path, row: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bert = write_bert(tmp_path / "my-bert")
    out = tmp_path / "out"
    assert main(train(row, corpus, out, "--bert", str(bert))) == 0
    expected = Coder.load(out).suggest(NOTE, evidence="default")
    shutil.rmtree(bert)

    def refuse(*_: object) -> None:
        raise AssertionError("something asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    moved = tmp_path / "elsewhere"
    out.rename(moved)
    again = Coder.load(moved)
    assert again.suggest(NOTE, evidence="default") == expected
    files = {path.name for path in moved.iterdir()}
    assert "tokenizer.json" in files
    assert "vocab.json" not in files
    said = "".join(path.read_text() for path in moved.iterdir() if path.suffix in (".json", ".md"))
    assert str(tmp_path) not in said
    assert "--bert BERT" in said
    assert "`my-bert`" in said


def test_the_same_command_gives_the_same_checkpoint(corpus: Path, tmp_path: Path) -> None:
    bert = write_bert(tmp_path / "bert")
    for name in ("a", "b"):
        assert main(train("bert_hier_lan", corpus, tmp_path / name / "m", "--bert", str(bert))) == 0
    first, second = (load_checkpoint(tmp_path / name / "m").hash for name in ("a", "b"))
    assert first == second


def test_what_training_starts_from_is_the_folder(corpus: Path, tmp_path: Path) -> None:
    bert = write_bert(tmp_path / "bert")
    still = ("--learning-rate", "1e-30", "--epochs", "1")
    assert main(train("bert_trun_lan", corpus, tmp_path / "m", "--bert", str(bert), *still)) == 0
    from transformers import BertModel

    ours = load_checkpoint(tmp_path / "m").model
    theirs = BertModel.from_pretrained(bert).state_dict()
    words = theirs.pop("embeddings.word_embeddings.weight")
    assert ours.embedding.weight[1:].equal(words[1:])
    kept = ours.get_submodule("encoder.bert").state_dict()
    assert all(part.equal(theirs[name]) for name, part in kept.items())


def test_evidence_stands_on_whole_words_of_the_original_text(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path / "c", "bert_hier_lan", sharpness=5)
    coder = Coder.load(tmp_path / "c")
    code = coder.suggest(NOTE).ranked[0].code
    for method in ("attention", "integrated_gradients"):
        (explanation,) = coder.explain(NOTE, [code], method=method)
        words = [NOTE.text[token.start : token.end] for token in explanation.tokens]
        assert words[:7] == ["Paciente", "con", "FIEBRE", "🙂", "y", "cafe\u0301", "."]
        assert words[7:] == ["Acute", "appendicitis", ",", "hypertension", "&", "<", "b", ">", "."]
        assert max(abs(token.score) for token in explanation.tokens) == pytest.approx(1)
    (attention,) = coder.explain(NOTE, [code], method="attention")
    assert sum(token.score for token in attention.tokens) * attention.peak == pytest.approx(1)


def test_a_long_note_is_cut_and_said_so(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path / "c", "bert_trun_lan", max_length=12)
    found = Coder.load(tmp_path / "c").suggest(NOTE)
    assert found.truncated_at in (NOTE.text.index(word) for word in NOTE.text.split())
    assert NOTE.text.index("con") <= found.truncated_at < len(NOTE.text)


def test_an_altered_tokenizer_is_refused(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path / "c", "bert_trun_lan")
    path = tmp_path / "c" / "tokenizer.json"
    path.write_text(path.read_text() + " ")
    with pytest.raises(BadCheckpoint, match=r"tokenizer\.json is not the file"):
        load_checkpoint(tmp_path / "c")
    path.unlink()
    with pytest.raises(BadCheckpoint, match=r"no readable tokenizer\.json; restore"):
        load_checkpoint(tmp_path / "c")


def test_a_bert_row_asks_for_its_folder_and_other_rows_refuse_one(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(train("mdbert", corpus, tmp_path / "out")) == 2
    assert "starts from a pretrained BERT: name its folder with --bert DIR" in said(capsys)
    bert = write_bert(tmp_path / "bert")
    assert main(train("cnn", corpus, tmp_path / "out", "--bert", str(bert))) == 2
    assert "--bert is for BERT rows; cnn reads words" in said(capsys)
    assert main(train("mdbert", corpus, tmp_path / "out", "--bert", str(corpus))) == 2
    assert "has no config.json" in said(capsys)
    assert not (tmp_path / "out").exists()


def test_a_run_from_another_folder_does_not_go_on(
    corpus: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, other = write_bert(tmp_path / "a"), write_bert(tmp_path / "b", seed=5)
    out = tmp_path / "out"

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("core.commands.train.save_checkpoint", stop)
        with pytest.raises(KeyboardInterrupt):
            main(train("mdbert", corpus, out, "--bert", str(first)))
    assert main(train("mdbert", corpus, out, "--bert", str(other))) == 2
    assert "holds an unfinished run with other settings or data" in said(capsys)
    assert main(train("mdbert", corpus, out, "--bert", str(first))) == 0


def test_a_real_checkpoint_is_fine_tuned_saved_and_explained(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    bert = ("--bert", str(real_bert()), "--max-length", "40", "--learning-rate", "1e-3")
    assert main(train("bert_trun_lan", corpus, out, *bert, "--epochs", "3")) == 0
    history = json.loads((out / "metrics.json").read_text())["history"]
    assert history[-1]["loss"] < 0.9 * history[0]["loss"]
    coder = Coder.load(out)
    text = five_notes()[2]["text"]
    best = coder.suggest(Note(id="1", text=text), evidence="default").of("icd")[0]
    assert all(text[span.start : span.end].strip() for span in best.evidence)
