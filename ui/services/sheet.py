"""The evidence sheet of one code: one HTML file that asks the network for nothing and runs nothing.

Any browser prints it to PDF. Jinja escapes all text from outside.
"""

import hashlib
import re
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from core.types import Evidence, Span
from ui.services import methods
from ui.services.audit import Audit
from ui.services.passages import Printing, windows
from ui.services.wording import ACTIONS, agreement, moment, quote

HERE = Path(__file__).resolve().parent
# controls but tab and line ends, halves of characters, and what is no character: not for HTML
_UNPRINTABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def sheet(audit: Audit, *, by: str, at: datetime) -> str:
    """The page as text. by: who exports it; at: when. The same arguments give the same page."""
    text = audit.note.text
    found = [finding for finding in audit.findings if finding.problem is None]
    marks = audit.standing.evidence if audit.standing else ()
    shown: list[Evidence | Span] = [*marks, *(span for each in found for span in each.spans)]
    here, whole = windows(text, shown), [Span(0, len(text))]
    plain = Printing(
        text=text, marks=marks, read_to=audit.listing.truncated_at if audit.listing else None
    )
    each = [(f, replace(plain, words=f.words, spans=f.spans)) for f in found]
    style = (HERE / "sheet.css").read_text(encoding="utf-8")
    return _template().render(
        audit=audit,
        first=found[0] if found else None,
        panels=[(finding, list(printing.passages(here))) for finding, printing in each],
        everything=list((each[0][1] if each else plain).passages(whole)),
        pairs={(each.one, each.other): each for each in audit.agreements},
        by=by,
        at=at,
        style=Markup(style),  # noqa: S704  (a file of ours)
        policy=_policy(style),
    )


def file_name(audit: Audit, *, at: datetime) -> str:
    """A name any system takes; the note's own name may be a patient's and is left out."""
    code = re.sub(r"[^A-Za-z0-9.]+|\.{2,}", "-", str(audit.code)).strip(".-")[:60]
    stamp = at.astimezone(UTC).strftime("%Y%m%d-%H%M%S")
    return f"evicode-evidence-note-{audit.note.id}-{code}-{stamp}.html"


def _policy(style: str) -> str:
    """Nothing may be loaded, run or sent; this one style sheet may be used."""
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    environment.filters |= {
        "moment": moment,
        "method": methods.name,
        "action": ACTIONS.__getitem__,
        "quote": quote,
        "agreement": agreement,
    }
    return environment.get_template("sheet.html")


def _printable(value: object) -> object:
    if isinstance(value, str) and not isinstance(value, Markup):
        return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    return value
