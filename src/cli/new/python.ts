import { ADDRESS, CLIENT, type Template } from "./template.ts";

/** A component with CPython inside. */
export function python(name: string): Template {
  const file = "app.wasm";
  const [host, port] = ADDRESS.split(":");
  return {
    language: "Python",
    what: "a TCP echo server, with asyncio",
    tools: [{ name: "componentize-py", programs: ["componentize-py"], from: "`pip install componentize-py`" }],
    build: `componentize-py -d wit -w app componentize app -o ${file}`,
    file,
    command: "run",
    // asyncio makes a connection to itself, on any port.
    options: [`--allow-net=${host}`],
    client: CLIENT,
    source: "app.py",
    ignored: ["*.wasm", "__pycache__/"],
    files: {
      "app.py": `"""Greets each client, and sends back what it says."""

import asyncio

from wit_world import exports


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        writer.write(b"welcome to ${name}\\n")
        while data := await reader.read(4096):
            writer.write(data)
            await writer.drain()
    except OSError:  # the client is gone
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "${host}", ${port})
    print("listening on ${ADDRESS}", flush=True)
    await server.serve_forever()


class Run(exports.Run):
    def run(self) -> None:
        asyncio.run(main())
`,
      "wit/app.wit": `package local:app;

/// A command. What CPython itself imports, sockets among it, is not said here.
world app {
  export wasi:cli/run@0.2.12;
}

package wasi:cli@0.2.12 {
  interface run {
    run: func() -> result;
  }
}
`,
    },
  };
}
