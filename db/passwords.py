"""Passwords: what one must be, and the only form in which it is kept (argon2id)."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from core.errors import BadInput

SHORTEST, LONGEST = 12, 128  # characters; the longest keeps hashing from being a burden
GUESSABLE = 3  # of 4, by zxcvbn; below it, some ten thousand million guesses are enough
_READ = 64  # characters that zxcvbn looks at; its time grows with their square

_HASHER = PasswordHasher(time_cost=2, memory_cost=46 * 1024, parallelism=1)  # OWASP: at least t=1
# What is checked when there is no password: the answer then takes as long as a wrong one.
_NOBODY = (  # of a random password that nobody kept
    "$argon2id$v=19$m=47104,t=2,p=1$5mg9dwuU8++NgyTNd9AHng"
    "$XKut2s0B6FeUT1s5ypWJ6TuKckZZXdDI+kp5vNlVwTs"
)


def check(password: str, *, name: str) -> None:
    """BadInput, in plain words, if the password is too short, too long or easily guessed."""
    if len(password) < SHORTEST:
        raise BadInput(
            f"the password has {len(password)} characters; use {SHORTEST} or more, for example "
            "four words that have nothing to do with each other"
        )
    if len(password) > LONGEST:
        raise BadInput(f"the password is longer than {LONGEST} characters; use a shorter one")
    found = zxcvbn(password[:_READ], user_inputs=[*name.split(), name, "evicode"])
    if found["score"] < GUESSABLE:
        why = found["feedback"]["warning"] or "It is among those that are tried first."
        raise BadInput(f"this password is easily guessed. {why} Add a word or two.")


def hashed(password: str) -> str:
    """The password's argon2id hash, with its salt and settings."""
    return _HASHER.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Whether this is the password of that hash. Takes as long if there is none (None)."""
    try:
        right = _HASHER.verify(kept or _NOBODY, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return right and kept is not None


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with weaker settings than today's."""
    return _HASHER.check_needs_rehash(kept)
