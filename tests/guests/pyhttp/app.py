"""A web server as people write it in Python: an ASGI application on uvicorn. With an address: answers GET / there."""

import asyncio
import sys
import types

from wit_world import exports

# componentize-py's CPython has no TLS, of which uvicorn wants these three names.
sys.modules.setdefault("ssl", types.SimpleNamespace(PROTOCOL_TLS_SERVER=17, CERT_NONE=0, SSLContext=object))

# What it would import when it starts is not there any more by then.
import uvicorn  # noqa: E402
from uvicorn.lifespan.off import LifespanOff  # noqa: E402
from uvicorn.protocols.http.h11_impl import H11Protocol  # noqa: E402


async def hello(scope, receive, send):
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"13")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"Hello, World!"})


async def serve(host, port):
    config = uvicorn.Config(
        hello, host=host, port=port, http=H11Protocol, ws="none", lifespan="off", interface="asgi3", log_config=None, access_log=False
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = LifespanOff(config)
    await server.startup()
    address = server.servers[0].sockets[0].getsockname()
    print(f"listening on {address[0]}:{address[1]}", flush=True)
    # Its own main_loop wakes ten times a second; signals there are none.
    await server.main_loop()


class Run(exports.Run):
    def run(self) -> None:
        host, _, port = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:0").rpartition(":")
        asyncio.run(serve(host, int(port)))
