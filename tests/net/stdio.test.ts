import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { library, ProgramRun } from "./program.ts";

const opening = `
  import { ErrDeadlineExceeded, ErrFileClosing, ErrNoDeadline, stdio } from "${library}";
  const { stdin, stdout } = await stdio();
  const buffer = new Uint8Array(100);
  const print = (text) => stdout.write(new TextEncoder().encode(text + "\\n"));
  const printBytes = (count) => print(JSON.stringify(new TextDecoder().decode(buffer.subarray(0, count))));
`;

/** Over when the program is; what it prints on stdout. */
async function outputOf(run: ProgramRun): Promise<string> {
  const { status, stdout, stderr } = await run.end();
  assert.equal(status, 0, stderr);
  return stdout;
}

describe("the standard streams", { timeout: 120_000 }, () => {
  it("a read of stdin waits, for its deadline too, and goes on without it", async () => {
    const run = new ProgramRun(`${opening}
      stdin.setReadDeadline(Date.now() + 10);
      await stdin.read(buffer).catch((error) => print(error instanceof ErrDeadlineExceeded && error.message));
      stdin.setReadDeadline(undefined);
      await printBytes(await stdin.read(buffer));
      await printBytes(await stdin.read(buffer));
    `);
    await run.printed(1);
    run.stdin.write("a line");
    await run.printed(2);
    run.stdin.end();
    assert.equal(await outputOf(run), 'read stdin: deadline exceeded\n"a line"\n""\n');
  });

  it("closing stdin wakes its reader with ErrFileClosing", async () => {
    const run = new ProgramRun(`${opening}
      const read = stdin.read(buffer).catch((error) => print([error instanceof ErrFileClosing, error.code, error.message]));
      await stdin.close();
      await read;
      await stdin.read(buffer).catch((error) => print(error.code));
    `);
    assert.equal(await outputOf(run), "true,file-closing,read stdin: use of closed file\nfile-closing\n");
  });

  it("what comes on stdin after it was closed disturbs nobody", async () => {
    const run = new ProgramRun(`
      import { listen } from "${library}";
      ${opening}
      await stdin.close();
      const listener = await listen("127.0.0.1:0");
      listener.setDeadline(Date.now() + 300);
      await print("closed");
      await listener.accept().catch((error) => print(error instanceof ErrDeadlineExceeded));
    `);
    await run.printed(1);
    run.stdin.write("too late");
    assert.equal(await outputOf(run), "closed\ntrue\n");
  });

  it("a regular file is always ready, and takes no deadline", async () => {
    const file = openSync(fileURLToPath(new URL("../../package.json", import.meta.url)), "r");
    const run = new ProgramRun(
      `${opening}
      try {
        stdin.setReadDeadline(Date.now() + 1000);
      } catch (error) {
        await print([error instanceof ErrNoDeadline, error.code, error.message]);
      }
      await printBytes(await stdin.read(buffer.subarray(0, 1)));
    `,
      { stdin: file },
    );
    closeSync(file);
    assert.equal(
      await outputOf(run),
      'true,no-deadline,set-deadline stdin: file type does not support deadline\n"{"\n',
    );
  });

  it("stdout takes no deadline, and cannot be read", async () => {
    const run = new ProgramRun(`${opening}
      try {
        stdout.setWriteDeadline(Date.now() + 1000);
      } catch (error) {
        await print(error.code);
      }
      await stdout.read(buffer).catch((error) => print(error.message));
      await stdin.write(buffer).catch((error) => print(error.message));
    `);
    run.stdin.end();
    assert.equal(await outputOf(run), "no-deadline\nread stdout: not-supported\nwrite stdin: not-supported\n");
  });
});
