"""HTML to text: what a reader sees, a line a block. Nothing of it is ever run or fetched."""

import re
from html.parser import HTMLParser

_UNSEEN = frozenset({"script", "style", "head", "template", "title"})
_BLOCKS = frozenset(
    "address article blockquote br dd div dl dt footer h1 h2 h3 h4 h5 h6 header hr li main ol p "
    "pre section table tr ul".split()
)
_CELLS = frozenset({"td", "th"})
_BLANKS = re.compile(r"[ \t\r\n\f\v]+")  # not the no-break space


def html_text(html: str) -> str:
    """The text without its tags; runs of blanks become one, except inside `<pre>`."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (line.rstrip() for line in reader.text().replace("\0", "").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


class _Reader(HTMLParser):
    """Collects the text; a library class to inherit from, as its documentation wants."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._unseen = 0  # how many unseen elements are open
        self._as_typed = 0  # how many <pre>

    def text(self) -> str:
        return "".join(self._pieces)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002  (the library's)
        self._unseen = 0 if tag == "body" else self._unseen + (tag in _UNSEEN)
        self._as_typed += tag == "pre"
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))
        self._as_typed = max(0, self._as_typed - (tag == "pre"))
        if tag != "br" and tag not in _CELLS:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if not self._as_typed:
            data = _BLANKS.sub(" ", data)
            if self._ends_with("\n\t "):
                data = data.lstrip(" ")
        if data:
            self._pieces.append(data)

    def _break(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._pieces.append("\n")
        elif tag in _CELLS and not self._ends_with("\n"):
            self._pieces.append("\t")

    def _ends_with(self, characters: str) -> bool:
        return (self._pieces[-1][-1] if self._pieces else "\n") in characters
