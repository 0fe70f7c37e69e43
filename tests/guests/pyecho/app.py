"""The echo server of tcpecho.c as ordinary asyncio: nobody here wrote its bindings, its event loop or its socket calls.

argv[1] is the address (default 127.0.0.1:9999; port 0 picks one). Prints `listening on ADDRESS`, then `tick N` once a second.
"""

import asyncio
import errno
import sys

from wit_world import exports


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:  # a reset; libc cannot tell it from other failures of a stream
        pass
    finally:
        writer.close()


async def tick() -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()
    n = 0
    while True:
        n += 1
        await asyncio.sleep(max(0, start + n - loop.time()))
        print(f"tick {n}", flush=True)


async def serve() -> None:
    host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:9999").rpartition(":")
    try:
        server = await asyncio.start_server(echo, host.strip("[]"), int(port), backlog=1024)
    except OSError as error:
        print(f"start-bind: {errno.errorcode[error.errno]}", file=sys.stderr)
        sys.exit(1)
    host, port, *_ = server.sockets[0].getsockname()
    print(f"listening on {host}:{port}", flush=True)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(tick())
        tasks.create_task(server.serve_forever())


class Run(exports.Run):
    def run(self) -> None:
        asyncio.run(serve())
