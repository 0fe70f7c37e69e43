"""What people write with componentize-py for WASI 0.3: /hello, /echo (streams), /counter, /sleep (10 ms); a body is written when the response is given."""

import wit_world
from componentize_py_async_support import spawn
from componentize_py_async_support.streams import ByteStreamWriter
from componentize_py_types import Ok
from wit_world import exports
from wit_world.imports import monotonic_clock
from wit_world.imports.wasi_http_types import Fields, Request, Response

count = 0


def no_trailers():
    return wit_world.result_option_wasi_http_types_fields_wasi_http_types_error_code_future(lambda: Ok(None))[1]


async def write(writer: ByteStreamWriter, text: str) -> None:
    with writer:
        await writer.write_all(text.encode())


def answer(status: int, text: str) -> Response:
    writer, body = wit_world.byte_stream()
    response, _ = Response.new(Fields.from_list([("content-type", b"text/plain")]), body, no_trailers())
    response.set_status_code(status)
    spawn(write(writer, text))
    return response


async def copy(source, writer: ByteStreamWriter) -> None:
    with source, writer:
        while piece := await source.read(65536):
            await writer.write_all(piece)
            if writer.reader_dropped:
                break


def echo(request: Request) -> Response:
    source, _ = Request.consume_body(request, wit_world.result_unit_wasi_http_types_error_code_future(lambda: Ok(None))[1])
    writer, body = wit_world.byte_stream()
    response, _ = Response.new(Fields(), body, no_trailers())
    spawn(copy(source, writer))
    return response


class Handler(exports.Handler):
    async def handle(self, request: Request) -> Response:
        global count
        count += 1
        path = request.get_path_with_query() or "/"
        if path == "/hello":
            return answer(200, "Hello, World!\n")
        if path == "/echo":
            return echo(request)
        if path == "/counter":
            return answer(200, f"{count}\n")
        if path == "/sleep":
            await monotonic_clock.wait_for(10_000_000)
            return answer(200, "slept\n")
        return answer(404, "no such path\n")
