"""Forms for accounts: a new one, a change to one, and the list of all."""

from collections.abc import Callable, Sequence

import streamlit as st

from ui.services.accounts import Account, Accounts, Role
from ui.services.rights import ALLOWED

_ROLES = tuple(Role)
_WIDTH = 480  # pixels of a form
_MAY = "\n".join(f"- **{role.value}**: {', '.join(sorted(ALLOWED[role]))}" for role in _ROLES)


def new_account_form(accounts: Accounts, *, by: str) -> None:
    """Ask for a name, a role and a first password, and make the account."""
    with (
        st.expander("New account", expanded=False),
        st.form("new-account", clear_on_submit=True, width=_WIDTH),
    ):
        name = st.text_input("Name", key="new-name")
        role = st.selectbox("Role", _ROLES, key="new-role", help=_MAY)
        password = st.text_input(
            "First password",
            type="password",
            key="new-password",
            help="12 characters or more. Tell it in person; they change it under Account.",
        )
        email = st.text_input(
            "E-mail", key="new-email", help="For logging in through your organisation, if you do."
        )
        wanted = st.form_submit_button("Make the account", type="primary", key="new-make")
    if wanted:
        made = accounts.add(name, role, by=by, password=password, email=email or None)
        st.success(f"{made.role.value.capitalize()} added.", icon=":material/check:")


def change_form(accounts: Accounts, *, by: str) -> None:
    """Choose an account and one thing to change of it."""
    everybody = {account.id: account for account in accounts.listing()}
    with st.expander("Change an account", expanded=False):
        chosen = st.selectbox(
            "Account",
            everybody,
            format_func=lambda i: everybody[i].name,
            key="change-who",
            width=_WIDTH,
        )
        if chosen is None:
            return
        account = everybody[chosen]
        with st.form("change-account", clear_on_submit=True, width=_WIDTH):
            place = _ROLES.index(account.role)
            role = st.selectbox("Role", _ROLES, index=place, key="change-role", help=_MAY)
            email = st.text_input("E-mail", value=account.email or "", key="change-email")
            password = st.text_input("New password", type="password", key="change-password")
            is_open = st.checkbox("May log in", value=account.is_open, key="change-open")
            wanted = st.form_submit_button("Change", key="change-do")
    if wanted:
        for change in _changes(accounts, account, role, email, password, is_open, by):
            change()
        st.success("Changed.", icon=":material/check:")


def account_table(everybody: Sequence[Account]) -> None:
    """All accounts with their roles."""
    st.dataframe(
        {
            "Name": [account.name for account in everybody],
            "Role": [account.role.value for account in everybody],
            "E-mail": [account.email or "" for account in everybody],
            "May log in": ["yes" if account.is_open else "no, closed" for account in everybody],
            "Since": [account.created_at for account in everybody],
        },
        hide_index=True,
        key="people",
        column_config={"Since": st.column_config.DatetimeColumn(format="YYYY-MM-DD")},
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
