"""A memory as a file: the same after loading, the same bytes for the same memory."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.memory import Bridge, Listed, PhraseMemory, dump_memory, load_memory
from core.types import Code, CodeSystem
from tests.models import CODED_NOTES, coded, tiny_memory

ROOT = Path(__file__).resolve().parents[3]
TEXTS = (*(note.text for note in CODED_NOTES), "Renal dialysis. Fever & chest pain", "", "🙂")


def seen(memory: PhraseMemory, text: str) -> list[str]:
    """All that is known of a note's mentions, in an order of its own."""
    return sorted(
        f"{m.code} {m.source} {m.key} {m.coverage:.6f} {m.gap} {m.words} {m.mass:.6f} "
        f"{m.marked} {m.found} {m.whole} {m.stood} {m.stood_whole}"
        for m in memory.read(text).mentions
    )


def test_a_loaded_memory_sees_what_the_dumped_one_saw() -> None:
    memory = tiny_memory()
    memory.decide(coded("A dancing rash.", ("R51", "dancing rash"), id="d"))
    loaded = load_memory(dump_memory(memory))
    for text in TEXTS:
        assert seen(loaded, text) == seen(memory, text)
    assert any(seen(memory, text) for text in TEXTS)
    assert (loaded.notes, loaded.codes, loaded.headings, loaded.words) == (
        memory.notes,
        memory.codes,
        memory.headings,
        memory.words,
    )


def test_the_bridge_and_all_systems_of_codes_survive() -> None:
    memory = PhraseMemory(bridge=Bridge(lexicons={"es": {"fiebr": {"fever": 0.9}}, "en": {}}))
    memory.codes[Code(CodeSystem.ICD10PCS, "BW03ZZZ")] = 2
    loaded = load_memory(dump_memory(memory))
    assert loaded.bridge == memory.bridge
    assert loaded.codes == memory.codes


def test_an_empty_memory_survives() -> None:
    assert load_memory(dump_memory(PhraseMemory())).read("fever").mentions == []


def test_dumping_again_and_dumping_what_was_loaded_give_the_same_bytes() -> None:
    data = dump_memory(tiny_memory())
    assert dump_memory(tiny_memory()) == data
    assert dump_memory(load_memory(data)) == data


def test_another_process_dumps_the_same_bytes() -> None:
    """Strings hash differently there, so no order of a set may reach the file."""
    probe = (
        "import sys; from core.memory import dump_memory; from tests.models import tiny_memory;"
        "sys.stdout.buffer.write(dump_memory(tiny_memory()))"
    )
    environment = {"PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    there = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    assert there.stdout == dump_memory(tiny_memory())


def test_a_loaded_memory_goes_on_learning() -> None:
    loaded = load_memory(dump_memory(tiny_memory()))
    loaded.decide(coded("A dancing rash.", ("R51", "dancing rash"), id="d"))
    (mention,) = loaded.read("Dancing rashes.").mentions
    assert mention.code == Code(CodeSystem.ICD10CM, "R51")


@pytest.mark.parametrize("data", [b"", b"not gzip", dump_memory(PhraseMemory())[:-9]])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises((ValueError, KeyError, OSError, EOFError)):
        load_memory(data)


def test_what_is_listed_under_nothing_is_nothing() -> None:
    assert Listed.of([]).keys == ()
