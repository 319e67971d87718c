"""A monitor that shows one colour, by RFB 3.8 over a websocket: enough for a viewer to draw a picture."""

import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

WIDTH, HEIGHT = 64, 48
COLOUR = (200, 30, 60)
FORMAT = struct.pack(">BBBBHHHBBBxxx", 32, 24, 0, 1, 255, 255, 255, 16, 8, 0)
UPDATE_REQUEST = 3


def show(viewer: ServerConnection) -> None:
    """Let a viewer in without a password, and send him the picture whenever he asks for one."""
    with suppress(ConnectionClosed):
        viewer.send(b"RFB 003.008\n")
        viewer.recv()
        viewer.send(b"\x01\x01")  # one way in: none
        viewer.recv()
        viewer.send(struct.pack(">I", 0))
        viewer.recv()
        viewer.send(struct.pack(">HH", WIDTH, HEIGHT) + FORMAT + struct.pack(">I", 4) + b"demo")
        for message in viewer:
            if isinstance(message, bytes) and UPDATE_REQUEST in message:
                viewer.send(_picture())


def _picture() -> bytes:
    red, green, blue = COLOUR
    return struct.pack(">BxHHHHHi", 0, 1, 0, 0, WIDTH, HEIGHT, 0) + bytes((red, green, blue, 0)) * (WIDTH * HEIGHT)


@contextmanager
def monitor() -> Iterator[str]:
    """Serve the monitor; gives its address."""
    with serve(show, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/"
        server.shutdown()
        thread.join()
