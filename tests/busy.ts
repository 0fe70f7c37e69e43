/**
 * Runs the tests beside two busy loops and a flood of loopback traffic, several times: whatever passes on an idle machine passes
 * there too.
 *
 *     node tests/busy.ts [--times=3] [what tests/run.ts takes]...
 *
 * Ends with status 1 when one of the runs fails.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createConnection, createServer, type Socket } from "node:net";
import { join } from "node:path";
import process from "node:process";

/** Connections of the flood, each full both ways. */
const CONNECTIONS = 8;
const PIECE = new Uint8Array(65536);

const roles: Readonly<Record<string, () => Promise<void>>> = { loop, flood };
const [first = "", ...rest] = process.argv.slice(2);
const role = roles[first];
if (role === undefined) process.exitCode = await beside(["loop", "loop", "flood"]);
else await role();

/** Runs the tests beside processes of these roles. Answers the exit status. */
async function beside(names: readonly string[]): Promise<number> {
  const times = Number(first.startsWith("--times=") ? first.slice("--times=".length) : 3);
  const words = first.startsWith("--times=") || first === "" ? rest : [first, ...rest];
  const others = names.map((name) => spawn(process.execPath, [import.meta.filename, name], { stdio: "inherit" }));
  process.on("exit", () => {
    for (const other of others) other.kill("SIGKILL");
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));
  let failed = 0;
  for (let i = 1; i <= times; i++) {
    const gone = others.find(({ exitCode }) => exitCode !== null);
    if (gone !== undefined) throw new Error(`a process beside the tests has ended: ${gone.spawnargs.join(" ")}`);
    const status = await ended(
      spawn(process.execPath, [join(import.meta.dirname, "run.ts"), ...words], { stdio: "inherit" }),
    );
    if (status !== 0) failed++;
    console.log(`run ${i} of ${times} beside ${names.join(", ")}: ${status === 0 ? "passed" : "failed"}`);
  }
  return failed === 0 ? 0 : 1;
}

async function ended(child: ChildProcess): Promise<number | null> {
  await once(child, "exit");
  return child.exitCode;
}

async function loop(): Promise<void> {
  for (;;);
}

/** Both ends of each connection write as much as the kernel takes, and throw away what comes. */
async function flood(): Promise<void> {
  const server = createServer(pump).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  for (let i = 0; i < CONNECTIONS; i++)
    createConnection(address.port, "127.0.0.1", function (this: Socket) {
      pump(this);
    });
}

function pump(socket: Socket): void {
  const write = () => {
    while (socket.write(PIECE));
  };
  socket.resume().on("drain", write);
  write();
}
