"""`python -m ui.api`: serve the endpoint until it is stopped."""

import argparse
import sys
from datetime import UTC, datetime

import uvicorn

from core.errors import EvicodeError
from core.settings import settings
from ui import VERSION
from ui.api.app import api
from ui.api.services import opened
from ui.services.alone import is_single_user
from ui.services.logs import event, set_up

MOST_AT_ONCE = 100  # requests; more are told to come again (503)


def main() -> int:
    """Serve; 2, with the reason, if the settings are bad or it would not be a safe server."""
    parser = argparse.ArgumentParser(prog="python -m ui.api", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at")
    parser.add_argument("--port", type=int, default=8600, help="port to listen at")
    asked = parser.parse_args()
    try:
        alone = is_single_user(address=asked.host)
        services = opened(alone=alone, now=lambda: datetime.now(UTC))
        config = uvicorn.Config(
            api(services),
            host=asked.host,
            port=asked.port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # our own code looks at what a proxy says
            limit_concurrency=MOST_AT_ONCE,
        )
        set_up(settings())
    except EvicodeError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    event("start", version=VERSION, single_user=alone)
    sys.stderr.write(f"Evicode answers at http://{asked.host}:{asked.port}/v1/health\n")
    uvicorn.Server(config).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
