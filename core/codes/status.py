"""What the tables know of a code."""

from enum import StrEnum


class Status(StrEnum):
    """Whether a code can be used today, and if not, why."""

    VALID = "valid"  # may be reported
    HEADER = "header"  # exists, but a more specific code is needed
    RETIRED = "retired"  # was valid in an earlier year
    TRUNCATED = "truncated"  # the beginning of valid codes, too short to stand alone
    UNKNOWN = "unknown"  # in no table
