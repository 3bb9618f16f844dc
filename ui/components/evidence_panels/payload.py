"""An audit as the JSON the panels draw. Nothing in it is markup; all of it becomes text nodes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

from core.types import Evidence, Span
from ui.components.evidence_panels.record import record
from ui.language import said, t
from ui.services.audit import Audit, Finding, overlap
from ui.services.methods import name as method_name
from ui.services.passages import Passage, Piece, Printing, blocks, windows
from ui.services.wording import agreement, moment, quote

JSON = dict[str, Any]  # Any: JSON has no type of its own
_LOOK = attrgetter("level", "against", "span", "starts", "marked", "unread")
LISTED = 80  # characters of a span in a panel's list


def payload(audit: Audit, *, whole: bool, stopped: bool) -> JSON:
    """Everything the panels show. whole: all of the note, not only where something stands."""
    columns = [*_seen(audit), *_methods(audit, stopped=stopped)] or [(_the_note(), _plain(audit))]
    return {
        "key": f"{audit.note.id}:{audit.code}",
        "language": audit.note.language,
        **record(audit),
        "agreement": _agreement(audit),
        "columns": [about for about, _ in columns],
        "rows": _rows(audit, [printing for _, printing in columns], whole=whole),
    }


Column = tuple[JSON, Printing]


def _the_note() -> JSON:
    """The column where nothing explains the note."""
    return {"name": t("The note"), "kind": "note", "state": "done"}


def _seen(audit: Audit) -> Iterator[Column]:
    """The evidence that was on the coder's screen, if any was."""
    seen, listing = audit.seen, audit.listing
    if seen is None or listing is None:
        return
    about = {
        "name": t("{coder} saw: {method}", coder=listing.shown_to, method=_low(seen.method)),
        "kind": "seen",
        "state": "done",
        "meta": t("Shown {when}", when=moment(seen.shown_at)),
        "said": [_then_and_now(audit)],
        **_spans(audit, seen.spans),
    }
    yield about, replace(_plain(audit), words=seen.spans, spans=seen.spans)


def _low(method: str) -> str:
    """A method's name within a sentence."""
    return said(method_name(method)).lower()


def _then_and_now(audit: Audit) -> str:
    """What was shown then against what the same method shows now."""
    seen = audit.seen
    if seen is None:
        return ""
    name = said(method_name(seen.method))
    now = next((each for each in audit.findings if each.method == seen.method), None)
    if now is None:
        if seen.method in audit.waiting:
            return t("{method} is not yet computed now; nothing to compare with.", method=name)
        return t("{method} is not computed now; nothing to compare with.", method=name)
    if now.problem is not None:
        return t("{method} says nothing now; nothing to compare with.", method=name)
    if {(s.start, s.end) for s in seen.spans} == {(s.start, s.end) for s in now.spans}:
        return t("The same words as {method} shows now.", method=_low(seen.method))
    share = overlap(seen.spans, now.spans) or 0.0
    return t(
        "Not the same as now: {share} of the characters are shown then and now.",
        share=f"{share:.0%}",
    )


def _methods(audit: Audit, *, stopped: bool) -> Iterator[Column]:
    for finding in audit.findings:
        printing = replace(_plain(audit), words=finding.words, spans=finding.spans)
        yield _found(audit, finding, stopped=stopped), printing
    for place, method in enumerate(audit.waiting):
        state = "stopped" if stopped else "computing" if place == 0 else "waiting"
        yield {"name": said(method_name(method)), "kind": "method", "state": state}, _plain(audit)


def _found(audit: Audit, finding: Finding, *, stopped: bool) -> JSON:
    about: JSON = {"name": said(method_name(finding.method)), "kind": "method", "state": "done"}
    if finding.problem is not None:
        return about | {"state": "problem", "said": [said(finding.problem)]}
    settings = [f"{said(name)}: {said(value)}" for name, value in finding.settings.items()]
    if finding.delta is not None:
        settings.append(t("convergence delta {delta}", delta=f"{finding.delta:.2g}"))
    if settings:  # phrases have none: each is found or not
        settings.append(t("strongest word {score}", score=f"{finding.peak:.3g}"))
    unsaid = ["" if stopped else t("Reading the note without these words…")]
    return about | {
        "meta": t("Computed {when}", when=moment(finding.at)) if finding.at else "",
        "settings": "; ".join(settings),
        "said": unsaid if finding.remarks is None else [said(remark) for remark in finding.remarks],
        **_spans(audit, finding.spans),
    }


def _spans(audit: Audit, spans: Sequence[Evidence]) -> JSON:
    text = audit.note.text
    return {"spans": [[quote(text, span, LISTED), f"{span.score:.2f}"] for span in spans]}


def _agreement(audit: Audit) -> JSON:
    """A table of methods by methods, with room for those that are still to come."""
    done = [each.method for each in audit.findings if each.problem is None]
    methods = [*done, *audit.waiting]
    found = {(each.one, each.other): agreement(each) for each in audit.agreements}
    lines = []
    for place, one in enumerate(methods[:-1]):
        to_come = [found.get((one, other), "…") for other in methods[place + 1 :]]
        lines.append([said(method_name(one)), *[""] * place, *to_come])
    return {"across": [said(method_name(method)) for method in methods[1:]], "lines": lines}


def _plain(audit: Audit) -> Printing:
    return Printing(
        text=audit.note.text,
        marks=audit.standing.evidence if audit.standing else (),
        read_to=audit.listing.truncated_at if audit.listing else None,
    )


def _rows(audit: Audit, printings: Sequence[Printing], *, whole: bool) -> list[JSON]:
    """The same stretches of the note for every column, side by side."""
    text = audit.note.text
    shown: list[Evidence | Span] = [span for each in printings for span in each.spans]
    shown += audit.standing.evidence if audit.standing else ()
    printed = blocks(text) if whole else windows(text, shown)
    columns = [each.passages(printed) for each in printings]
    places = chain((window.start for window in printed), [len(text)])  # what is left out comes last
    return [_row(at, row) for at, row in zip(places, zip(*columns, strict=True), strict=False)]


def _row(at: int, row: tuple[Passage, ...]) -> JSON:
    cells = [list(_joined(passage.pieces)) for passage in row]
    return {"at": at, "skipped": row[0].skipped, "cells": cells if row[0].pieces else []}


def _joined(pieces: Iterable[Piece]) -> Iterator[list[Any]]:  # Any: JSON
    """[text, styles, number] of what is printed alike."""
    for _, alike in groupby(pieces, _LOOK):
        first, *others = alike
        yield ["".join([first.text, *(each.text for each in others)]), first.styles, first.span]
