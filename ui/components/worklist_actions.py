"""What can be done with the charts that are marked in the worklist: by their coder, by a lead.

Each action is a callback, so that the list below shows at once what it did.
"""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from core.errors import EvicodeError
from ui.components.deleting import DELETING, deleted, deletion, notes_of
from ui.components.taking import forget_held
from ui.components.worklist_filters import PRIORITIES
from ui.identity import is_alone
from ui.language import msgid, nt, t
from ui.services.rights import Action, Actor, may
from ui.services.worklist import Pass, Priority, Work, WorkRow
from ui.session import desk
from ui.workbench import workbench

ANYONE = msgid("Anyone")
ASSIGNING = msgid(
    "Only this coder is offered these charts and can open them. Whoever has one open keeps it "
    "until they let go of it."
)
PRIORITISING = msgid("“Next chart” takes the most urgent chart first, for everybody.")
CODING_AGAIN = msgid(
    "Somebody else codes these charts again, from the same suggestions, without seeing the first "
    "coding. Where the two differ, an auditor settles it afterwards."
)
ON_TRIAL = msgid(
    "Shows how far this coder follows the list of suggestions. For charts they have not opened yet."
)
BLIND_FIRST = msgid("A first list without suggestions")
BLIND_FIRST_WHAT = msgid("They code the note alone first; suggestions are shown once they say so.")
SEEDED = msgid("One wrong suggestion")
SEEDED_WHAT = msgid(
    "A code that is close but wrong stands on the list and looks like any other. It is taken back "
    "when you reveal it, and it is never learned from or exported."
)
FREEING = msgid(
    "Takes these charts from whoever has them, for others to take. What they decided is kept, and "
    "they can go on only while nobody else has taken the chart."
)
HANDING_OVER = msgid(
    "The other coder has these charts from now on, and what you decided stays on them."
)


def may_mark(who: Actor) -> bool:
    """Whether there is anything this actor can do with marked charts."""
    return may(who, Action.ASSIGN) or (may(who, Action.CODE) and not is_alone())


def marked_actions(marked: Sequence[WorkRow], who: Actor) -> None:
    """Draw the actions; those that the marked charts do not allow are there, disabled."""
    works = [row.work for row in marked]
    mine = [row.work for row in marked if row.claim is not None and row.claim.coder == who.name]
    held = [row.work for row in marked if row.claim is not None]
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="right",
        gap="small",
    ):
        st.text(
            nt("{count} marked", "{count} marked", len(works)) if works else t("Mark charts to…"),
            width="content",
        )
        if not is_alone():
            _let_go(mine, who)
            _hand_over(mine, who)
        if may(who, Action.ASSIGN):
            _prioritise(works, who)
            if not is_alone():
                _assign(works, who)
                _free(held, who)
            _second_coding(works, who)
            _trial(works, who)
        if may(who, Action.DELETE):
            _delete(marked, who)


def _let_go(mine: Sequence[Work], who: Actor) -> None:
    def action() -> None:
        for work in mine:
            workbench().worklist.release(work, by=who.name)

    st.button(
        t("Let go"),
        key="let-go",
        disabled=not mine,
        help=t("Others can take the marked charts that you have. What you decided is kept."),
        on_click=_done,
        args=(action, t("Let go: others can take it now.")),
    )


def _hand_over(mine: Sequence[Work], who: Actor) -> None:
    def body() -> tuple[Callable[[], None], bool]:
        coder = _coder("hand-over-to", who, again=_any_second(mine), but=who.name)

        def action() -> None:
            for work in mine:
                workbench().worklist.hand_over(work, to=coder or "", by=who.name)

        return action, coder is not None

    _popover(t("Hand over"), "hand-over", HANDING_OVER, body, t("Handed over."), to=mine)


def _prioritise(works: Sequence[Work], who: Actor) -> None:
    def body() -> tuple[Callable[[], None], bool]:
        chosen = st.segmented_control(
            t("Priority"),
            list(Priority)[::-1],
            format_func=lambda each: t(PRIORITIES[each]),
            key="set-priority",
            label_visibility="collapsed",
        )
        priority = chosen or Priority.NORMAL
        action = partial(workbench().worklist.prioritise, works, priority, by=who.name)
        return action, chosen is not None

    _popover(t("Priority"), "priority", PRIORITISING, body, t("Priority set."), to=works)


def _assign(works: Sequence[Work], who: Actor) -> None:
    def body() -> tuple[Callable[[], None], bool]:
        coder = _coder("assign-to", who, again=_any_second(works), anyone=True)
        to = None if coder == ANYONE else coder
        action = partial(workbench().worklist.assign, works, to, by=who.name)
        return action, coder is not None

    _popover(t("Assign"), "assign", ASSIGNING, body, t("Assigned."), to=works)


def _free(held: Sequence[Work], who: Actor) -> None:
    def body() -> tuple[Callable[[], None], bool]:
        return partial(workbench().worklist.free, held, by=who.name), True

    _popover(t("Take back"), "free", FREEING, body, t("Taken back: they are free now."), to=held)


def _second_coding(works: Sequence[Work], who: Actor) -> None:
    def body() -> tuple[Callable[[], None], bool]:
        coder = _coder("second-by", who, again=True, anyone=True)
        to = None if coder == ANYONE else coder
        ids = sorted({work.note_id for work in works})
        action = partial(workbench().double_coding.request, ids, by=who.name, coder=to)
        return action, coder is not None

    _popover(
        t("Second coding"), "again", CODING_AGAIN, body, t("Second codings asked for."), to=works
    )


def _trial(works: Sequence[Work], who: Actor) -> None:
    def body() -> tuple[Callable[[], None], bool]:
        coder = _coder("trial-of", who, again=False)
        blind = st.checkbox(t(BLIND_FIRST), key="trial-blind")
        st.caption(t(BLIND_FIRST_WHAT))
        seeded = st.checkbox(t(SEEDED), key="trial-seeded")
        st.caption(t(SEEDED_WHAT))
        ids = sorted({work.note_id for work in works})
        start = workbench().trials.start
        action = partial(
            start, ids, coder=coder or "", by=who.name, blind_first=blind, seeded=seeded
        )
        return action, coder is not None and (blind or seeded)

    _popover(t("Trial"), "trial", ON_TRIAL, body, t("Trial started."), to=works)


def _delete(marked: Sequence[WorkRow], who: Actor) -> None:
    notes = notes_of(marked)
    body = partial(deletion, notes, who)
    _popover(t("Delete notes"), "delete", DELETING, body, deleted(len(notes)), to=[*notes])


def _popover(
    label: str,
    key: str,
    what: str,
    body: Callable[[], tuple[Callable[[], None], bool]],
    done: str,
    *,
    to: Sequence[object],
) -> None:
    """A button that unfolds to what the action does, what it asks for, and the action itself.

    `body` draws what is asked for; it gives the action, and whether all that it needs is there.
    """
    with st.popover(label, key=key, disabled=not to, on_change="rerun") as box:
        if box.open:
            st.caption(t(what))
            action, ready = body()
            st.button(
                f"{label}: {len(to)}",
                key=f"{key}-do",
                type="primary",
                disabled=not ready,
                on_click=_done,
                args=(action, done, key),
            )


def _done(action: Callable[[], None], done: str, popover: str | None = None) -> None:
    """Do it, and say so once; or say why not. The list is drawn after this."""
    try:
        action()
    except EvicodeError as error:
        desk().problem = str(error)
        return
    forget_held()
    desk().said = done
    if popover is not None:
        st.session_state[popover] = False


def _coder(
    key: str, who: Actor, *, again: bool, anyone: bool = False, but: str | None = None
) -> str | None:
    """Ask for a coder by name; alone at one's laptop there is only oneself."""
    names = (who.name,) if is_alone() else workbench().accounts.coders(again=again)
    names = tuple(name for name in names if name != but and not (is_alone() and again))
    options = (ANYONE, *names) if anyone else names
    if not options:
        st.text(t("Nobody else has an account that may do this."))
        return None
    return st.selectbox(
        t("Coder"),
        options,
        format_func=lambda name: t(name) if name == ANYONE else name,
        key=key,
    )


def _any_second(works: Sequence[Work]) -> bool:
    return any(work.coding_pass is Pass.SECOND for work in works)
