"""CMC 2007 in its official layout: radiology reports with the ICD-9-CM codes of three coders.

    DIR/{train,unlabelled,test}.xml          or one such file
        <docs><doc id="..">
          <codes><code origin="CMC_MAJORITY" type="ICD-9-CM">786.2</code> ..</codes>
          <texts><text type="CLINICAL_HISTORY">..</text><text type="IMPRESSION">..</text></texts>
        </doc> ..</docs>

A note's codes are those of the majority; `coders` gives each coder's own. Its text is its sections,
each under a heading line. No code has evidence. (Pestian et al. 2007, "A shared task involving
multi-label classification of clinical free text".) An XML file from outside may be an attack: one
that declares a document type (and so could define entities) is refused before any of it is used.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from core.codes.writing import normalise
from core.corpora.reading import Read
from core.errors import BadFile, UnknownCode
from core.types import Annotation, Code, CodeSystem, Note

UNLABELLED = "unlabelled"
SPLITS = ("train", UNLABELLED, "test")
MAJORITY = "CMC_MAJORITY"
SECTIONS = {"CLINICAL_HISTORY": "Clinical history", "IMPRESSION": "Impression"}
MOST_BYTES = 50_000_000  # of a file; the published ones have half a megabyte
MOST_CHARACTERS = 200_000  # of a note
DEEPEST = 20  # elements within one another; a report needs five

_CODE, _TEXT = ["docs", "doc", "codes", "code"], ["docs", "doc", "texts", "text"]

Coders = Mapping[str, Mapping[str, frozenset[Code]]]


@dataclass(kw_only=True)
class _Report:
    """One <doc> as it stands: (origin, system, code) of its codes, (type, text) of its texts."""

    id: str
    codes: list[tuple[str, str, str]] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)


def splits(folder: Path) -> tuple[str, ...]:
    """The splits a folder holds by name; a single file is a split by its own name."""
    if folder.is_file():
        return (folder.stem,) if folder.suffix == ".xml" else ()
    return tuple(split for split in SPLITS if (folder / f"{split}.xml").is_file())


def read(folder: Path, split: str, language: str) -> Read:
    """Read a split; a report or code that cannot be used is a problem, and the rest goes on."""
    del language  # all reports are in English
    result = Read()
    place = _place(folder, split)
    for number, report in enumerate(_reports(place), start=1):
        where = f"{place.name}, report {number}"
        text = _text(report)
        if not report.id:
            result.problems.append(f"{where}: no id; it is left out")
        elif not any(letter.isalpha() for _, said in report.texts for letter in said):
            result.problems.append(f"{where}: no text; it is left out")
        elif len(text) > MOST_CHARACTERS:
            result.problems.append(f"{where}: {len(text):,} characters; it is left out")
        else:
            codes = _codes(report, where, result.problems).get(MAJORITY, {})
            if not codes and split != UNLABELLED:
                result.problems.append(f"{where}: no code of {MAJORITY}")
            annotations = tuple(Annotation(code=code) for code in codes)
            result.add(Note(id=report.id, text=text, annotations=annotations), where)
    return result


def coders(folder: Path, split: str) -> Coders:
    """Coder -> note id -> the codes this coder gave, for every note of the split.

    The majority is not a coder. A coder who gave a note no usable code has an empty set there.
    """
    notes = read(folder, split, "en").notes
    found: dict[str, dict[str, frozenset[Code]]] = {}
    seen: set[str] = set()
    for report in _reports(_place(folder, split)):
        if report.id in notes and report.id not in seen:
            seen.add(report.id)
            for origin, codes in _codes(report, report.id, []).items():
                of_coder = found.setdefault(origin, dict.fromkeys(notes, frozenset[Code]()))
                of_coder[report.id] = frozenset(codes)
    return {origin: found[origin] for origin in sorted(found) if origin != MAJORITY}


def _place(folder: Path, split: str) -> Path:
    return folder if folder.is_file() else folder / f"{split}.xml"


def _text(report: _Report) -> str:
    """The sections, known ones first, each under its heading; a missing one leaves no heading."""
    by_section: dict[str, list[str]] = {section: [] for section in SECTIONS}
    for section, text in report.texts:
        by_section.setdefault(section, []).append(text.strip())
    parts = [
        (SECTIONS.get(section, section.replace("_", " ").capitalize()), "\n".join(texts).strip())
        for section, texts in by_section.items()
    ]
    return "\n\n".join(f"{heading}:\n{text}" for heading, text in parts if text)


def _codes(report: _Report, where: str, problems: list[str]) -> dict[str, dict[Code, None]]:
    """Origin -> its codes in their order; what is not a code, or stands twice, is a problem."""
    found: dict[str, dict[Code, None]] = {}
    for origin, system, raw in report.codes:
        of_origin = found.setdefault(origin, {})
        try:
            code = normalise(CodeSystem.parse(system), raw)
        except UnknownCode as error:
            problems.append(f"{where}: {error}")
            continue
        if code in of_origin:
            problems.append(f"{where}: {code} stands twice for {origin}")
        of_origin[code] = None
    return found


def _reports(path: Path) -> list[_Report]:
    """Every <doc> of a file; BadFile if it is too large, not XML, or declares a document type."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise BadFile(f"{path} has {size / 1e6:.1f} MB, more than {MOST_BYTES / 1e6:g} MB")
    reading = _Reading(path)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reading.refuse
    parser.StartElementHandler = reading.open
    parser.EndElementHandler = reading.close
    parser.CharacterDataHandler = reading.said.append
    try:
        parser.Parse(path.read_bytes(), True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        place = f"line {error.lineno}" if isinstance(error, expat.ExpatError) else "its encoding"
        raise BadFile(f"{path} is not well-formed XML ({place}); was the file damaged?") from None
    return reading.reports


class _Reading:
    """What expat calls while it reads a file; knows elements by where they stand."""

    def __init__(self, path: Path) -> None:
        self.reports: list[_Report] = []
        self.said: list[str] = []  # character data of the code or text being read
        self._path = path
        self._within: list[str] = []
        self._attributes: Mapping[str, str] = {}

    def refuse(self, *_: object) -> None:
        raise BadFile(
            f"{self._path} declares a document type, which the official files do not; such a file "
            "can be an attack, and is not read"
        )

    def open(self, name: str, attributes: Mapping[str, str]) -> None:
        if not self._within and name != "docs":
            raise BadFile(f"{self._path} is not a CMC 2007 file: it does not begin with <docs>")
        self._within.append(name)
        if len(self._within) > DEEPEST:
            raise BadFile(f"{self._path} has more than {DEEPEST} elements within one another")
        if self._within == ["docs", "doc"]:
            self.reports.append(_Report(id=attributes.get("id", "").strip()))
        if self._within in (_CODE, _TEXT):  # not what may be marked up within a text
            self._attributes = attributes
            self.said.clear()

    def close(self, _: str) -> None:
        get, said = self._attributes.get, "".join(self.said)
        if self._within == _CODE:
            self.reports[-1].codes.append((get("origin", ""), get("type", ""), said.strip()))
        elif self._within == _TEXT:
            self.reports[-1].texts.append((get("type", ""), said))
        self._within.pop()
