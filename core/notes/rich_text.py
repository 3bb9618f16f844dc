"""RTF to text."""

from striprtf.striprtf import rtf_to_text

from core.errors import BadFile
from core.notes.extracted import Extracted


def rich_text(data: bytes) -> Extracted:
    """The text of an RTF document; its pictures, headers and footnotes are left out."""
    # RTF is ASCII with escapes; Latin-1 keeps whatever else stands in it byte for byte.
    text: str = rtf_to_text(data.decode("latin-1"), errors="replace")  # type: ignore[no-untyped-call]
    try:  # an emoji is written as two halves
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        raise BadFile(
            "it holds half a character; open it in its program and save it again"
        ) from None
    return Extracted(text=whole.replace("\0", "").strip("\r\n"))
