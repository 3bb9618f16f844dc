"""What pages need at hand: services shared by all sessions, and a typed view of session state.

Nothing here is the only copy of anything: decisions live in the database, and a refresh rebuilds
the rest.
"""

import gc
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import streamlit as st

from core.codes import CodeTables, shared_tables
from core.errors import EvicodeError
from core.inference import Coder
from core.types import Code, Note, Span
from ui import VERSION
from ui.identity import database, is_alone, now, signed_in
from ui.services.accounts import Accounts
from ui.services.asking import Asked
from ui.services.audit import Audit
from ui.services.auditing import Auditing, trust
from ui.services.charts import Opened
from ui.services.coding import Coding
from ui.services.explaining import Explainer
from ui.services.export import Exporting, Prepared
from ui.services.guard import guarded
from ui.services.intake import Intake, Received, Understood
from ui.services.remembering import Remembering
from ui.services.rights import Actor
from ui.services.supposing import Supposing
from ui.services.tables import Tables
from ui.services.trusting import Trusting

NOTE = "note"  # query parameter
CODE = "code"  # query parameter of the audit page: "ICD-10-CM I10"
COVERAGE = "coverage"  # query parameter: the share of codes the list is to hold
CODER = "coder"  # key and query parameter of the coder's name
DEFAULT_CODER = "coder"
LONGEST_NAME = 60
BOARD = "board"  # key of the review board


@dataclass(frozen=True, kw_only=True)
class Workbench:
    """The services every page may use: guarded, for whoever is at this browser."""

    accounts: Accounts
    intake: Intake
    exporting: Exporting
    coding: Coding  # without a model; `model()` adds it
    tables: Tables


@dataclass(frozen=True, kw_only=True)
class Model:
    """The model, if there is a usable one, or why there is none."""

    coding: Coding
    explainer: Explainer | None = None
    trusting: Trusting | None = None
    supposing: Supposing | None = None
    problem: str | None = None


@dataclass(kw_only=True)
class Desk:
    """What one browser session has open. A cache: all of it can be rebuilt."""

    coder: str | None = None
    opened: Opened | None = None
    opened_for: tuple[int, str] | None = None  # note and coder
    answered: int = 0  # the last message, by the browser's number
    outcomes: Mapping[str, str | None] = field(default_factory=dict)  # of the last message
    coverage: float | None = None  # the list wanted; None: likely codes
    asked: Asked = field(default_factory=Asked)
    unexplained: Mapping[tuple[Code, str], str] = field(default_factory=dict)
    unsaid: Mapping[tuple[Code, str], str] = field(default_factory=dict)
    unsupposed: tuple[tuple[Span, ...], str] | None = None  # the words, and why not
    problem: str | None = None  # to be shown once
    leave_to: str | None = None
    understood: tuple[Understood, ...] = ()  # read, shown, and not stored yet
    received: tuple[Received, ...] = ()
    prepared: Prepared | None = None  # the export that can be downloaded
    uploads: int = 0  # counts batches, so that each gets an empty uploader
    audit: Audit | None = None  # the code on the audit page
    audit_stopped: bool = False  # its methods were called off
    audit_drawn: tuple[Audit, tuple[bool, bool], Mapping[str, Any]] | None = None  # Any: JSON


def desk() -> Desk:
    """This session's desk."""
    if "desk" not in st.session_state:
        st.session_state["desk"] = Desk(coverage=_coverage_in_address())
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
    raw = st.query_params.get(NOTE, "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else None


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


def message() -> Mapping[str, Any] | None:  # Any: JSON
    """What the review board just sent, or None."""
    sent = st.session_state.get(BOARD, {}).get("message")
    return sent if isinstance(sent, Mapping) else None


def workbench() -> Workbench:
    """The services, guarded for whoever is at this browser."""
    services, who = _services(), actor()
    return replace(
        services,
        accounts=guarded(services.accounts, who),
        intake=guarded(services.intake, who),
        exporting=guarded(services.exporting, who),
        coding=guarded(services.coding, who),
    )


def model() -> Model:
    """The model's services, guarded for whoever is at this browser."""
    found, who = _model(), actor()
    return replace(
        found,
        coding=guarded(found.coding, who),
        explainer=None if found.explainer is None else guarded(found.explainer, who),
        trusting=None if found.trusting is None else guarded(found.trusting, who),
        supposing=None if found.supposing is None else guarded(found.supposing, who),
    )


def auditing() -> Auditing:
    """What an auditor may ask, guarded; without a model, what is on record."""
    at_hand = _model()
    coding, coder = at_hand.coding, at_hand.coding.coder
    service = Auditing(
        engine=coding.engine,
        coder=coder,
        explainer=at_hand.explainer,
        tables=coding.tables,
        version=VERSION,
        now=now,
        remark=None if coder is None else trust(coder),
    )
    return guarded(service, actor())


@st.cache_resource(show_spinner="Opening the database…")
def _services() -> Workbench:
    """Open the database, put the samples into an empty one, and start warming the code tables."""
    engine = database()
    tables = shared_tables()
    threading.Thread(target=_warm, args=(tables,), name="warm-codes", daemon=True).start()
    intake = Intake(engine=engine, now=now)
    intake.load_samples()
    return Workbench(
        accounts=Accounts(engine=engine, now=now),
        intake=intake,
        exporting=Exporting(engine=engine, now=now),
        coding=Coding(engine=engine, coder=None, tables=tables, version=VERSION, now=now),
        tables=tables,
    )


def _model() -> Model:
    """Coding with the model; without it, and the reason, if no checkpoint can be used."""
    try:
        return _loaded()
    except EvicodeError as error:
        return Model(coding=_services().coding, problem=f"No suggestions: {error}")


def _coverage_in_address() -> float | None:
    try:
        return float(st.query_params.get(COVERAGE, ""))
    except ValueError:
        return None


@st.cache_resource(show_spinner="Loading the model…")
def _loaded() -> Model:
    coder, bare = Coder.load(), _services().coding
    remembering = Remembering(coder=coder, now=now, engine=bare.engine, learning=bare.learning)
    coding = replace(bare, coder=coder, remembering=remembering)
    coding.learn_all()
    threading.Thread(target=_warm_model, args=(coder,), name="warm-model", daemon=True).start()
    _keep_out_of_collections()
    return Model(
        coding=coding,
        explainer=Explainer(coder, remembering),
        trusting=Trusting(engine=bare.engine, coder=coder, now=now),
        supposing=Supposing(coder=coder),
    )


def _warm_model(coder: Coder) -> None:
    """Score a note nobody sees, so that what is made on first use is there for the first one."""
    coder.suggest(Note(id="warm", text="fever"), top=1)
    _keep_out_of_collections()


def _warm(tables: CodeTables) -> None:
    tables.warm()
    _keep_out_of_collections()


def _keep_out_of_collections() -> None:
    """Spare what stays for good the garbage collection that Streamlit runs after every message.

    With the code tables in it, that collection took 0.9 s, and every decision waited for it.
    """
    gc.collect()
    gc.freeze()
