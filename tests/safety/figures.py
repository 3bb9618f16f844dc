"""Every figure of workbench.md §6: what it says, and the tests and long trials that show it.

python -m tests.safety.figures     names the tests, for `make test-safety`
"""

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`tests` as "file::test", below tests/; `trials` as `python -m benchmarks.safety` names them.

    `without`: the tests that take the protection out and see the loss.
    """

    says: str
    tests: tuple[str, ...]
    trials: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


_TABLE = "safety/test_safety_protections.py::test_without_it_the_same_check_fails"
FIGURES = {
    1: Figure(
        "kill -9 during writes, 50 times: no acknowledged row lost, the database whole",
        (
            "safety/test_safety_writing.py::test_a_killed_writer_loses_nothing_it_acknowledged",
            "safety/test_safety_writing.py::test_a_killed_server_loses_nothing_it_acknowledged",
            "browser/test_browser_round.py::"
            "test_three_decisions_survive_a_killed_server_and_are_exported",
        ),
        ("kills", "server_kills"),
        (
            "safety/test_safety_writing.py::"
            "test_acknowledged_before_it_is_committed_a_decision_is_lost",
            _TABLE,
        ),
    ),
    2: Figure(
        "8 processes, 100 read-modify-writes each: none lost, no lock errors",
        (
            "safety/test_safety_writing.py::test_processes_that_read_and_write_back_lose_nothing",
            "safety/test_safety_writing.py::"
            "test_processes_that_decide_at_once_lose_and_repeat_no_sequence",
        ),
        ("updates", "sequences"),
        (
            "safety/test_safety_writing.py::"
            "test_without_the_write_lock_the_same_processes_lose_updates",
        ),
    ),
    3: Figure(
        "a stale edit is a shown conflict, always",
        (
            "safety/test_safety_writing.py::test_a_stale_edit_is_a_conflict",
            "safety/test_safety_model.py::test_coders_crashes_and_a_dictionary_agree",
            "browser/test_browser_round.py::"
            "test_a_code_decided_on_elsewhere_meanwhile_is_a_shown_conflict",
        ),
        ("model",),
        (
            "safety/test_safety_model.py::test_the_model_notices_an_edit_over_somebody_unseen",
            _TABLE,
        ),
    ),
    4: Figure(
        "a backup under load equals the source",
        (
            "db/test_db_backup.py::test_a_backup_under_load_is_of_one_moment",
            "db/test_db_backup.py::test_what_is_restored_is_what_was_backed_up",
        ),
        ("backups",),
        (
            "db/test_db_backup.py::test_copying_the_live_file_instead_loses_what_is_in_its_log",
            _TABLE,
        ),
    ),
    5: Figure(
        "the schema from empty and from every released one, and back",
        (
            "db/test_db_migrations.py::test_down_to_nothing_and_up_again_gives_the_same_schema",
            "db/test_db_migrations.py::"
            "test_every_released_schema_is_brought_up_to_todays_with_what_it_holds",
            "db/test_db_migrations.py::test_a_migration_that_fails_halfway_leaves_no_table",
        ),
        without=(_TABLE,),
    ),
    6: Figure(
        "any edit, deletion, swap or truncation of the trail is found; 100,000 events in 2 s",
        (
            "db/test_db_trail.py::test_any_cell_of_any_record_or_entry_that_changes_is_found",
            "db/test_db_trail.py::test_what_is_done_behind_the_back_is_named",
            "db/test_db_trail.py::test_a_trail_cut_off_with_its_records_is_found_by_a_head_alone",
            "db/test_db_tombstones.py::test_what_is_forged_under_cover_of_a_deletion_is_found",
        ),
        ("trail",),
        ("db/test_db_trail.py::test_without_the_trail_the_same_tampering_goes_unseen", _TABLE),
    ),
    7: Figure(
        "any past screen can be rebuilt from its record",
        (
            "db/test_db_screens.py::test_a_past_screen_is_rebuilt_from_its_record",
            "ui/test_ui_history.py::test_a_decision_opens_as_it_was_shown_whatever_was_shown_since",
        ),
        without=(_TABLE,),
    ),
    8: Figure(
        "9 hostile texts on every page: no script, no request outside",
        (
            "browser/test_browser_hostile.py::"
            "test_no_page_runs_or_fetches_what_people_and_files_say",
            "browser/test_browser_hostile.py::test_hostile_uploads_run_and_fetch_nothing",
            "ui/test_ui_pages.py::test_nothing_in_the_app_can_turn_text_into_markup",
        ),
        without=("browser/test_browser_hostile.py::test_as_markup_the_same_payloads_are_noticed",),
    ),
    9: Figure(
        "CSP, no frames, nosniff on every response",
        (
            "browser/test_browser_surface.py::test_streamlits_own_answers_carry_the_headers",
            "browser/test_browser_surface.py::"
            "test_no_frame_may_hold_the_app_and_no_script_of_a_page_runs",
            "ui/test_ui_gate.py::test_every_answer_carries_the_headers",
        ),
        without=(_TABLE,),
    ),
    10: Figure(
        "exports and media without the right session: 403, no-store",
        (
            "ui/test_ui_gate.py::test_a_file_is_for_the_login_that_was_shown_its_button",
            "browser/test_browser_accounts.py::"
            "test_an_export_is_only_for_the_login_it_was_made_for",
        ),
        without=(_TABLE,),
    ),
    11: Figure(
        "cells that look like formulas are defused and survive a round trip",
        (
            "db/test_db_export_formats.py::test_what_looks_like_a_formula_is_text_in_every_sheet",
            "db/test_db_export_formats.py::test_no_cell_of_mimics_tables_is_a_formula",
        ),
        without=(_TABLE,),
    ),
    12: Figure(
        "parsers in a child with limits: every bomb refused within 10 s, no empty note",
        (
            "core/notes/test_note_apart.py::test_a_bomb_is_refused_with_the_limit_it_ran_into",
            "core/notes/test_note_apart.py::test_a_confined_process_reads_and_does_nothing_else",
            "core/notes/test_note_documents.py::test_a_scan_is_refused_with_what_to_do",
            "core/notes/test_note_fuzz.py::test_damaged_files_of_every_format_pass_through_one_batch",
        ),
        ("uploads",),
        (_TABLE,),
    ),
    13: Figure(
        "hostile file names write nothing outside the store",
        (
            "core/notes/test_note_apart.py::test_a_hostile_name_names_a_note_and_no_place",
            "core/notes/test_note_apart.py::test_a_confined_process_reads_and_does_nothing_else",
        ),
        without=(_TABLE,),
    ),
    14: Figure(
        "a malicious pickle never runs",
        (
            "core/test_checkpoints.py::test_a_pickle_is_never_loaded",
            "safety/test_safety_protections.py::test_the_protection_holds",
        ),
        without=(_TABLE,),
    ),
    15: Figure(
        "every role against every action, below the pages",
        (
            "ui/test_ui_rights.py::test_a_role_may_do_what_its_cell_says_and_nothing_else",
            "ui/test_ui_rights.py::"
            "test_below_the_pages_each_role_gets_through_exactly_where_the_table_says",
        ),
        without=(_TABLE,),
    ),
    16: Figure(
        "idle logoff after 15 minutes, at the latest after 12 hours",
        (
            "ui/test_ui_logins.py::"
            "test_idle_for_fifteen_minutes_is_logged_off_and_work_keeps_it_going",
            "ui/test_ui_logins.py::test_twelve_hours_after_logging_in_it_is_over_whatever_is_done",
        ),
        without=(_TABLE,),
    ),
    17: Figure(
        "a canary in a note is in no log, traceback, address or metric",
        (
            "db/test_db_privacy.py::test_a_refused_row_is_not_quoted",
            "db/test_db_privacy.py::test_nothing_is_logged_even_when_everything_is",
            "browser/test_browser_hostile.py::"
            "test_no_word_of_a_note_is_in_a_log_an_address_or_a_metric",
        ),
        without=(_TABLE,),
    ),
    18: Figure(
        "no request outside, by server or page",
        (
            "browser/test_browser_hostile.py::test_the_server_itself_asked_nobody_outside",
            "browser/test_browser_hostile.py::"
            "test_no_page_runs_or_fetches_what_people_and_files_say",
            "ui/test_ui_pages.py::test_the_settings_keep_everything_on_this_machine",
        ),
        without=("browser/test_browser_hostile.py::test_a_server_that_did_would_be_noticed",),
    ),
    19: Figure(
        "1,000 random notes: what is highlighted is text[start:end], browser and Python",
        (
            "browser/test_browser_offsets.py::"
            "test_the_browser_highlights_exactly_the_offsets_of_1000_random_notes",
            "browser/test_browser_offsets.py::"
            "test_a_note_arrives_in_the_browser_as_it_was_uploaded",
        ),
        without=(
            "browser/test_browser_offsets.py::"
            "test_counted_as_javascript_counts_the_same_notes_would_be_highlighted_wrongly",
            _TABLE,
        ),
    ),
    20: Figure(
        "8 threads, 50 notes, one model: as one thread",
        ("core/inference/test_coder.py::test_eight_threads_get_what_one_gets",),
        without=(_TABLE,),
    ),
    21: Figure(
        "a key moves to the next suggestion within 500 ms; a 20,000-token note stays usable",
        (
            "browser/test_browser_speed.py::test_a_shortcut_leads_to_the_next_suggestion_at_once",
            "browser/test_browser_speed.py::test_a_decision_is_shown_as_saved_at_once",
            "browser/test_browser_audit.py::test_a_20_000_token_note_can_be_read_whole",
        ),
    ),
    22: Figure(
        "a whole chart by keyboard; Enter in the search never submits; undo is on record",
        (
            "browser/test_browser_keyboard.py::test_a_whole_chart_by_keyboard_alone",
            "browser/test_browser_keyboard.py::test_typing_and_enter_in_the_search_never_decide",
            "safety/test_safety_model.py::test_coders_crashes_and_a_dictionary_agree",
        ),
    ),
}


def named() -> list[str]:
    """Every test that shows a figure, or the loss without its protection, as pytest takes it."""
    found = {each for figure in FIGURES.values() for each in (*figure.tests, *figure.without)}
    return sorted(f"tests/{each}" for each in found)


if __name__ == "__main__":
    sys.stdout.write(" ".join(named()))
