"""UDP and name look-up as CPython's own library uses them, over wasi-libc: an asyncio datagram endpoint, and getaddrinfo.

Prints `listening on ADDRESS` and `localhost: ADDRESS ...`, echoes each datagram until one says `end`, then how many there were.
"""

import asyncio
import encodings.idna  # noqa: F401  names are encoded by it, and the guest has no files to import it from when it runs
import socket

from wit_world import exports


class Echo(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.count = 0
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, sender: tuple[str, int]) -> None:
        if data == b"end":
            self.ended.set_result(None)
            return
        self.count += 1
        self.transport.sendto(data, sender)


def blocking() -> None:
    """Two plain sockets: sendto and recvfrom, connect, send and recv, a timeout."""
    with socket.socket(type=socket.SOCK_DGRAM) as near, socket.socket(type=socket.SOCK_DGRAM) as far:
        far.bind(("127.0.0.1", 0))
        near.sendto(b"unbound", far.getsockname())
        data, sender = far.recvfrom(100)
        assert data == b"unbound" and sender[0] == "127.0.0.1", (data, sender)
        far.sendto(b"answer", sender)
        assert near.recv(100) == b"answer"
        near.connect(far.getsockname())
        assert near.getpeername() == far.getsockname()
        near.send(b"connected")
        assert far.recv(4) == b"conn"
        near.setblocking(False)
        try:
            near.recv(100)
            raise AssertionError("nothing was sent")
        except BlockingIOError:
            pass


def names() -> None:
    found = socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)
    print("localhost:", *sorted({address[0] for *_, address in found}), flush=True)
    assert {address[1] for *_, address in found} == {80}, found
    for name in ("nobody.invalid", "a b"):
        try:
            raise AssertionError(f"{name}: {socket.getaddrinfo(name, 80)}")
        except OSError:  # gaierror for a name, EINVAL for what is none
            pass


async def serve() -> None:
    loop = asyncio.get_running_loop()
    transport, echo = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    host, port = transport.get_extra_info("sockname")
    print(f"listening on {host}:{port}", flush=True)
    blocking()
    names()
    await echo.ended
    transport.close()
    print(f"{echo.count} datagrams echoed", flush=True)


class Run(exports.Run):
    def run(self) -> None:
        asyncio.run(serve())
