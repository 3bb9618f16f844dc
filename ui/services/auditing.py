"""Auditing one code: every method's evidence side by side, method by method as it is computed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.errors import EvicodeError
from core.inference import Coder, confidence, removal
from core.types import Code, Explanation, Note
from db import decisions, notes, screens, unit_of_work
from db.records import Computed, Screen, ShownExplanation
from db.standing import standing
from ui.services.audit import Audit, Finding, Listing
from ui.services.auditable import ListedCode, codes_of
from ui.services.explaining import Explainer
from ui.services.failures import logged
from ui.services.loading import Loading
from ui.services.methods import settings
from ui.services.sheet import file_name, sheet
from ui.services.tables import Tables, about

PATIENCE = 60.0  # seconds for one method, where nobody watches

Remark = Callable[[Note, Explanation], tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Auditing:
    """What an auditor asks of one code. Writes nothing but computed evidence.

    A page calls `begin` once and `go_on` until nothing is waiting, or `stop` and nothing more.
    """

    engine: Engine
    coder: Coder | None  # None: there is no usable checkpoint
    explainer: Explainer | None
    tables: Tables
    version: str
    now: Callable[[], datetime]
    remark: Remark | None = None  # says how far a method's evidence can be trusted
    loading: Loading | None = field(default=None, compare=False)  # None: `coder` is the only one

    def begin(self, note_id: int, code: Code) -> Audit:
        """All that is known of a code at once; evidence is still waiting.

        A code that was on a list is explained by the model of that list, as long as it is there.
        """
        return self._listed_by(note_id, code)._begin(note_id, code)

    def _begin(self, note_id: int, code: Code) -> Audit:
        coder = self.coder
        with unit_of_work(self.engine, write=False) as session:
            note = notes.get(session, note_id)
        title = self.tables.title(code) or ""
        known = about(self.tables, code, title)
        audit = Audit(
            note=note,
            code=code,
            title=title,
            group=known.group,
            flags=known.flags,
            listing=None,
            checkpoint=coder.name if coder else "",
            checkpoint_hash=coder.checkpoint if coder else "",
            memory=coder.memory if coder else "",
            app_version=self.version,
            waiting=coder.methods if coder and self.explainer else (),
        )
        return self._decided(replace(audit, scored=self._scored(audit)))

    def again(self, audit: Audit) -> Audit:
        """The same with what has been decided since; begun anew for another model or memory."""
        coder = self._listed_by(audit.note.id, audit.code).coder
        now = (coder.checkpoint, coder.memory) if coder else ("", "")
        if (audit.checkpoint_hash, audit.memory) != now and not audit.unfinished:
            return self.begin(audit.note.id, audit.code)
        return self._decided(audit)

    def codes(self, note_id: int) -> tuple[ListedCode, ...]:
        """What can be audited of a chart: codes decided on, then those listed, best first."""
        return codes_of(note_id, engine=self.engine, coder=self.coder)

    def go_on(self, audit: Audit, *, patience: float = 0.0) -> Audit:
        """The same with what has been computed since, the next method being waited for.

        Memory that learned something meanwhile does not stop it: the view names the memory it
        began with, and evidence of before stays. A remark takes about a second and is said one
        call after its evidence was there, so that nobody waits for it to see the evidence.
        """
        its_own = self._of(audit.checkpoint_hash)
        audit = its_own._said(audit)
        for method in audit.waiting:
            finding = its_own._finding(audit, method, patience)
            if finding is None:
                break  # one at a time: asking for the next would take its place
            audit = replace(audit, findings=(*audit.findings, finding), waiting=audit.waiting[1:])
        return audit

    def progress(self, audit: Audit) -> float:
        """The share of the methods that is done, counting the one at work by what it reports."""
        methods = len(audit.findings) + len(audit.waiting)
        done: float = len(audit.findings)
        explainer = self._of(audit.checkpoint_hash).explainer
        if audit.waiting and explainer is not None:
            note, method = audit.note.as_note(), audit.waiting[0]
            done += explainer.progress(note, audit.code, method) or 0.0
        return done / methods if methods else 1.0

    def stop(self, audit: Audit) -> None:
        """End the work on the method that is waited for; `go_on` would begin it anew."""
        explainer = self._of(audit.checkpoint_hash).explainer
        if audit.waiting and explainer is not None:
            explainer.call_off(audit.note.as_note(), audit.code, audit.waiting[0])

    def audit(self, note_id: int, code: Code) -> Audit:
        """Everything, waited for."""
        audit = self.begin(note_id, code)
        while audit.unfinished:
            audit = self.go_on(audit, patience=PATIENCE)
        return audit

    def file_name(self, audit: Audit) -> str:
        """The name of a sheet that is exported now."""
        return file_name(audit, at=self.now())

    def export(self, audit: Audit, *, by: str) -> tuple[str, bytes]:
        """File name and content of the evidence sheet, with what stands decided now."""
        now, audit = self.now(), self._decided(audit)
        return file_name(audit, at=now), sheet(audit, by=by, at=now).encode()

    def _listed_by(self, note_id: int, code: Code) -> "Auditing":
        """The same with the model whose list the code was decided on, or last stood on."""
        with unit_of_work(self.engine, write=False) as session:
            stands = standing(decisions.of_note(session, note_id)).get(code)
            screen = _screen(session, note_id, code, stands.screen_id if stands else None)
        its_own = self if screen is None else self._of(screen.checkpoint_hash)
        return self if its_own.coder is None else its_own

    def _of(self, checkpoint: str) -> "Auditing":
        """The same with the model of this hash; without any if it cannot be loaded."""
        if checkpoint == ("" if self.coder is None else self.coder.checkpoint):
            return self
        loaded = None if self.loading is None else self.loading.of(checkpoint)
        if loaded is None:
            return replace(self, coder=None, explainer=None, remark=None)
        remark = None if self.remark is None else trust(loaded.coder)
        return replace(self, coder=loaded.coder, explainer=loaded.explainer, remark=remark)

    def _decided(self, audit: Audit) -> Audit:
        """The same with what has been decided, and the list it was decided on."""
        note_id, code = audit.note.id, audit.code
        with unit_of_work(self.engine, write=False) as session:
            made = decisions.of_note(session, note_id)
            stands = standing(made).get(code)
            screen = _screen(session, note_id, code, stands.screen_id if stands else None)
            listing, shown = (None, ()) if screen is None else _listed(session, screen, code)
        of_code = tuple(decision for decision in made if decision.code == code)
        titles = [each.title for each in reversed(of_code) if each.title]
        return replace(
            audit,
            title=audit.title or next(iter(titles), ""),
            listing=listing or audit.listing or audit.scored,
            shown=shown,
            decisions=of_code,
            standing=stands,
        )

    def _scored(self, audit: Audit) -> Listing | None:
        """Where the model ranks a code that nobody was shown."""
        if self.coder is None:
            return None
        try:
            found = self.coder.suggest(audit.note.as_note())
        except EvicodeError:
            return None
        for task in self.coder.spaces:
            for rank, each in enumerate(found.of(task), start=1):
                if each.code == audit.code:
                    return Listing(
                        probability=each.probability,
                        rank=rank,
                        task=task,
                        threshold=self.coder.thresholds.get(task),
                        source=each.source,
                        provenance=each.provenance,
                        contexts=each.contexts,
                        checkpoint=self.coder.name,
                        checkpoint_hash=found.checkpoint,
                        memory=found.memory,
                        truncated_at=found.truncated_at,
                    )
        return None

    def _finding(self, audit: Audit, method: str, patience: float) -> Finding | None:
        if self.explainer is None:
            return Finding(method=method, problem="there is no model")
        note = audit.note.as_note()
        try:
            computed = self.explainer.look(note, audit.code, method, patience=patience)
            if computed is None:
                return None
        except EvicodeError as error:
            return Finding(method=method, problem=str(error))
        except Exception as error:  # noqa: BLE001  (one method must not cost the others)
            return Finding(method=method, problem=f"something went wrong (id {logged(error)})")
        found = _found(method, computed, self.coder)
        return found if self.remark is None or found.problem else replace(found, remarks=None)

    def _said(self, audit: Audit) -> Audit:
        """The same with one more remark, if one is due."""
        due = next((each for each in audit.findings if each.remarks is None), None)
        if due is None:
            return audit
        shown = Explanation(code=audit.code, method=due.method, tokens=(), spans=due.spans)
        said = replace(due, remarks=_remarks(self.remark, audit.note.as_note(), shown))
        findings = tuple(said if each is due else each for each in audit.findings)
        return replace(audit, findings=findings)


def trust(coder: Coder) -> Remark:
    """The remark that reads the note again without the shown words; takes about a second.

    It leaves out whether attention and gradients agree: the sheet compares the methods it shows,
    and another gradient than theirs may say otherwise.
    """

    def remark(note: Note, explanation: Explanation) -> tuple[str, ...]:
        return (removal(confidence(coder, note, explanation)),)

    return remark


def _remarks(remark: Remark | None, note: Note, explanation: Explanation) -> tuple[str, ...]:
    if remark is None:
        return ()
    try:
        return remark(note, explanation)
    except Exception as error:  # noqa: BLE001  (the evidence stands without them)
        return (f"how far it can be trusted could not be said (id {logged(error)})",)


def _found(method: str, computed: Computed, coder: Coder | None) -> Finding:
    explanation = computed.explanation
    if explanation.method != method:
        used = explanation.method.replace("_", " ")
        return Finding(method=method, problem=f"nothing is known for this code here; see {used}")
    return Finding(
        method=method,
        words=explanation.tokens,
        spans=explanation.spans,
        peak=explanation.peak,
        delta=explanation.delta,
        settings=settings(method, coder),
        at=computed.at,
    )


def _screen(session: Session, note_id: int, code: Code, decided_on: int | None) -> Screen | None:
    """The screen that was decided on if it lists the code, else the last one that does."""
    if decided_on is not None:
        screen = screens.get(session, decided_on)
        if any(each.suggestion.code == code for each in screen.suggestions):
            return screen
    return screens.listing(session, note_id, code)


def _listed(
    session: Session, screen: Screen, code: Code
) -> tuple[Listing, tuple[ShownExplanation, ...]]:
    """Where the code stands on a screen that lists it, and the evidence that was shown there."""
    shown = next(each for each in screen.suggestions if each.suggestion.code == code)
    suggestion = shown.suggestion
    listing = Listing(
        probability=suggestion.probability,
        rank=shown.rank,
        task=suggestion.task,
        threshold=screen.thresholds.get(suggestion.task),
        source=suggestion.source,
        provenance=suggestion.provenance,
        contexts=suggestion.contexts,
        checkpoint=screen.checkpoint,
        checkpoint_hash=screen.checkpoint_hash,
        memory=screen.memory,
        truncated_at=screen.truncated_at,
        shown_to=screen.coder,
        shown_at=screen.shown_at,
    )
    return listing, screens.explanations(session, shown.id)
