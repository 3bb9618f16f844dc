"""CSV cells that a spreadsheet cannot take for a formula, and the way back.

A cell that starts with `=`, `+`, `-`, `@`, TAB, CR, LF, one of their full-width forms, or an
apostrophe gets an apostrophe in front. Because that includes the apostrophe itself, dropping one
leading apostrophe from every cell restores all of them exactly.
"""

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")


def defuse(cell: str) -> str:
    """The cell as a spreadsheet may safely open it."""
    return f"'{cell}" if cell.startswith(_DANGEROUS) else cell


def restore(cell: str) -> str:
    """The inverse: `restore(defuse(cell)) == cell` for every string."""
    return cell.removeprefix("'")
