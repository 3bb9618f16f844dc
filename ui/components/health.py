"""The health page's parts: what wants attention first, then each part of the server."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.language import msgid, said, t
from ui.services.health import Health, Report

LEAST_FREE = 2 * 1024**3  # bytes; below, whoever runs the server should make room
OVERDUE = timedelta(days=8)  # for backups, and for checks of the trail
SAID = "health-said"  # session state: what a button did, shown once after the page is drawn anew


def to_look_at(report: Report) -> None:
    """What wants attention, or that nothing does."""
    done = st.session_state.pop(SAID, None)
    if done is not None:
        st.success(t(done), icon=":material/check:")
    found = list(_wanting(report))
    with st.container(border=True):
        if not found:
            st.text(t("✓ Nothing wants attention."))
        for each in found:
            st.text(f"⚠ {each}")


def conditions(health: Health, report: Report, *, by: str) -> None:
    """Program, database, audit trail and backups, side by side; below one another where narrow."""
    with st.container(horizontal=True, gap="small"):
        with _card():
            _program(report)
        with _card():
            _database(report)
        with _card():
            _trail(health, report, by=by)
        with _card():
            _backups(health, report, by=by)


def logged_in(report: Report) -> None:
    """Who is logged in; a browser each."""
    st.subheader(t("Logged in"))
    if not report.sessions:
        st.caption(t("Nobody has to log in, or nobody is."))
        return
    st.dataframe(
        {
            t("Name"): [each.name for each in report.sessions],
            t("Role"): [said(each.role.value) for each in report.sessions],
            t("Since"): [since(report.at, each.since) for each in report.sessions],
            t("Last work"): [since(report.at, each.seen) for each in report.sessions],
        },
        hide_index=True,
        key="health-sessions",
    )


def speed(report: Report) -> None:
    """How long calls took in the last hour."""
    st.subheader(t("Speed in the last hour"))
    if not report.timings:
        st.caption(t("Nothing was asked of the server yet."))
        return
    milliseconds = st.column_config.NumberColumn(format="%.0f ms")
    st.dataframe(
        {
            t("Call"): [each.what for each in report.timings],
            t("Calls"): [each.calls for each in report.timings],
            t("Median"): [each.median * 1000 for each in report.timings],
            t("95 of 100 within"): [each.p95 * 1000 for each in report.timings],
            t("Slowest"): [each.slowest * 1000 for each in report.timings],
            t("Failed"): [each.failed for each in report.timings],
        },
        hide_index=True,
        key="health-speed",
        column_config=dict.fromkeys(
            (t("Median"), t("95 of 100 within"), t("Slowest")), milliseconds
        ),
    )
    st.caption(t("Coding.apply is a decision, from its arrival until it is kept."))


def errors(report: Report) -> None:
    """Unexpected errors of the last day, by the id that whoever saw one can tell."""
    st.subheader(t("Errors of the last day"))
    if not report.errors:
        st.caption(t("None since the start.") if _is_young(report) else t("None."))
        return
    st.dataframe(
        {
            t("Id"): [each.id for each in report.errors],
            t("When"): [since(report.at, each.at) for each in report.errors],
            t("Type"): [each.type for each in report.errors],
            t("Line of code"): [each.place for each in report.errors],
        },
        hide_index=True,
        key="health-errors",
    )
    st.caption(t("The log has all lines of code under the same id. It never has a word of a note."))


def _wanting(report: Report) -> Iterator[str]:
    if report.verified is not None and report.verified.fault is not None:
        yield t(
            "The record is not what it was: {fault}. Find out who had access.",
            fault=said(report.verified.fault),
        )
    used = report.checkpoint
    if used.problem is not None and used.instead is not None:
        yield t(
            "The model in use cannot be loaded: {error}. Suggestions come from {name} meanwhile.",
            error=said(used.problem),
            name=used.instead,
        )
    elif used.problem is not None:
        yield t("No suggestions: {error}", error=said(used.problem))
    if report.backup_problem is not None:
        yield t("Backups: {problem}.", problem=said(report.backup_problem))
    elif not report.backs_up:
        yield t(
            "No backups are scheduled. Set backup_folder in evicode.toml, or schedule your own."
        )
    elif report.backup is None:
        yield t("There is no backup in the folder yet.")
    elif report.at - report.backup.at > OVERDUE:
        yield t("The last backup is more than a week old.")
    if report.database.free is not None and report.database.free < LEAST_FREE:
        yield t(
            "Only {size} are free on the disk of the database.", size=size(report.database.free)
        )
    if report.verified is None or report.at - report.verified.at > OVERDUE:
        yield t("The audit trail was not checked lately. Check it below; it takes seconds.")
    if report.errors:
        yield t("Unexpected errors in the last day: {count}.", count=len(report.errors))


def _card() -> DeltaGenerator:
    return st.container(border=True, width=300, height="stretch")  # four fit beside one another


def _program(report: Report) -> None:
    st.subheader(t("Program"))
    checkpoint = report.checkpoint
    _pairs(
        (t("Version"), report.version),
        (t("Started"), since(report.at, report.started)),
        (t("Memory"), size(report.memory)),
        (t("Checkpoint"), checkpoint.name or t("none")),
        (t("Its hash"), checkpoint.hash[:12] or t("none")),
    )


def _database(report: Report) -> None:
    st.subheader(t("Database"))
    database = report.database
    _pairs(
        (t("Engine"), database.engine),
        (t("Schema"), database.revision or t("none")),
        (t("Size"), size(database.size)),
        (t("Free disk"), t("unknown here") if database.free is None else size(database.free)),
    )


def _trail(health: Health, report: Report, *, by: str) -> None:
    st.subheader(t("Audit trail"))
    verified = report.verified
    if verified is None:
        when, result = t("not since start"), t("unknown")
    else:
        when = since(report.at, verified.at)
        result = t("all as it was") if verified.fault is None else t("NOT as it was")
    _pairs(
        (t("Entries"), f"{report.database.entries:,}"),
        (t("Checked"), when),
        (t("Found"), result),
    )
    if st.button(t("Check the trail now"), key="health-verify", icon=":material/verified:"):
        bar = st.progress(0.0, t("Comparing every record with its entry…"))
        found = health.verify(by=by, told=bar.progress)
        if found.fault is None:
            st.session_state[SAID] = msgid("The audit trail fits every record.")
        st.rerun()


def _backups(health: Health, report: Report, *, by: str) -> None:
    st.subheader(t("Backups"))
    last = report.backup
    _pairs(
        (t("Scheduled"), t("yes") if report.backs_up else t("no")),
        (t("Last"), "–" if last is None else since(report.at, last.at)),
        (t("Its size"), "–" if last is None else size(last.size)),
    )
    wanted = st.button(
        t("Write a backup now"),
        key="health-backup",
        icon=":material/save:",
        disabled=not report.backs_up,
        help=None if report.backs_up else t("Name a folder first: backup_folder in evicode.toml."),
    )
    if wanted:
        with st.spinner(t("Writing a backup and verifying it…")):
            health.back_up(by=by)
        st.session_state[SAID] = msgid("The backup is written, and verified.")
        st.rerun()


def _pairs(*pairs: tuple[str, str]) -> None:
    width = max(len(name) for name, _ in pairs)
    st.code("\n".join(f"{name:<{width}}  {value}" for name, value in pairs), language=None)


def _is_young(report: Report) -> bool:
    return report.at - report.started < timedelta(days=1)


def size(count: float) -> str:
    """Bytes in a unit that fits."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} GB"


def since(now: datetime, then: datetime) -> str:
    """How long ago, in one unit; the day itself once that says more."""
    minutes = int((now - then).total_seconds() // 60)
    if minutes < 1:
        return t("just now")
    if minutes < 120:
        return t("{minutes} min ago", minutes=minutes)
    if minutes < 48 * 60:
        return t("{hours} hours ago", hours=minutes // 60)
    return then.strftime("%Y-%m-%d")
