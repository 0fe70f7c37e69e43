/** What an aborted guest leaves behind in its program. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client } from "../e2e/client.ts";
import { library, ProgramRun } from "../net/program.ts";

const peer = new URL("../guests/faults/peer.wasm", import.meta.url).href;

/** A guest that is aborted when its client, which reads nothing, takes no more. */
const program = (net: string) => `
  import { run } from "${library}";
  const abort = new AbortController();
  const stdout = (bytes) => {
    const text = new TextDecoder().decode(bytes);
    console.log(text.trim());
    if (text.includes("full: 1")) abort.abort("enough");
  };
  const options = { args: ["peer", "slow", "1"], network: "inherit", net: "${net}", stdout, signal: abort.signal };
  console.log(await run(new URL("${peer}"), { ...options, stdin: new ReadableStream() }).catch((reason) => reason));
`;

for (const net of ["posix", "evented"] as const) {
  describe(`an aborted guest on ${net} sockets`, () => {
    it("keeps no program alive, though its client reads nothing", { timeout: 60_000 }, async () => {
      const running = new ProgramRun(program(net));
      running.stdin.end();
      const [, port] = await running.line(/^listening on 127\.0\.0\.1:(\d+)$/m);
      const client = await Client.dial(Number(port));
      const { stdout, stderr, status } = await running.end();
      client.close();
      assert.match(stdout, /^full: 1\nenough\n$/m);
      assert.deepEqual([stderr, status], ["", 0]);
    });
  });
}
