"""What an ICD-9-CM code is called, in the words of ICD-10-CM too.

The ICD-9-CM list at hand has titles alone. The equivalence map (GEM) leads from each ICD-10-CM
code to one of ICD-9-CM; so 795.5 borrows "PPD positive" and 462 "sore throat" from the inclusion
terms of today's list.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

from core.codes import CodeTables, sources
from core.codes.writing import dotted, plain
from core.memory.phrases import Phrase, Source
from core.types import Code, CodeSystem

MOST_LENDERS = 12  # codes a code borrows from; a heading of many has no words of its own there
_ASIDE = re.compile(r"\[[^\]]*\]|\([^)]*\)|…[^…]*$")
_REST = re.compile(r"\b(?:without|with|due to|not elsewhere)\b")


def borrowed_phrases(tables: CodeTables, codes: Sequence[Code]) -> list[Phrase]:
    """Own titles, and titles and inclusion terms of the ICD-10-CM codes that map to each code.

    Shortened to what names the thing: "Cystic fibrosis without mention of meconium ileus" is known
    as "Cystic fibrosis".
    """
    lenders = defaultdict(list)
    for ten, nine in sorted(sources.gem().items()):
        for length in range(3, len(nine) + 1):
            lenders[nine[:length]].append(ten)
    found: dict[Phrase, None] = {}
    for code in codes:
        named = [(tables.title(code) or "", Source.TITLE)]
        if code.system is CodeSystem.ICD9CM:
            for ten in lenders[plain(code.code)][:MOST_LENDERS]:
                lender = Code(CodeSystem.ICD10CM, dotted(CodeSystem.ICD10CM, ten))
                terms = tables.icd10cm.notes(lender.code, "inclusion_term")
                named += [(text, Source.INCLUSION) for text in (tables.title(lender) or "", *terms)]
        for text, source in named:
            if short := shortened(text):
                found[Phrase(text=short, code=code, source=source)] = None
    return list(found)


def shortened(title: str) -> str:
    """A title without what stands in brackets and what only tells cases apart."""
    plainly = " ".join(_ASIDE.sub(" ", title).split())
    return _REST.split(plainly)[0].strip(" ,") or plainly
