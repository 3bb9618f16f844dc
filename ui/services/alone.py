"""Single-user mode: no accounts, for one's own laptop. Explicit, and never reachable from afar."""

from core.errors import BadSettings
from core.settings import settings

LOCAL = ("localhost", "127.0.0.1", "::1")
SINGLE_USER = "EVICODE_SINGLE_USER"


def is_single_user(*, address: str | None) -> bool:
    """Whether this server is somebody's own. `address` is where it listens.

    BadSettings if single-user mode is asked for on an address that others can reach.
    """
    if not settings().single_user:
        return False
    if address not in LOCAL:
        raise BadSettings(
            f"single-user mode ({SINGLE_USER}=1) knows no passwords, so it only runs on localhost, "
            f"not on {address or 'every address'}; set server.address to localhost, or unset "
            f"{SINGLE_USER} and give everybody an account"
        )
    return True
