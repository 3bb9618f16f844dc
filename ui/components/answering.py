"""Answering findings: the coder's own, and what is left to the auditor or a third person."""

from collections.abc import Sequence

import streamlit as st

from core.errors import BadInput
from ui.components.errors import problem, shown_errors
from ui.components.quotes import Column, quotes
from ui.language import msgid, nt, said, t
from ui.services.audit_words import STATES, finding_words
from ui.services.audited import Audited, Sheet
from ui.services.grounds import passages
from ui.services.quality import AuditEvent, AuditTurn, Finding, FindingState, Quality
from ui.services.rights import Actor
from ui.services.wording import moment
from ui.workbench import workbench

REASON = msgid("Your reason, in words")
RECORDED = msgid("○ recorded: the coder sees it once the audit is finished")
_TURNS = {
    AuditTurn.ACKNOWLEDGED: msgid("Acknowledge"),
    AuditTurn.REBUTTED: msgid("Rebut"),
    AuditTurn.WITHDRAWN: msgid("Withdraw"),
    AuditTurn.ESCALATED: msgid("Escalate"),
    AuditTurn.UPHELD: msgid("Uphold"),
    AuditTurn.OVERTURNED: msgid("Overturn"),
}
_SHORTCUTS = {AuditTurn.ACKNOWLEDGED: "A", AuditTurn.REBUTTED: "B"}
_ICONS = {
    AuditTurn.ACKNOWLEDGED: ":material/check:",
    AuditTurn.REBUTTED: ":material/reply:",
    AuditTurn.WITHDRAWN: ":material/close:",
    AuditTurn.ESCALATED: ":material/arrow_upward:",
    AuditTurn.UPHELD: ":material/gavel:",
    AuditTurn.OVERTURNED: ":material/undo:",
}


def own_findings(service: Quality, *, coder: str) -> None:
    """The findings on one's own charts: first those that wait for an answer."""
    sheets = service.mine(coder=coder)
    found = [(sheet, each) for sheet in sheets for each in sheet.audited.findings]
    waiting = [pair for pair in found if pair[0].audited.states[pair[1].id] is FindingState.OPEN]
    answered = [pair for pair in found if pair not in waiting]
    if not sheets:
        st.text(t("None of your charts was audited yet."))
        return
    st.text(waiting_words(len(waiting)))
    for number, (sheet, finding) in enumerate(waiting):
        with st.container(border=True):
            _of_chart(sheet, finding)
            answers(service, sheet.audited, finding, by=coder, keys=number == 0)
    if answered:
        with st.expander(
            t("Answered findings ({answered})", answered=len(answered)), expanded=not waiting
        ):
            for sheet, finding in answered:
                with st.container(border=True):
                    _of_chart(sheet, finding)
                    answers(service, sheet.audited, finding, by=coder)


def findings_to_answer(who: Actor) -> None:
    """Say how many findings wait for this coder, and lead there; nothing if none does."""
    with shown_errors():
        waiting = workbench().quality.to_answer(coder=who.name)
        if waiting:
            st.page_link(
                "ui/pages/quality.py", label=waiting_words(waiting), icon=":material/flag:"
            )


def waiting_words(findings: int) -> str:
    """How many findings one has to answer."""
    if not findings:
        return t("✓ You have no findings to answer.")
    return nt(
        "You have {count} finding to answer.", "You have {count} findings to answer.", findings
    )


def told(audited: Audited, finding: Finding) -> str:
    """A finding, its auditor's words, how it stands, and what was answered."""
    turns = [each for each in audited.events if each.finding_id == finding.id]
    state = audited.states[finding.id]
    lines = (
        said(finding_words(finding)),
        f"{finding.auditor}: {finding.comment or t('no reason given')}",
        t(STATES[state] if audited.finished or turns else RECORDED),
        *map(_turn, turns),
    )
    return "\n".join(lines)


def _turn(event: AuditEvent) -> str:
    """Who answered what and when; their own words as they are."""
    sentence = t(
        "{at}, {turn} by {by}", at=moment(event.at), turn=said(event.turn.value), by=event.by
    )
    return f"{sentence}: {event.comment}" if event.comment else sentence


def answers(
    service: Quality, audited: Audited, finding: Finding, *, by: str, keys: bool = False
) -> None:
    """What this person can do next on a finding, with their words. keys: by a key too."""
    turns = audited.turns(finding, by=by)
    if not turns:
        return
    words = ""
    if audited.finished:
        given = sum(each.finding_id == finding.id for each in audited.events)
        key = f"answer-words-{finding.id}-{given}"  # empty again for the next turn
        words = st.text_area(t(REASON), key=key, max_chars=2000, height=80)
    done = _pressed(turns, finding, keys=keys)
    if done is None:
        return
    try:
        service.answer(finding.id, done, by=by, comment=words.strip())
    except BadInput as error:
        problem(said(str(error)))
        return
    st.rerun()


def _pressed(turns: Sequence[AuditTurn], finding: Finding, *, keys: bool) -> AuditTurn | None:
    done = None
    for place, turn in zip(st.columns(4), turns, strict=False):
        if place.button(
            t(_TURNS[turn]),
            key=f"answer-{turn}-{finding.id}",
            icon=_ICONS[turn],
            shortcut=_SHORTCUTS.get(turn) if keys else None,
            width="stretch",
        ):
            done = turn
    return done


def _of_chart(sheet: Sheet, finding: Finding) -> None:
    audited = sheet.audited
    st.text(t("Chart: {name}\n{finding}", name=audited.note.name, finding=told(audited, finding)))
    decision = next(
        (each.decision for each in audited.before.codes if each.code == finding.code), None
    )
    ground = None if decision is None else sheet.grounds[decision.id]
    if decision is not None and ground is not None and (ground.marked or ground.shown):
        column = Column(
            name=decision.coder,
            state=t("gave this code"),
            icon="✓",
            passages=passages(audited.note.text, ground),
        )
        quotes([column], key=f"answer-quotes-{finding.id}", language=audited.note.language)
