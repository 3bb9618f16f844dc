"""A row starts from a local Hugging Face folder, or is told what the folder lacks."""

import json
import shutil
import socket
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.assembly import Model, assemble
from core.errors import BadFile, BadSettings
from core.systems import SYSTEMS
from core.text import pad
from core.training import Pretrained, read_pretrained
from core.training.start import start_from_pretrained
from tests.bert import SHA256, real_bert, write_bert
from tests.models import some_notes

TEXT = "The patient had acute chest pain; no fever. Paciente con neumonía e hipertensión."


def started(pretrained: Pretrained, row: str) -> Model:
    fitted = pretrained.fitted(SYSTEMS[row])
    vectors = torch.from_numpy(pretrained.vectors)
    size = len(pretrained.subwords)
    model = assemble(fitted, vocabulary_size=size, labels={"icd": 4}, vectors=vectors)
    start_from_pretrained(model, pretrained.weights)
    return model.eval()


def reference(folder: Path, ids: list[int]) -> torch.Tensor:
    """What the library itself makes of [CLS], a note and [SEP]."""
    from transformers import BertModel, BertTokenizer

    words = BertTokenizer.from_pretrained(folder)
    whole = torch.tensor([[words.cls_token_id, *ids, words.sep_token_id]])
    with torch.inference_mode():
        return BertModel.from_pretrained(folder).eval()(input_ids=whole).last_hidden_state[0]


def test_a_short_note_reads_as_the_library_reads_it(tmp_path: Path) -> None:
    folder = write_bert(tmp_path / "bert")
    short, other = some_notes(5, 9)
    with torch.inference_mode():
        model = started(read_pretrained(folder), "bert_trun_lan")
        states_BTD, _ = model.read(*pad([short, other]))
        first_BGD, _ = started(read_pretrained(folder), "bert_trun_fcn").read(*pad([short]))
    torch.testing.assert_close(states_BTD[0, :5], reference(folder, short)[1:-1])
    torch.testing.assert_close(states_BTD[1], reference(folder, other)[1:-1])
    torch.testing.assert_close(first_BGD[0, 0], reference(folder, short)[0])


def test_a_long_note_reads_as_the_library_reads_each_segment(tmp_path: Path) -> None:
    folder = write_bert(tmp_path / "bert")  # 16 positions: 14 tokens and [CLS], [SEP]
    (note,) = some_notes(33)
    with torch.inference_mode():
        states_BTD, _ = started(read_pretrained(folder), "bert_trun_lan").read(*pad([note]))
    parts = [reference(folder, note[start : start + 14])[1:-1] for start in (0, 14, 28)]
    torch.testing.assert_close(states_BTD[0], torch.cat(parts))


def test_a_real_checkpoint_reads_as_the_library_reads_it() -> None:
    pretrained = read_pretrained(real_bert())
    assert pretrained.digest == SHA256
    encoded = pretrained.subwords.encode(TEXT)
    assert [TEXT[start:end] for start, end in encoded.spans][:4] == [
        "The",
        "patient",
        "had",
        "acute",
    ]
    with torch.inference_mode():
        states_BTD, _ = started(pretrained, "bert_trun_lan").read(*pad([encoded.ids]))
    expected_TD = reference(real_bert(), list(encoded.ids))[1:-1]
    torch.testing.assert_close(states_BTD[0], expected_TD, atol=1e-5, rtol=1e-4)


def test_the_row_takes_sizes_and_nothing_else_from_the_folder(tmp_path: Path) -> None:
    pretrained = read_pretrained(write_bert(tmp_path / "bert", num_hidden_layers=1))
    row = pretrained.fitted(SYSTEMS["bert_hier_lan"])
    assert (row.encoder.layers, row.encoder.segment, row.embedding.width) == (1, 16, 8)  # type: ignore[attr-defined]
    assert "bert_hier_lan" in row.to_json()
    assert str(tmp_path) not in row.to_json()


@pytest.mark.parametrize(
    "missing", [["tokenizer.json"], ["tokenizer.json", "tokenizer_config.json"]]
)
def test_a_folder_with_vocab_txt_alone_gives_the_same_words(
    tmp_path: Path, missing: list[str]
) -> None:
    folder = write_bert(tmp_path / "bert")
    before = read_pretrained(folder).subwords.encode(TEXT)
    for name in missing:
        (folder / name).unlink()
    assert read_pretrained(folder).subwords.encode(TEXT) == before


def test_heads_of_other_tasks_and_half_precision_are_understood(tmp_path: Path) -> None:
    folder = write_bert(tmp_path / "bert")
    from transformers import BertForMaskedLM

    model = BertForMaskedLM.from_pretrained(folder)
    model.half().save_pretrained(folder)
    again = read_pretrained(folder)
    assert {part.dtype for part in again.weights.values()} == {torch.float32}
    expected = model.bert.embeddings.position_embeddings.weight.float()
    assert torch.equal(again.weights["bert.embeddings.position_embeddings.weight"], expected)


def test_weights_in_several_files_and_under_old_names_are_read(tmp_path: Path) -> None:
    folder = write_bert(tmp_path / "bert")
    expected = read_pretrained(folder)
    old = load_file(folder / "model.safetensors")
    renamed = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        ): part
        for name, part in old.items()
    }
    save_file(renamed, folder / "model.safetensors", metadata={"format": "pt"})
    again = read_pretrained(folder)
    assert again.digest != expected.digest
    assert all(part.equal(expected.weights[name]) for name, part in again.weights.items())

    from transformers import BertModel

    BertModel.from_pretrained(folder).save_pretrained(tmp_path / "parts", max_shard_size="2KB")
    shutil.copy(folder / "tokenizer.json", tmp_path / "parts")
    parts = read_pretrained(tmp_path / "parts")
    assert len(list((tmp_path / "parts").glob("*.safetensors"))) > 1
    assert all(part.equal(expected.weights[name]) for name, part in parts.weights.items())


def test_reading_a_folder_asks_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_bert(tmp_path / "bert")

    def refuse(*_: object) -> None:
        raise AssertionError("something asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert read_pretrained(folder).name == "bert"


def test_pickled_weights_are_refused_with_how_to_convert_them(tmp_path: Path) -> None:
    folder = write_bert(tmp_path / "bert")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(BadFile, match=r"only pytorch_model\.bin.*save_pretrained"):
        read_pretrained(folder)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("config.json", r"has no config\.json; name a Hugging Face checkpoint folder"),
        ("model.safetensors", r"has no model\.safetensors \(weights there: none\)"),
    ],
)
def test_a_folder_without_a_file_is_refused(tmp_path: Path, name: str, told: str) -> None:
    folder = write_bert(tmp_path / "bert")
    (folder / name).unlink()
    with pytest.raises(BadFile, match=told):
        read_pretrained(folder)


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    folder = write_bert(tmp_path / "bert")
    for name in ("tokenizer.json", "vocab.txt"):
        (folder / name).unlink()
    with pytest.raises(BadFile, match=r"neither tokenizer\.json nor vocab\.txt"):
        read_pretrained(folder)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"there is no folder .*nowhere"):
        read_pretrained(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ({"model_type": "roberta"}, "holds a 'roberta'"),
        ({"position_embedding_type": "relative_key"}, "'relative_key'"),
        ({"is_decoder": True}, "decoder True"),
        ({"num_hidden_layers": 3}, "lacks 16 of BERT's tensors"),
        ({"hidden_size": 12}, "lacks|cannot be read"),
        ({"num_attention_heads": 3}, "cannot be read as a BERT checkpoint"),
    ],
)
def test_another_kind_of_model_is_refused(
    tmp_path: Path, setting: dict[str, object], told: str
) -> None:
    folder = write_bert(tmp_path / "bert")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | setting))
    with pytest.raises(BadFile, match=told):
        read_pretrained(folder)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_broken_file_is_a_clear_error(tmp_path: Path, name: str) -> None:
    folder = write_bert(tmp_path / "bert")
    (folder / name).write_bytes(b"{")
    with pytest.raises(BadFile, match="cannot be read as a BERT checkpoint"):
        read_pretrained(folder)


def test_a_tokenizer_of_another_checkpoint_is_refused(tmp_path: Path) -> None:
    folder = write_bert(tmp_path / "bert", vocab_size=50)
    with pytest.raises(BadFile, match="the files belong to different checkpoints"):
        read_pretrained(folder)


def test_words_with_capitals_under_a_lower_case_tokenizer_are_refused(tmp_path: Path) -> None:
    folder = write_bert(tmp_path / "bert")
    cased = (folder / "vocab.txt").read_text().replace("##t\n", "##T\n").replace("pain", "Pain")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    (folder / "vocab.txt").write_text(cased)
    with pytest.raises(BadFile, match='"do_lower_case": false'):
        read_pretrained(folder)
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    subwords = read_pretrained(folder).subwords
    assert subwords.words[subwords.encode("Pain").ids[0]] == "Pain"


def test_a_row_that_reads_words_takes_no_bert(tmp_path: Path) -> None:
    pretrained = read_pretrained(write_bert(tmp_path / "bert"))
    with pytest.raises(BadSettings, match="--bert is for BERT rows; marn reads words"):
        pretrained.fitted(SYSTEMS["marn"])
