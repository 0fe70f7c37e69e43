/**
 * Hosts an async component that has WASI, and answers its export as a stream: node host.ts upper.wasm FILE
 *
 *     world upper {
 *       import piece: async func(length: u32);
 *       export upper: async func(bytes: stream<u8>) -> stream<u8>;
 *     }
 */
import { openAsBlob } from "node:fs";
import { pathToFileURL } from "node:url";
import { instantiate } from "../../src/index.ts"; // "pollux"

interface Upper {
  upper(bytes: ReadableStream<Uint8Array>): Promise<ReadableStream<Uint8Array>>;
}

const [component = "upper.wasm", file = "README.md"] = process.argv.slice(2);
let length = 0;
const imports = {
  // The component waits for it: what is slow here slows the reading of the file.
  piece: async (bytes: number) => {
    length += bytes;
  },
};
const wasi = { stdout: "inherit", stderr: "inherit", network: { allow: ["127.0.0.1:*"] } } as const;
await using app = await instantiate<Upper>(pathToFileURL(component), imports, { wasi });
const stream = await app.upper((await openAsBlob(file)).stream());
for await (const bytes of stream) process.stdout.write(bytes);
console.log(`${length} bytes`);
