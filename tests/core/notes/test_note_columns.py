"""Tables with columns of other names: refused with those they have, read when they are told."""

from collections.abc import Callable

import pytest

from core.errors import BadColumns
from core.notes import Limits, read_notes
from core.notes.apart import read_apart
from tests import uploads

ODD = (("Doc", "Comment", "Letter"), ("a", "see the letter", "fever"), ("b", "none", "cough"))
CHOSEN = {"id": "Doc", "text": "Letter"}
Make = Callable[[], bytes]
FILES: dict[str, Make] = {
    "odd.csv": lambda: uploads.delimited(rows=ODD),
    "odd.tsv": lambda: uploads.delimited("\t", rows=ODD),
    "odd.xlsx": lambda: uploads.excel(ODD),
    "odd.parquet": lambda: uploads.parquet(
        {str(name): cells for name, *cells in zip(*ODD, strict=True)}
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_table_without_known_columns_is_refused_with_those_it_has(name: str) -> None:
    with pytest.raises(BadColumns, match="no column id and text") as refused:
        read_notes(name, FILES[name]())
    assert refused.value.columns == ("Doc", "Comment", "Letter")


@pytest.mark.parametrize("name", [*FILES, "odd.jsonl"])
def test_a_table_is_read_by_the_columns_somebody_points_at(name: str) -> None:
    data = uploads.json_lines(ODD) if name == "odd.jsonl" else FILES[name]()
    reading = read_notes(name, data, chosen=CHOSEN)
    assert [(note.id, note.text) for note in reading.notes] == [("a", "fever"), ("b", "cough")]
    assert reading.taken == CHOSEN
    assert reading.columns == ("Doc", "Comment", "Letter")


def test_one_column_can_be_both_the_text_and_the_name() -> None:
    both = {"id": "Letter", "text": "Letter"}
    reading = read_notes("odd.parquet", FILES["odd.parquet"](), chosen=both)
    assert [(note.id, note.text) for note in reading.notes] == [("fever",) * 2, ("cough",) * 2]


def test_another_text_column_is_taken_in_place_of_the_usual_one() -> None:
    rows = (("id", "text", "addendum"), ("a", "fever", "cough"))
    data = uploads.delimited(rows=rows)
    assert read_notes("n.csv", data).taken["text"] == "text"
    (note,) = read_notes("n.csv", data, chosen={"text": "addendum"}).notes
    assert note.text == "cough"


def test_what_reads_like_a_note_is_offered_as_no_column() -> None:
    rows = (("a1", "Mr Canary denies chest pain, fever and cough"), ("a2", "cough"))
    with pytest.raises(BadColumns) as refused:
        read_notes("headless.csv", uploads.delimited(rows=rows))
    assert refused.value.columns == ("a1",)
    assert "Canary" not in str(refused.value)


def test_columns_and_choice_cross_to_the_reader_and_back() -> None:
    files = [("odd.csv", FILES["odd.csv"]())]
    limits = Limits(wall_seconds=60)  # a busy machine
    (refused,) = read_apart(files, limits=limits)
    assert isinstance(refused, BadColumns)
    assert refused.columns == ("Doc", "Comment", "Letter")
    assert list(read_apart(files, limits=limits, chosen=CHOSEN)) == [
        read_notes("odd.csv", files[0][1], chosen=CHOSEN)
    ]
