"""HL7 v2 to notes: the text of OBX segments in MDM (a document) and ORU (reports) messages.

The `hl7` package is not used: its last release is of 2022, and it logs lines of the message.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from core.errors import BadFile, BadInput
from core.notes.attachments import attachment_text
from core.notes.limits import Limits, check_note
from core.notes.names import short
from core.notes.values import encounter, read_date, read_id, read_sex
from core.types import Encounter, Note

TEXTS = ("TX", "FT", "ST")  # OBX-2: what OBX-5 holds
ENCAPSULATED = {  # OBX-5.3 of an ED value, in lower case -> media type
    "pdf": "application/pdf",
    "rtf": "application/rtf",
    "html": "text/html",
    "plain": "text/plain",
    "txt": "text/plain",
}
_MARKS = {"F": 0, "S": 1, "R": 2, "E": 3, "T": 4}  # escape -> place in the separators
_START = re.compile(r"(?m)^(?=MSH[^\w\s])")


@dataclass(frozen=True, kw_only=True)
class _Segments:
    """The segments of a message, cut at its own separators."""

    separators: str  # field, component, repetition, escape, subcomponent: |^~\&
    lines: Sequence[Sequence[str]]

    @cached_property
    def _first(self) -> Mapping[str, Sequence[str]]:
        return {line[0]: line for line in reversed(self.lines)}

    def first(self, name: str, place: int) -> str:
        """A field of the first segment of that name, or ""."""
        return _field(self._first.get(name, ()), place)

    def component(self, value: str, place: int = 1) -> str:
        """One component of the first repetition of a field, unescaped."""
        parts = value.split(self.separators[2], 1)[0].split(self.separators[1])
        whole = parts[place - 1] if place <= len(parts) else ""
        return self.unescape(whole.split(self.separators[4], 1)[0])

    def unescape(self, text: str) -> str:
        r"""`\F\` and its like to what they stand for; formatting to line ends and blanks."""
        if self.separators[3] not in text:
            return text
        escape = re.escape(self.separators[3])
        return re.sub(rf"{escape}([^{escape}\r\n]{{1,200}}){escape}", self._meaning, text)

    def _meaning(self, match: re.Match[str]) -> str:
        code = match[1]
        if code in _MARKS:
            return self.separators[_MARKS[code]]
        if re.fullmatch(r"X(?:[0-9A-Fa-f]{2})+", code):
            return bytes.fromhex(code[1:]).decode("utf-8", errors="replace")
        if re.fullmatch(r"\.(?:br|sp\+?\d{0,2}|ce)", code):
            return "\n"
        if re.fullmatch(r"\.(?:in|ti|sk)[+-]?\d{0,2}", code):
            return " "
        return "" if code in ("H", "N", ".fi", ".nf") else match[0]  # unknown: left as it is


@dataclass(kw_only=True)
class _Report:
    """What becomes one note: an MDM message, or one OBR of an ORU message with its OBX."""

    order: Sequence[str]
    texts: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    other: int = 0  # OBX segments that hold no text


def read_hl7(text: str, name: str, limits: Limits) -> tuple[list[Note], list[str]]:
    """Notes and problems; `name` is for reports without an id. BadFile if no message is in it."""
    whole = re.sub(r"\r\n?", "\n", text).replace("\x0b", "").replace("\x1c", "")
    messages = [part for part in _START.split(whole) if part.startswith("MSH")]
    if not messages:
        raise BadFile("no message (MSH segment) stands in it; was the right file chosen?")
    notes: list[Note] = []
    problems: list[str] = []
    for number, message in enumerate(messages, start=1):
        if max(len(notes), len(problems)) >= limits.notes:
            problems.append(f"message {number:,} and all after it were not read; split the file")
            break
        try:
            found, told = _message(message, limits)
        except BadInput as error:
            found, told = [], [str(error)]
        for text_of, facts in found:
            unnamed = f"{name} {len(notes) + 1}" if len(messages) + len(found) > 2 else name
            notes.append(
                Note(id=short(facts.external_id or unnamed), text=text_of, encounter=facts)
            )
        problems += [f"message {number:,}: {problem}" for problem in told]
    return notes, problems


def _message(message: str, limits: Limits) -> tuple[list[tuple[str, Encounter]], list[str]]:
    segments = _segments(message)
    kind = segments.component(segments.first("MSH", 9))
    if kind not in ("MDM", "ORU"):
        raise BadFile("it is neither MDM nor ORU, so it carries no note; leave it out")
    found, problems = [], []
    for report in _reports(segments, kind, limits):
        problems += report.problems
        if report.other:
            problems.append(f"{report.other} OBX hold no text (numbers, codes) and were left out")
        if report.texts:
            text = "\n".join(report.texts)
            try:
                check_note(text, limits)
            except BadInput as error:
                problems.append(str(error))
            else:
                found.append((text, _encounter(segments, report)))
    if not found and not problems:
        problems.append("no OBX segment with text stands in it")
    return found, problems


def _segments(message: str) -> _Segments:
    separators = message[3:8]
    if len(set(separators)) != 5 or any(mark.isalnum() or mark.isspace() for mark in separators):
        raise BadFile("its MSH segment does not name five separators such as |^~\\&")
    lines = [line.split(separators[0]) for line in message.split("\n") if line.strip()]
    lines[0].insert(1, separators[0])  # MSH counts its first separator as a field
    return _Segments(separators=separators, lines=lines)


def _reports(segments: _Segments, kind: str, limits: Limits) -> Iterator[_Report]:
    report = _Report(order=())
    for line in segments.lines:
        if line[0] == "OBR" and kind == "ORU":
            yield report
            report = _Report(order=line)
        elif line[0] == "OBX":
            _take(line, segments, report, limits)
    yield report


def _take(line: Sequence[str], segments: _Segments, report: _Report, limits: Limits) -> None:
    kind, value = _field(line, 2), _field(line, 5)
    if kind in TEXTS:
        repetitions = value.split(segments.separators[2])
        report.texts += [segments.unescape(repetition) for repetition in repetitions]
    elif kind == "ED":
        try:
            found = _encapsulated(value, segments, limits)
        except BadInput as error:
            report.problems.append(str(error))
        else:
            report.texts.append(found)
    else:
        report.other += 1


def _encapsulated(value: str, segments: _Segments, limits: Limits) -> str:
    kind = segments.component(value, 3).lower()
    encoding, data = segments.component(value, 4), segments.component(value, 5)
    if kind not in ENCAPSULATED or encoding.lower() != "base64":
        raise BadFile(f"an ED value is read only as base64 of {', '.join(ENCAPSULATED)}")
    return attachment_text(data, ENCAPSULATED[kind], limits).text


def _encounter(segments: _Segments, report: _Report) -> Encounter:
    def of(name: str, place: int) -> str:
        return segments.component(segments.first(name, place))

    order = [segments.component(_field(report.order, place)) for place in (3, 2, 7)]
    return encounter(
        external_id=read_id(order[0] or order[1] or of("TXA", 12) or of("MSH", 10)),
        encounter_id=read_id(of("PV1", 19) or of("PID", 18)),
        patient_id=read_id(of("PID", 3)),
        sex=read_sex(of("PID", 8)),
        birth_date=read_date(of("PID", 7)),
        service_date=read_date(order[2] or of("TXA", 4) or of("PV1", 44)),
    )


def _field(line: Sequence[str], place: int) -> str:
    return line[place] if place < len(line) else ""
