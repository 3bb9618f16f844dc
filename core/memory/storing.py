"""A phrase memory as one file: gzipped JSON, the same bytes for the same memory."""

import gzip
import json
from collections import Counter
from typing import Any

from core.memory.bridge import Bridge
from core.memory.listed import Listed
from core.memory.memory import PhraseMemory
from core.memory.phrases import Source
from core.memory.tallies import KINDS, Tally
from core.types import Code, CodeSystem


def dump_memory(memory: PhraseMemory) -> bytes:
    """What `load_memory` reads. Decisions of single notes become part of it for good."""
    codes = _Numbers()
    words = _Numbers()
    content = {
        "bridge": memory.bridge.lexicons,
        "notes": memory.notes,
        "known": {of: dict(sorted(known.items())) for of, known in sorted(memory.words.items())},
        "carried": [[codes(code), n] for code, n in sorted(memory.codes.items())],
        "tallies": [
            [language, [words(word) for word in key], tally.found, tally.whole]
            + [[[codes(c), n] for c, n in sorted(getattr(tally, kind).items())] for kind in KINDS]
            for (language, key), tally in sorted(memory.tallies.items())
        ],
        "listed": [
            [" ".join(key), [codes(c) for c in of], [int(s is Source.TITLE) for s in of.values()]]
            for key, of in zip(memory.listed.keys, memory.listed.codes, strict=True)
        ],
        "words": list(words.known),
        "codes": [[code.system.value, code.code] for code in codes.known],
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), mtime=0)


def load_memory(data: bytes) -> PhraseMemory:
    """Read what `dump_memory` wrote; ValueError, KeyError or OSError if it is anything else."""
    content: dict[str, Any] = json.loads(gzip.decompress(data))  # Any: JSON
    words: list[str] = content["words"]
    systems = {system.value: system for system in CodeSystem}
    codes = [Code(systems[system], code) for system, code in content["codes"]]
    kinds = (Source.INCLUSION, Source.TITLE)
    listed = Listed(
        keys=tuple(tuple(key.split(" ")) for key, _, _ in content["listed"]),
        codes=tuple(
            {codes[c]: kinds[title] for c, title in zip(of, titles, strict=True)}
            for _, of, titles in content["listed"]
        ),
    )
    memory = PhraseMemory(listed=listed, bridge=Bridge(lexicons=content["bridge"]))
    memory.notes = Counter(content["notes"])
    memory.words = {language: Counter(counts) for language, counts in content["known"].items()}
    memory.codes = Counter({codes[c]: n for c, n in content["carried"]})
    for code, n in memory.codes.items():
        memory.headings[code.code[:3]] += n
    for language, key, found, whole, *kinds in content["tallies"]:
        tally = Tally(found=found, whole=whole)
        for kind, pairs in zip(KINDS, kinds, strict=True):
            getattr(tally, kind).update({codes[c]: n for c, n in pairs})
        memory.tallies[language, tuple(words[w] for w in key)] = tally
    return memory


class _Numbers:
    """Gives each thing a number the first time it is asked for."""

    def __init__(self) -> None:
        self.known: dict[Any, int] = {}  # Any: codes or words

    def __call__(self, thing: Any) -> int:
        return self.known.setdefault(thing, len(self.known))
