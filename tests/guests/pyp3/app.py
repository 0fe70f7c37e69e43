"""The echo server of the Rust guest p3 in Python, by componentize-py's world of WASI 0.3: coroutines are component model async.

argv[1] is the address (port 0 picks one). Prints `listening on ADDRESS`, then `tick N` once a second.
"""

import asyncio
import ipaddress
import sys

import wit_world
from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import monotonic_clock
from wit_world.imports.wasi_sockets_types import IpAddressFamily, IpSocketAddress_Ipv4, Ipv4SocketAddress, TcpSocket

SECOND = 1_000_000_000


async def echo(connection: TcpSocket) -> None:
    with connection:
        received, outcome = connection.receive()
        writer, data = wit_world.byte_stream()
        sent = connection.send(data)
        with received, outcome, sent:
            with writer:
                while bytes := await received.read(65536):
                    await writer.write_all(bytes)
                    if writer.reader_dropped:
                        break
            await sent.read()


async def tick() -> None:
    start = monotonic_clock.now()
    n = 0
    while True:
        n += 1
        await monotonic_clock.wait_until(start + n * SECOND)
        print(f"tick {n}", flush=True)


async def serve() -> None:
    host, _, port = sys.argv[1].rpartition(":")
    listener = TcpSocket.create(IpAddressFamily.IPV4)
    try:
        listener.bind(IpSocketAddress_Ipv4(Ipv4SocketAddress(int(port), tuple(ipaddress.ip_address(host).packed))))
        connections = listener.listen()
    except Err as error:
        print(f"listen: {type(error.value).__name__}", file=sys.stderr)
        sys.exit(1)
    local = listener.get_local_address().value
    print(f"listening on {'.'.join(map(str, local.address))}:{local.port}", flush=True)
    tasks = {asyncio.create_task(tick())}
    while accepted := await connections.read(1):
        for connection in accepted:
            task = asyncio.create_task(echo(connection))
            tasks.add(task)
            task.add_done_callback(tasks.discard)


class Run(exports.Run):
    async def run(self) -> None:
        await serve()
