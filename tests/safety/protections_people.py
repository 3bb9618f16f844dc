"""People: what a role may do, who stays blind, and how long somebody stays logged in."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

import db
from core.errors import BadInput, LoggedOff, NotAllowed
from db import blindness, charts, decisions
from db.export.request import Export, Format
from db.records import Action, Pass, Turn
from tests.db.desk import FEVER, a_draft, a_note, clock, decide
from tests.safety.protection import Place, Protection, Removes
from tests.ui.accounts import PASSWORD, Hands, an_account
from ui.services import guard
from ui.services.accounts import Accounts
from ui.services.export import Exporting
from ui.services.logins import Logins
from ui.services.rights import Actor, Role


def a_role_does_what_it_may_and_no_more(place: Place) -> None:
    service = guard.guarded(
        Exporting(engine=place.engine, now=clock), Actor(name="ana", role=Role.CODER)
    )
    try:
        service.preview(Export(format=Format.CSV))
    except NotAllowed:
        return
    raise AssertionError("a coder looked at an export")


def _without_the_question(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ui.services.guard.allow", lambda *_: None)


def who_coded_a_note_does_not_code_it_again(place: Place) -> None:
    with db.unit_of_work(place.engine) as session:
        note = a_note(session)
        decide(session, note, FEVER)
        again = a_draft(note, FEVER, Action.REJECT, coding_pass=Pass.SECOND)
        try:
            decisions.append(session, again, seen=1, at=clock())
        except BadInput:
            return
    raise AssertionError("one coder made both codings")


def _without_blindness(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(blindness, "refuse_coding", lambda *args, **names: None)


def a_second_coder_does_not_look_before_they_finish(place: Place) -> None:
    with db.unit_of_work(place.engine) as session:
        note = a_note(session)
        second = {"coder": "bob", "at": clock()}
        charts.record(session, note.id, Turn.OPENED, coding_pass=Pass.SECOND, **second)
        try:
            charts.record(session, note.id, Turn.OPENED, coding_pass=Pass.FIRST, **second)
        except BadInput:
            return
    raise AssertionError("the second coder saw the first coding")


def _without_the_wait(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(blindness, "refuse_looking", lambda *args, **names: None)


def who_is_idle_is_logged_off(place: Place) -> None:
    hands, logins, token = _logged_in(place)
    hands.move(minutes=14)
    logins.who(token, works=False)
    hands.move(minutes=1)
    _is_over(logins, token)


def nobody_stays_longer_than_a_day_of_work(place: Place) -> None:
    hands, logins, token = _logged_in(place)
    for _ in range(12 * 6 - 1):
        hands.move(minutes=10)
        logins.who(token)
    hands.move(minutes=10)
    _is_over(logins, token)


def _logged_in(place: Place) -> tuple[Hands, Logins, str]:
    hands = Hands()
    an_account(Accounts(engine=place.engine, now=hands))
    logins = Logins(engine=place.engine, now=hands)
    return hands, logins, logins.log_in("Cora", PASSWORD)


def _is_over(logins: Logins, token: str) -> None:
    with suppress(LoggedOff):
        logins.who(token)
        raise AssertionError("still logged in")


def _without_limit(name: str) -> Removes:
    def remove(_place: Place, patch: pytest.MonkeyPatch) -> None:
        login = Logins._login

        def without(self, *args, **names):
            endless = replace(self.limits, **{name: timedelta.max})
            return login(replace(self, limits=endless), *args, **names)

        patch.setattr(Logins, "_login", without)

    return remove


PEOPLE = (
    Protection(15, a_role_does_what_it_may_and_no_more, _without_the_question),
    Protection(15, who_coded_a_note_does_not_code_it_again, _without_blindness),
    Protection(15, a_second_coder_does_not_look_before_they_finish, _without_the_wait),
    Protection(16, who_is_idle_is_logged_off, _without_limit("idle")),
    Protection(16, nobody_stays_longer_than_a_day_of_work, _without_limit("absolute")),
)
