"""Audit: one code of a chart, as it was shown, decided, and explained by every method."""

from ui.components.auditing import evidence
from ui.components.choosing_code import chosen
from ui.components.errors import shown_errors
from ui.workbench import auditing, workbench

with shown_errors():
    choice = chosen(workbench().intake.listing(), auditing())
    if choice is not None:
        evidence(*choice)
