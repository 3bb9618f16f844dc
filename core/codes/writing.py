"""How a code is written: upper case, with its dot where the system has one."""

import re
from bisect import bisect_left
from collections.abc import Sequence

from core.errors import UnknownCode, quoted
from core.types import Code, CodeSystem

# dotless forms that can be a code at all, known to the tables or not
_FORMS = {
    CodeSystem.ICD10CM: re.compile(r"([A-Z][0-9]|QA)[0-9A-Z]{1,5}"),  # QA0: since 2026
    CodeSystem.ICD10PCS: re.compile(r"[0-9A-HJ-NP-Z]{1,7}"),
    CodeSystem.ICD9CM: re.compile(r"(E[0-9]{3,4}|V[0-9]{2,4}|[0-9]{3,5})"),
    CodeSystem.ICD9PROC: re.compile(r"[0-9]{2,4}"),
    CodeSystem.CCS: re.compile(r"[0-9]{1,4}"),
    CodeSystem.CCSPROC: re.compile(r"[0-9]{1,3}"),
    CodeSystem.CCSR: re.compile(r"([A-Z]{3}[0-9]{3}|XXX000)"),
}


def normalise(system: CodeSystem, raw: str) -> Code:
    """Read a code however it is written (`r509`, ` R50.9 `); UnknownCode if it can be none."""
    plain = re.sub(r"[\s.]", "", raw).upper()
    if not _FORMS[system].fullmatch(plain):
        raise UnknownCode(f"{quoted(raw)} is not written like a code of {system}")
    return Code(system, dotted(system, plain))


def dotted(system: CodeSystem, plain: str) -> str:
    """Put the dot in its place: after 3 (ICD-10-CM, ICD-9), 4 (E codes) or 2 (procedures)."""
    if system is CodeSystem.ICD10CM or (system is CodeSystem.ICD9CM and plain[0] != "E"):
        place = 3
    elif system is CodeSystem.ICD9CM:
        place = 4
    elif system is CodeSystem.ICD9PROC:
        place = 2
    else:
        return plain
    return plain if len(plain) <= place else f"{plain[:place]}.{plain[place:]}"


def plain(code: str) -> str:
    """The code without its dot."""
    return code.replace(".", "")


def begins_with(listed: Sequence[str], start: str) -> Sequence[str]:
    """Those of a sorted list of dotless codes that begin with `start`."""
    # "~" comes after every letter and digit
    return listed[bisect_left(listed, start) : bisect_left(listed, start + "~")]
