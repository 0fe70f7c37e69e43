import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runtime } from "../adapters/runtime.ts";
import { library, ProgramRun } from "./program.ts";

/** What keeps a program alive, and what lets it end: programs of the runtime under test. */

const programs: Record<string, { program: string; prints: string }> = {
  "ends with an open listener and an open connection, when nothing waits": {
    program: `
      import { dial, listen } from "${library}";
      const listener = await listen("127.0.0.1:0");
      const [client, server] = await Promise.all([dial(listener.localAddress), listener.accept()]);
      await client.write(new Uint8Array(3));
      console.log(await server.read(new Uint8Array(9)));
    `,
    prints: "3\n",
  },
  "ends when the only waiting call was closed": {
    program: `
      import { listen } from "${library}";
      const listener = await listen("127.0.0.1:0");
      const accept = listener.accept().catch((error) => console.log(error.code));
      await listener.close();
      await accept;
    `,
    prints: "net-closing\n",
  },
  "stays alive while a call waits": {
    program: `
      import { listen } from "${library}";
      const listener = await listen("127.0.0.1:0");
      listener.setDeadline(Date.now() + 300);
      listener.accept().catch((error) => console.log(error.code));
    `,
    prints: "deadline-exceeded\n",
  },
  "stays alive while a dial looks a name up": {
    program: `
      import { dial } from "${library}";
      dial("nobody.invalid:1").catch((error) => console.log(error.operation));
    `,
    prints: "dial\n",
  },
  "goes on with its own timers while calls wait": {
    program: `
      import { dial, listen } from "${library}";
      const listener = await listen("127.0.0.1:0");
      const [client, server] = await Promise.all([dial(listener.localAddress), listener.accept()]);
      const read = client.read(new Uint8Array(1));
      setTimeout(() => server.write(new Uint8Array(1)), 20);
      console.log(await read);
    `,
    prints: "1\n",
  },
};

describe("a program", () => {
  for (const [name, { program, prints }] of Object.entries(programs)) {
    it(name, { timeout: 60_000 }, async () => {
      const run = new ProgramRun(program);
      run.stdin.end();
      const { status, stdout, stderr } = await run.end();
      assert.deepEqual({ stdout, status }, { stdout: prints, status: 0 }, stderr);
    });
  }

  it("without FFI uses the runtime's own sockets", {
    skip: runtime === "deno" ? false : "only Deno's is taken away by a permission",
    timeout: 60_000,
  }, async () => {
    const run = new ProgramRun(
      `
          import { dial, listen } from "${library}";
          const listener = await listen("127.0.0.1:0");
          const [client, server] = await Promise.all([dial(listener.localAddress), listener.accept()]);
          await client.write(new Uint8Array(3));
          console.log(await server.read(new Uint8Array(9)));
          await Promise.all([client.close(), server.close(), listener.close()]);
        `,
      { permissions: ["--allow-net"] },
    );
    run.stdin.end();
    const { status, stdout, stderr } = await run.end();
    assert.deepEqual({ stdout, status }, { stdout: "3\n", status: 0 }, stderr);
  });
});
