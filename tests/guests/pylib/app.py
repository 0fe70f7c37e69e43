"""A component for programs that host it by the library, by componentize-py: coroutines, streams both ways."""

import wit_world
from componentize_py_async_support import spawn
from componentize_py_types import Err
from wit_world import exports


async def copy_upper(source, writer) -> None:
    with source, writer:
        while piece := await source.read(4096):
            await writer.write_all(piece.upper())
            if writer.reader_dropped:
                break


class Words(exports.Words):
    async def ask(self, n: int) -> str:
        answer = await wit_world.later(n)
        if answer == 0:
            raise Err("nothing")
        return f"answer {answer}"

    async def count(self, words) -> list[tuple[str, int]]:
        counts: dict[str, int] = {}
        with words:
            while some := await words.read(8):
                for word in some:
                    counts[word] = counts.get(word, 0) + 1
        return list(counts.items())

    async def upper(self, bytes):
        writer, reader = wit_world.byte_stream()
        spawn(copy_upper(bytes, writer))
        return reader

    async def fail(self) -> None:
        raise ValueError("as it was asked to")
