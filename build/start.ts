/** `npm start`: builds the standalone binary, unless it is there, and runs an echo server by it; `npm start PORT` on another port than 9999. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import process from "node:process";

const root = dirname(import.meta.dirname);
const [given = "9999"] = process.argv.slice(2);
const port = Number(given);

if (!/^\d+$/.test(given) || port > 65535) fail(`${given} is no port: npm start 9998`);
if (await isTaken(port)) fail(`port ${port} is taken by another program; to take another: npm start ${port - 1}`);
const pollux = join(root, "dist/pollux");
if (!existsSync(pollux)) build();
const address = `127.0.0.1:${port}`;
console.log(`An echo server. Try it in another terminal: echo hello | nc -N 127.0.0.1 ${port}`);
const options = ["--allow-net", address, join(root, "tests/guests/tcpecho.wasm"), address, "--no-ticks"];
const server = spawn(pollux, options, { stdio: "inherit" });
// What a terminal sends to both ends the server, and that ends this.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => server.kill());
const [code] = await once(server, "exit");
process.exit(code ?? 0);

function build(): void {
  const { status, stdout } = spawnSync(process.execPath, [join(root, "build.ts"), "binary"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) fail(`${stdout}the binary could not be built`);
}

async function isTaken(port: number): Promise<boolean> {
  const probe = createServer();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  probe.once("error", () => resolve(true));
  probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(false)));
  return promise;
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
