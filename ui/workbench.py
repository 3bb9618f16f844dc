"""The services behind the pages: one set for all sessions, guarded for whoever asks for it."""

import gc
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import TypeVar

import streamlit as st

from core.codes import CodeTables, shared_tables
from core.errors import EvicodeError
from core.inference import Coder
from core.text import Vocabulary
from core.types import Code, Note
from ui import VERSION
from ui.identity import database, is_alone, now, watch
from ui.language import t
from ui.services.accounts import Accounts
from ui.services.analysing import Analysing
from ui.services.auditing import Auditing, trust
from ui.services.benefits import Benefits
from ui.services.candidates import loaded, named, registered
from ui.services.checking import Checking, only_warn
from ui.services.coding import Coding
from ui.services.comparing import Comparing
from ui.services.detailing import Detailing
from ui.services.double_coding import DoubleCoding
from ui.services.drift import Drift
from ui.services.explaining import Explainer
from ui.services.export import Exporting
from ui.services.forgetting import Forgetting
from ui.services.guard import guarded
from ui.services.health import Health, chosen_health
from ui.services.history import History
from ui.services.insights import Insights
from ui.services.intake import Intake
from ui.services.loading import KEPT, Loaded, Loading
from ui.services.memory import Lines, Memory
from ui.services.models import Models
from ui.services.quality import Quality
from ui.services.rights import codings_of
from ui.services.shadow_queue import ShadowQueue
from ui.services.shadowing import Shadowing
from ui.services.supposing import Supposing
from ui.services.tables import Tables
from ui.services.training import Training
from ui.services.trials import Trials
from ui.services.trusting import Trusting
from ui.services.worklist import Worklist
from ui.session import actor, open_pass

T = TypeVar("T")
OPEN_TO_ALL = ("tables", "problem")  # nothing of a patient's in them


@dataclass(frozen=True, kw_only=True)
class Workbench:
    """The services that work without a model: guarded, for whoever is at this browser."""

    accounts: Accounts
    intake: Intake
    exporting: Exporting
    worklist: Worklist
    detailing: Detailing  # of the coding that is open: the first, or the second
    checking: Checking
    double_coding: DoubleCoding
    quality: Quality
    history: History
    forgetting: Forgetting
    insights: Insights
    trials: Trials
    models: Models
    health: Health
    training: Training
    comparing: Comparing
    shadowing: Shadowing
    tables: Tables


@dataclass(frozen=True, kw_only=True)
class Model:
    """The model, if there is a usable one, or why there is none."""

    coding: Coding  # of the coding that is open; without a usable model, of added codes alone
    explainer: Explainer | None = None
    trusting: Trusting | None = None
    supposing: Supposing | None = None
    benefits: Benefits | None = None
    problem: str | None = None


def workbench() -> Workbench:
    """The services, guarded for whoever is at this browser."""
    services = _services()
    claims = not is_alone()
    return _all_guarded(
        replace(
            services,
            detailing=replace(services.detailing, coding_pass=open_pass(), claims=claims),
            worklist=replace(services.worklist, passes=codings_of(actor()), claims=claims),
        )
    )


def model(checkpoint: str | None = None) -> Model:
    """The model's services, guarded for whoever is at this browser.

    checkpoint: the hash of the model that a chart goes on with; None: the one in use.
    """
    found = _model() if checkpoint is None else _model_of(checkpoint)
    return _all_guarded(
        replace(found, coding=replace(found.coding, coding_pass=open_pass(), claims=not is_alone()))
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
        loading=_loading(),
    )
    return guarded(service, actor(), watch().call)


def drift() -> Drift:
    """What a lead may ask of the notes that come in, guarded."""
    coder = _model().coding.coder
    vocabulary = None if coder is None else coder.loaded.vocabulary
    words = vocabulary.ids if isinstance(vocabulary, Vocabulary) else None  # not of subwords
    service = Drift(
        engine=database(),
        vocabulary=words,
        checkpoint="" if coder is None else coder.checkpoint,
    )
    return guarded(service, actor())


def memory() -> Memory:
    """What memory learned, and edits of it, guarded; empty without a usable model."""
    coding = _model().coding
    service = Memory(
        engine=database(),
        coder=coding.coder,
        tables=coding.tables,
        now=now,
        edited=coding.take_edits,
        lines=_lines_of_memory(),
    )
    return guarded(service, actor(), watch().call)


@st.cache_resource(show_spinner=False)
def _lines_of_memory() -> Lines:
    return Lines()


def analysing() -> Analysing | None:
    """What a lead may ask of the checkpoint in use, guarded; None if there is none."""
    coder = _model().coding.coder
    return (
        None if coder is None else guarded(Analysing(coder=coder, tables=shared_tables()), actor())
    )


def _all_guarded(services: T) -> T:
    """The same set with each service behind the guard."""
    who = actor()
    held = {each.name: getattr(services, each.name) for each in fields(services)}  # type: ignore[arg-type]
    behind = {
        name: guarded(service, who, watch().call)
        for name, service in held.items()
        if service is not None and name not in OPEN_TO_ALL
    }
    return replace(services, **behind)  # type: ignore[type-var]


@st.cache_resource(show_spinner="Opening the database…")
def _services() -> Workbench:
    """Open the database, put the samples into an empty one, and start warming the code tables."""
    engine, tables = database(), shared_tables()
    threading.Thread(target=_warm, args=(tables,), name="warm-codes", daemon=True).start()
    training = Training(engine=engine, now=now)
    threading.Thread(target=training.tidy, name="tidy-training", daemon=True).start()
    intake = Intake(engine=engine, now=now)
    intake.load_samples()
    return Workbench(
        accounts=Accounts(engine=engine, now=now),
        intake=intake,
        exporting=Exporting(engine=engine, now=now),
        worklist=Worklist(engine=engine, now=now, places=_places),
        detailing=Detailing(engine=engine, now=now),
        checking=Checking(tables=tables, only_warn=only_warn()),
        double_coding=DoubleCoding(engine=engine, now=now, changed=_learn),
        quality=Quality(engine=engine, now=now),
        history=History(engine=engine),
        forgetting=Forgetting(engine=engine, now=now, forgotten=_unlearn),
        insights=Insights(engine=engine),
        trials=Trials(engine=engine, tables=tables, siblings=_siblings, now=now),
        models=Models(engine=engine, loading=_loading(), now=now),
        health=chosen_health(
            engine, watch=watch(), version=VERSION, now=now, loaded=_loading().told
        ),
        training=training,
        comparing=Comparing(engine=engine, models=partial(registered, engine), now=now),
        shadowing=Shadowing(engine=engine, models=partial(registered, engine), now=now),
        tables=tables,
    )


@st.cache_resource(show_spinner=False)
def _shadow_queue() -> ShadowQueue:
    """One for the whole server, whatever model is in use."""

    def load(checkpoint: str) -> Coder:
        return loaded(named(registered(database()), checkpoint).folder, checkpoint)

    return ShadowQueue(database(), load=load, now=now)


def _places() -> Mapping[int, int]:
    """Where each note stands by what coding it would teach, as far as that is known."""
    benefits = _model().benefits
    return {} if benefits is None else {n: each.place for n, each in benefits.look().items()}


def _siblings(code: Code) -> tuple[Code, ...]:
    return shared_tables().relatives(code).siblings


def _learn(note_id: int) -> None:
    """What an adjudicator changed is learned like what a coder changed."""
    _bare().learn(note_id)


def _unlearn(names: Sequence[str]) -> None:
    """Nothing that was learned from deleted notes, or computed of them, stays at hand."""
    _shadow_queue().unlearn(names)
    _services().training.forget_deleted()
    _bare().unlearn(names)
    for each in _loading().everything():
        for service in (each.explainer, each.trusting, each.supposing):
            service.background.clear()


def _bare() -> Coding:
    """Coding without a model."""
    services, loading = _services(), _loading()
    return Coding(
        engine=database(),
        coder=None,
        tables=services.tables,
        version=VERSION,
        now=now,
        checking=services.checking,
        trials=services.trials,
        learning=loading.learning,
        loading=loading,
        shadow=_shadow_queue(),
    )


def _model() -> Model:
    """Coding with the model in use; without it, and the reason, if no checkpoint can be used."""
    try:
        return _with(_in_use())
    except EvicodeError as error:
        return Model(coding=_bare(), problem=f"No suggestions: {error}")


def _model_of(checkpoint: str) -> Model:
    """What is asked of one chart's model; coding alone if it cannot be loaded any more."""
    at_hand = _model()
    if at_hand.coding.coder is None or at_hand.coding.coder.checkpoint == checkpoint:
        return at_hand
    found = _loading().of(checkpoint)
    return Model(coding=at_hand.coding) if found is None else _with(found, at_hand.coding)


def _with(loaded: Loaded, coding: Coding | None = None) -> Model:
    """Coding with the model in use, and what is asked of this one."""
    in_use = replace(_bare(), coder=loaded.coder, remembering=loaded.remembering)
    return Model(
        coding=coding or in_use,
        explainer=loaded.explainer,
        trusting=loaded.trusting,
        supposing=loaded.supposing,
        benefits=loaded.benefits,
    )


def _in_use() -> Loaded:
    """The model in use. The first one is waited for; a new one is loaded in the background."""
    loading = _loading()
    if loading.serving() is None:
        with st.spinner(t("Loading the model…")):
            return loading.in_use()
    return loading.in_use()


@st.cache_resource(show_spinner=False)
def _loading() -> Loading:
    """The models in memory; one set for the whole server."""
    loading = Loading(engine=database(), now=now)
    engine, learning, tables = database(), loading.learning, shared_tables()

    def teach(coder: Coder, ready: Callable[[], None]) -> None:
        learner = Coding(
            engine=engine, coder=coder, tables=tables, version=VERSION, now=now, learning=learning
        )
        learner.learn_all(ready=ready)
        if len(loading.everything()) >= KEPT:
            gc.unfreeze()  # another made room for it, and is to be found
        threading.Thread(target=_warm_model, args=(coder,), name="warm-model", daemon=True).start()
        _keep_out_of_collections()

    loading.teach = teach
    return loading


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
