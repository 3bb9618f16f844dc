"""Inbox: notes come in here, and the worklist shows which charts to code next."""

from ui.components.errors import shown_errors
from ui.components.uploading import uploads
from ui.components.working import listed, worklist
from ui.services.rights import Action, may
from ui.session import actor

with shown_errors():
    who = actor()
    rows = listed(who)
    if may(who, Action.UPLOAD):
        uploads(who, first=not rows)
    worklist(rows, who)
