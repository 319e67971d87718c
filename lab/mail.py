"""The sample bank's mail server: it takes every message, passes none on, and keeps each as a file."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from lab.facts import LOOPBACK


class Keeper:
    """What is done with a message: a folder has it, whole, under a name that says when it came."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the server's name
        """Take a message."""
        number = time.time_ns()
        unfinished = self._folder / f".{number}"
        unfinished.write_bytes(envelope.content)
        unfinished.rename(self._folder / f"{number}.eml")
        return "250 kept"


async def serve(port: int, folder: Path) -> None:
    """Answer on a port of the loopback until told to stop."""
    keeper = Keeper(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(keeper, loop=loop), LOOPBACK, port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
