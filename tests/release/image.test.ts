/**
 * What stands in the image of the Dockerfile. There is no Docker here: its last stage is played by a root of the binary and of
 * what glibc's package has, in which the binary is the first process.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { version } from "../../src/cli/version.ts";
import { Client, freePort } from "../e2e/client.ts";
import { Guest, guestFile, hostsNamed } from "../e2e/host.ts";
import { here, smallRelease } from "./small-release.ts";

const dockerfile = readFileSync(join(import.meta.dirname, "../../Dockerfile"), "utf8");
const [standalone] = hostsNamed("binary");
const scratch = mkdtempSync(join(tmpdir(), "pollux-image-"));
after(() => rmSync(scratch, { recursive: true }));

const root = join(scratch, "root");
mkdirSync(join(root, "proc"), { recursive: true });

/** As a container's: processes and mounts of its own, with /proc in its root. */
const container = ["--mount", "--pid", "--fork", "--kill-child", `--mount-proc=${root}/proc`];
const noContainer = spawnSync("unshare", [...container, "true"]).status !== 0;
const skip = standalone!.skip || (noContainer && "no namespaces for this user");

describe("the image", { skip }, () => {
  const inside = (...args: readonly string[]) => [...container, "chroot", root, "/usr/local/bin/pollux", ...args];

  before(() => {
    const unpacked = join(scratch, "unpacked");
    mkdirSync(unpacked);
    const [, added] = new RegExp(`^ADD dist/release/(pollux-${here}\\S*) /$`, "m").exec(dockerfile)!;
    const { status } = spawnSync("tar", ["-xzf", join(smallRelease(scratch), added!), "-C", unpacked]);
    assert.equal(status, 0);
    const copies = [...dockerfile.matchAll(/^COPY --from=archive \/\*\/(\S+) (\S+)$/gm)];
    assert.equal(copies.length, 2);
    for (const [, from = "", to = ""] of copies) copyInto(root, join(unpacked, `pollux-${here}`, from), to);
    // In the place of the archive's script.
    copyFileSync(standalone!.command[0]!, join(root, "usr/local/bin/pollux"));
    for (const library of libraries(standalone!.command[0]!)) copyInto(root, library, library);
    for (const guest of ["hello", "http/serve-hello"]) copyInto(root, guestFile(guest), `/${basename(guest)}.wasm`);
  });

  it("starts what the Dockerfile says, with nothing but glibc", () => {
    const [, entry] = /^ENTRYPOINT \["(.*)"\]$/m.exec(dockerfile)!;
    assert.equal(entry, "pollux");
    const run = (...args: readonly string[]) => {
      const { status, stdout, stderr } = spawnSync("unshare", inside(...args), { encoding: "utf8" });
      return { status, stdout, stderr };
    };
    assert.deepEqual(run("--version"), { status: 0, stdout: `pollux ${version}\n`, stderr: "" });
    assert.deepEqual(run("run", "/hello.wasm"), { status: 0, stdout: "hello, world\n", stderr: "" });
  });

  it("serves as the first process, which SIGTERM ends", async () => {
    const port = await freePort();
    await using server = new Guest(
      ["unshare", ...inside("serve", "--addr", `127.0.0.1:${port}`, "/serve-hello.wasm")],
      {},
    );
    await server.waitFor(/^Serving HTTP on /m, "stderr");
    const client = await Client.dial(port);
    await client.send("GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    assert.match((await client.readToEnd()).toString(), /^HTTP\/1\.1 200 [\s\S]*Hello, World!/);
    const [pid] = childrenOf(server.pid);
    process.kill(pid!, "SIGTERM");
    assert.equal((await server.outcome()).status, 143);
  });
});

function copyInto(root: string, from: string, to: string): void {
  mkdirSync(dirname(join(root, to)), { recursive: true });
  cpSync(from, join(root, to), { recursive: true, dereference: true });
}

/** Those that it is linked with, glibc's all. */
function libraries(program: string): readonly string[] {
  const { stdout } = spawnSync("ldd", [program], { encoding: "utf8" });
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path!);
}

function childrenOf(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return children.trim().split(" ").map(Number);
}
