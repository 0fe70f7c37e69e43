"""What people write with componentize-py for WASI 0.2: /hello, /echo (streams), /counter."""

from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports.streams import StreamError_Closed
from wit_world.imports.wasi_http_types import Fields, IncomingBody, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam

count = 0


def begin(response_out: ResponseOutparam, status: int) -> OutgoingBody:
    response = OutgoingResponse(Fields.from_list([("content-type", b"text/plain")]))
    response.set_status_code(status)
    body = response.body()
    ResponseOutparam.set(response_out, Ok(response))
    return body


def answer(response_out: ResponseOutparam, status: int, text: str) -> None:
    body = begin(response_out, status)
    with body.write() as stream:
        stream.blocking_write_and_flush(text.encode())
    OutgoingBody.finish(body, None)


def echo(request: IncomingRequest, response_out: ResponseOutparam) -> None:
    incoming = request.consume()
    outgoing = begin(response_out, 200)
    with incoming.stream() as source, outgoing.write() as sink:
        while True:
            try:
                piece = source.blocking_read(4096)
            except Err as error:
                if not isinstance(error.value, StreamError_Closed):
                    raise
                break
            if piece:
                sink.blocking_write_and_flush(piece)
    IncomingBody.finish(incoming)
    OutgoingBody.finish(outgoing, None)


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
        global count
        count += 1
        path = request.path_with_query() or "/"
        if path == "/hello":
            answer(response_out, 200, "Hello, World!\n")
        elif path == "/echo":
            echo(request, response_out)
        elif path == "/counter":
            answer(response_out, 200, f"{count}\n")
        else:
            answer(response_out, 404, "no such path\n")
