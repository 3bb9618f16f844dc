"""What a cue does to the words around it: the vocabulary in which cue lists are written.

The method is NegEx's and ConText's (Chapman et al. 2001; Harkema et al. 2009): a cue opens a scope
ahead of it or behind it, a stop closes it, and a pseudo-cue, whose meaning is to do nothing, takes
words away from cues that they only look like. Families need two steps: a relative is named, and
something is said of the relative's health.
"""

from dataclasses import dataclass

from core.types import Context

BITS = {context: 1 << place for place, context in enumerate(Context)}
FAR, NEAR, NEXT = 20, 8, 4  # words that a scope holds at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Words that a cue puts into a context."""

    context: Context
    reach: int = FAR
    behind: bool = False  # the words before the cue, not after it
    lists: bool = False  # goes on after a comma, whatever follows
    single: bool = False  # ends at "y": "sin fiebre y dolor" tells of pain
    answers: bool = False  # only where the cue is the answer to what it follows: "fever: no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What one cue does; a cue that stands in several lists does all of it."""

    scopes: tuple[Scope, ...] = ()
    stops: frozenset[Context] = frozenset()
    weak: bool = False  # "no": takes in the verb that follows, and only then reaches far
    joins: bool = False  # "ni", "or": what went before a comma was a list
    adds: bool = False  # "y", "and"
    asserts: bool = False  # "presents": says that something is there
    relative: bool = False  # "mother"
    affected: bool = False  # "died of": the relative has what follows
    speaks: bool = False  # "brought": the relative does something else

    def __or__(self, other: "Meaning") -> "Meaning":
        return Meaning(
            scopes=self.scopes + other.scopes,
            stops=self.stops | other.stops,
            weak=self.weak or other.weak,
            joins=self.joins or other.joins,
            adds=self.adds or other.adds,
            asserts=self.asserts or other.asserts,
            relative=self.relative or other.relative,
            affected=self.affected or other.affected,
            speaks=self.speaks or other.speaks,
        )


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The cues of one language."""

    cues: tuple[tuple[Meaning, str], ...]  # cue lists, as `core.context.phrases` reads them
    pseudo: str  # what looks like a cue and is none
    headings: tuple[tuple[Context | None, str], ...]  # sections, and what they say of their words
    resumes: str  # words at the start of a sentence that end a section of the past
    numbers: frozenset[str]  # numbers in words


def ahead(
    context: Context, reach: int = FAR, *, lists: bool = False, single: bool = False
) -> Meaning:
    """Opens a scope after the cue."""
    return Meaning(scopes=(Scope(context=context, reach=reach, lists=lists, single=single),))


def behind(context: Context, reach: int = NEAR, *, lists: bool = False) -> Meaning:
    """Opens a scope before the cue."""
    return Meaning(scopes=(Scope(context=context, reach=reach, lists=lists, behind=True),))


def answers(context: Context, reach: int = NEXT) -> Meaning:
    """Opens a scope before the cue where the cue answers a colon or stands alone in brackets."""
    return Meaning(scopes=(Scope(context=context, reach=reach, behind=True, answers=True),))


def stop(*contexts: Context) -> Meaning:
    """Closes scopes of these contexts."""
    return Meaning(stops=frozenset(contexts))
