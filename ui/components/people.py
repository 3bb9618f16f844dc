"""Forms for accounts: a new one, a change to one, and the list of all."""

from collections.abc import Callable, Sequence

import streamlit as st

from ui.language import said, t
from ui.services.accounts import Account, Accounts, Role
from ui.services.rights import ALLOWED

_ROLES = tuple(Role)
_WIDTH = 480  # pixels of a form


def new_account_form(accounts: Accounts, *, by: str) -> None:
    """Ask for a name, a role and a first password, and make the account."""
    with (
        st.expander(t("New account"), expanded=False),
        st.form("new-account", clear_on_submit=True, width=_WIDTH),
    ):
        name = st.text_input(t("Name"), key="new-name")
        role = st.selectbox(t("Role"), _ROLES, key="new-role", help=_may(), format_func=said)
        password = st.text_input(
            t("First password"),
            type="password",
            key="new-password",
            help=t("12 characters or more. Tell it in person; they change it under Account."),
        )
        email = st.text_input(
            t("E-mail"),
            key="new-email",
            help=t("For logging in through your organisation, if you do."),
        )
        wanted = st.form_submit_button(t("Make the account"), type="primary", key="new-make")
    if wanted:
        made = accounts.add(name, role, by=by, password=password, email=email or None)
        st.success(
            t("{role} added.", role=said(made.role.value).capitalize()),
            icon=":material/check:",
        )


def change_form(accounts: Accounts, *, by: str) -> None:
    """Choose an account and one thing to change of it."""
    everybody = {account.id: account for account in accounts.listing()}
    with st.expander(t("Change an account"), expanded=False):
        chosen = st.selectbox(
            t("Account"),
            everybody,
            format_func=lambda i: everybody[i].name,
            key="change-who",
            width=_WIDTH,
        )
        if chosen is None:
            return
        account = everybody[chosen]
        with st.form("change-account", clear_on_submit=True, width=_WIDTH):
            role = st.selectbox(
                t("Role"),
                _ROLES,
                index=_ROLES.index(account.role),
                key="change-role",
                help=_may(),
                format_func=said,
            )
            email = st.text_input(t("E-mail"), value=account.email or "", key="change-email")
            password = st.text_input(t("New password"), type="password", key="change-password")
            is_open = st.checkbox(t("May log in"), value=account.is_open, key="change-open")
            wanted = st.form_submit_button(t("Change"), key="change-do")
    if wanted:
        for change in _changes(accounts, account, role, email, password, is_open, by):
            change()
        st.success(t("Changed."), icon=":material/check:")


def account_table(everybody: Sequence[Account]) -> None:
    """All accounts with their roles."""
    st.dataframe(
        {
            t("Name"): [account.name for account in everybody],
            t("Role"): [said(account.role.value) for account in everybody],
            t("E-mail"): [account.email or "" for account in everybody],
            t("May log in"): [
                t("yes") if account.is_open else t("no, closed") for account in everybody
            ],
            t("Since"): [account.created_at for account in everybody],
        },
        hide_index=True,
        key="people",
        column_config={t("Since"): st.column_config.DatetimeColumn(format="YYYY-MM-DD")},
    )


def _changes(
    accounts: Accounts,
    account: Account,
    role: Role,
    email: str,
    password: str,
    is_open: bool,
    by: str,
) -> list[Callable[[], None]]:
    changes: list[Callable[[], None]] = []
    if password:
        changes.append(lambda: accounts.reset_password(account.id, password, by=by))
    if role != account.role:
        changes.append(lambda: accounts.give_role(account.id, role, by=by))
    if email.strip() != (account.email or ""):
        changes.append(lambda: accounts.give_email(account.id, email, by=by))
    if is_open != account.is_open:
        turn = accounts.open_again if is_open else accounts.close
        changes.append(lambda: turn(account.id, by=by))
    return changes


def _may() -> str:
    """What each role may do."""
    allowed = {role: sorted(said(action.value) for action in ALLOWED[role]) for role in _ROLES}
    return "\n".join(f"- **{said(r.value)}**: {', '.join(each)}" for r, each in allowed.items())
