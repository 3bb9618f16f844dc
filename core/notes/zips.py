""".docx and .xlsx are zip files of XML: what is checked before any reader opens one."""

import io
import zipfile
import zlib

from core.errors import BadFile
from core.notes.limits import Limits

_DECLARATIONS = tuple(
    word.encode(encoding)
    for word in ("<!DOCTYPE", "<!ENTITY")
    for encoding in ("ascii", "utf-16-le", "utf-16-be")
)
DAMAGED = "its zip container is damaged; open it in its own program and save it again"


def member_names(data: bytes, limits: Limits) -> frozenset[str]:
    """Names of the files inside, after counting them; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError):
        raise BadFile(DAMAGED) from None
    if len(members) > limits.members:
        raise BadFile(f"{len(members):,} files are packed in it; at most {limits.members:,} may be")
    size = sum(member.file_size for member in members)
    if size > limits.unpacked_bytes:
        raise BadFile(
            f"it unpacks to {size / 1e6:,.0f} MB, more than the {limits.unpacked_bytes / 1e6:g} MB "
            "allowed; take pictures out, or split it"
        )
    if any(member.flag_bits & 1 for member in members):
        raise BadFile("it is encrypted; save it without a password and upload that")
    return frozenset(member.filename for member in members)


def check_parts(data: bytes, limits: Limits) -> None:
    """BadFile if a part does not unpack as announced, or declares entities (XML bombs do).

    Office never writes a DOCTYPE, so nothing honest is lost. A part that lies about its size is
    cut at that size by `zipfile` and fails its checksum.
    """
    member_names(data, limits)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                if member.filename.lower().endswith((".xml", ".rels", ".vml")):
                    part = archive.read(member)
                    if any(declaration in part for declaration in _DECLARATIONS):
                        raise BadFile(
                            "it declares XML entities, which Word and Excel never do; open it in "
                            "its own program and save it again"
                        )
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, EOFError, OSError):
        raise BadFile(DAMAGED) from None
