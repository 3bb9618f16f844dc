"""Whose files these are: a download belongs to the logins whose pages show its button.

Streamlit answers /media to anybody who has the address. Whoever was sent the address in a button,
picture or sound of their page may have it. Only those fields count, never text: a note that quotes
the address of somebody's export opens nothing.
"""

import re
from collections import OrderedDict
from collections.abc import Iterator

from streamlit import runtime
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from ui.services.logins import COOKIE

MEDIA = "/media/"
UPLOADS = "/_stcore/upload_file/"
KEPT = 10_000  # addresses remembered; the oldest go first, and their page asks for new ones
_FILE = re.compile(r"^/media/[^/?#]+")


class Ownership:
    """Which login was told of which file. Lives as long as the files do: in this process."""

    def __init__(self) -> None:
        self._told: OrderedDict[tuple[str, str], None] = OrderedDict()

    def tell(self, token: str, message: bytes) -> None:
        """Keep which files this message to a browser offers."""
        if MEDIA.encode() not in message:
            return
        for url in _offered(ForwardMsg.FromString(message)):
            if (found := _FILE.match(url)) is not None:
                self._told[token, found.group()] = None
                self._told.move_to_end((token, found.group()))
        while len(self._told) > KEPT:
            self._told.popitem(last=False)

    def is_owner(self, path: str, token: str) -> bool:
        """Whether whoever shows this token may have this path. True for what is nobody's file."""
        if path.startswith(UPLOADS):
            return _token_of(path.removeprefix(UPLOADS).partition("/")[0]) == token
        return not path.startswith(MEDIA) or (token, path) in self._told


def _offered(message: ForwardMsg) -> Iterator[str]:
    """The addresses in the places where a page's own buttons, pictures and sounds carry them."""
    yield message.logo.image
    yield message.logo.icon_image
    yield message.page_config_changed.favicon
    yield message.backend_operation_response.deferred_file.url
    element = message.delta.new_element
    yield element.download_button.url
    yield element.audio.url
    yield element.video.url
    yield element.favicon.url
    yield from (image.url for image in element.imgs.imgs)
    yield from (subtitle.url for subtitle in element.video.subtitles)


def _token_of(session_id: str) -> str | None:
    """The token of the browser that has this session of Streamlit's open."""
    client = runtime.get_instance().get_client(session_id)
    context = None if client is None else client.client_context
    return None if context is None else context.cookies.get(COOKIE)
