"""What pages need at hand: a typed view of session state, and who is at this browser.

Nothing here is the only copy of anything: decisions live in the database, and a refresh rebuilds
the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import streamlit as st

from core.types import Code, Span
from ui.identity import is_alone, signed_in
from ui.services.asking import Asked
from ui.services.audit import Audit
from ui.services.charts import Opened
from ui.services.export import Prepared
from ui.services.intake import Received, Understood
from ui.services.rights import Actor
from ui.services.worklist import Order, Pass, Work

NOTE = "note"  # query parameter
CODE = "code"  # query parameter of the audit page: "ICD-10-CM I10"
AUDIT = "audit"  # query parameter of the quality page
DECISION = "decision"  # query parameter of the history page
CODING_PASS = "pass"  # noqa: S105  (query parameter of the review page: "second" coding)
UNSTORED = "unstored"  # query parameter of the inbox: files were read and not stored yet
COVERAGE = "coverage"  # query parameter: the share of codes the list is to hold
ORDER = "order"  # query parameter of the inbox: what comes first, "learning"
CODER = "coder"  # key and query parameter of the coder's name
DEFAULT_CODER = "coder"
LONGEST_NAME = 60
BOARD = "board"  # key of the review board


@dataclass(kw_only=True)
class Desk:
    """What one browser session has open. A cache: all of it can be rebuilt."""

    coder: str | None = None
    opened: Opened | None = None
    opened_for: tuple[int, str, Pass] | None = None  # note, coder, and which coding of it
    held: tuple[Work, datetime] | None = None  # the chart that was taken, and when last asked for
    fresh: bool = False  # suggestions of the model in use are asked for, not those of before
    answered: int = 0  # the last message, by the browser's number
    outcomes: Mapping[str, str | None] = field(default_factory=dict)  # of the last message
    coverage: float | None = None  # the list wanted; None: likely codes
    order: Order = Order.URGENT  # of the worklist, and of the next chart
    asked: Asked = field(default_factory=Asked)
    unexplained: Mapping[tuple[Code, str], str] = field(default_factory=dict)
    unsaid: Mapping[tuple[Code, str], str] = field(default_factory=dict)
    unsupposed: tuple[tuple[Span, ...], str] | None = None  # the words, and why not
    problem: str | None = None  # to be shown once
    said: str | None = None  # what was done, to be said once
    leave_to: str | None = None
    understood: tuple[Understood, ...] = ()  # read, shown, and not stored yet
    tables: Mapping[int, tuple[str, bytes]] = field(default_factory=dict)  # of these, to read anew
    lost: bool = False  # the page was reloaded before they were stored
    received: tuple[Received, ...] = ()
    prepared: Prepared | None = None  # the export that can be downloaded
    uploads: int = 0  # counts batches, so that each gets an empty uploader
    audit: Audit | None = None  # the code on the audit page
    audit_stopped: bool = False  # its methods were called off
    audit_drawn: tuple[Audit, tuple[bool, bool, str], Mapping[str, Any]] | None = None  # Any: JSON


def desk() -> Desk:
    """This session's desk."""
    if "desk" not in st.session_state:
        st.session_state["desk"] = Desk(coverage=_coverage_in_address(), order=_order_in_address())
    return cast(Desk, st.session_state["desk"])


def actor() -> Actor:
    """Who is at this browser, asked anew each time. LoggedOff if nobody is, or no longer."""
    if is_alone():
        name = str(st.session_state.get(CODER) or "").strip()[:LONGEST_NAME]
        return Actor(name=name or DEFAULT_CODER, role=None)
    who = signed_in()
    if desk().coder not in (None, who.name):  # nobody finds what another left open
        st.session_state.clear()
    desk().coder = who.name
    return who


def coder_name() -> str:
    """Who is coding: recorded with every decision."""
    return actor().name


def remember_coder() -> None:
    """Keep the coder's name over pages and refreshes. Call before its field is drawn.

    Streamlit forgets a field when the page is switched, and refuses to switch while the address
    is bound to one; so the name is kept at the desk, and written into the address here.
    """
    here = desk()
    if CODER not in st.session_state:
        st.session_state[CODER] = here.coder or st.query_params.get(CODER, DEFAULT_CODER)
    here.coder = coder_name()
    if here.coder != DEFAULT_CODER:
        st.query_params[CODER] = here.coder
    elif CODER in st.query_params:
        del st.query_params[CODER]


def open_note() -> int | None:
    """The note named in the address, or None."""
    return number_in_address(NOTE)


def number_in_address(name: str) -> int | None:
    """The number of this query parameter, or None."""
    raw = st.query_params.get(name, "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else None


def open_pass() -> Pass:
    """The coding of the open note that is worked on, by the address: the first, or the second."""
    second = st.query_params.get(CODING_PASS) == Pass.SECOND.value
    return Pass.SECOND if second else Pass.FIRST


def remember_code(note_id: int, code: Code) -> None:
    """Keep the code on the audit page over a refresh: write it into the address."""
    st.query_params[NOTE] = str(note_id)
    st.query_params[CODE] = str(code)


def remember_coverage() -> None:
    """Keep the kind of list over a refresh: write it into the address."""
    coverage = desk().coverage
    if coverage is not None:
        st.query_params[COVERAGE] = str(coverage)
    elif COVERAGE in st.query_params:
        del st.query_params[COVERAGE]


def remember_order(order: Order) -> None:
    """Keep what comes first on the worklist: over a refresh, too, so it is in the address."""
    desk().order = order
    if order is not Order.URGENT:
        st.query_params[ORDER] = order.value
    elif ORDER in st.query_params:
        del st.query_params[ORDER]


def _order_in_address() -> Order:
    asked = st.query_params.get(ORDER)
    return Order.LEARNING if asked == Order.LEARNING.value else Order.URGENT


def _coverage_in_address() -> float | None:
    try:
        return float(st.query_params.get(COVERAGE, ""))
    except ValueError:
        return None


def message() -> Mapping[str, Any] | None:  # Any: JSON
    """What the review board just sent, or None."""
    sent = st.session_state.get(BOARD, {}).get("message")
    return sent if isinstance(sent, Mapping) else None
