"""People: an administrator gives out accounts and roles, resets passwords, closes accounts."""

import streamlit as st

from ui.components.errors import shown_errors
from ui.components.people import account_table, change_form, new_account_form
from ui.language import t
from ui.session import actor
from ui.workbench import workbench

with shown_errors():
    st.subheader(t("People"))
    accounts, by = workbench().accounts, actor().name
    new_account_form(accounts, by=by)
    change_form(accounts, by=by)
    account_table(accounts.listing())
