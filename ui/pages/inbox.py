"""Inbox: notes come in here, and the worklist shows which charts to code next."""

from ui.components.errors import shown_errors
from ui.components.uploading import uploads
from ui.components.working import worklist
from ui.services.rights import Action, may
from ui.session import actor

with shown_errors():
    who = actor()
    worklist(who)
    if may(who, Action.UPLOAD):
        uploads(who)
