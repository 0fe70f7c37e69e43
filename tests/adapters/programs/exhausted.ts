/**
 * What the library does in a process that has so many descriptors left, argv[3], and when it has some again. Its other arguments:
 * what it does, and the authority of a server. Prints as JSON how that ended, by turns.
 */
import { closeSync, openSync, readFileSync } from "node:fs";
import process from "node:process";
import { dial, instantiate, listen, run } from "../../../src/index.ts";

const [, , what = "", left = "", authority = ""] = process.argv;

function guest(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`../../guests/${name}.wasm`, import.meta.url)));
}

const hello = guest("hello");
const cat = guest("cat");
const requests = guest("http/requests");
const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);

/** A byte that comes later: the guest waits for it. */
function late(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      setTimeout(() => {
        controller.enqueue(Uint8Array.of(1));
        controller.close();
      }, 1);
    },
  });
}

async function exitOf(running: ReturnType<typeof run>): Promise<string> {
  const { exitCode } = await running;
  return exitCode === 0 ? "ok" : `exit code ${exitCode}`;
}

const request = (wait: "blocking" | "suspending") =>
  exitOf(run(requests, { args: ["guest", "untrusted", authority], wait, network: { http: true } }));

async function connect(): Promise<string> {
  const listener = await listen("127.0.0.1:0");
  try {
    const [client, server] = await Promise.all([dial(listener.localAddress, { timeout: 5000 }), listener.accept()]);
    await Promise.all([client.close(), server.close()]);
    return "ok";
  } finally {
    await listener.close();
  }
}

const acts: Readonly<Record<string, () => Promise<string>>> = {
  wait: () => exitOf(run(cat, { stdin: late() })),
  "wait on the runtime's sockets": () => exitOf(run(cat, { stdin: late(), net: "evented" })),
  block: () => exitOf(run(hello, { wait: "blocking" })),
  instantiate: async () => (await instantiate(empty, {}, { wait: "suspending" })) && "ok",
  "request, suspended": () => request("suspending"),
  "request, blocked": () => request("blocking"),
  connect,
};

async function outcome(): Promise<string> {
  try {
    return await acts[what]!();
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}

// Without a wait, so that what is loaded late is there: Deno panics where it compiles a module and has no descriptor left.
for (const wait of ["blocking", "suspending"] as const) await run(hello, { wait });
if (what.includes("runtime")) await run(hello, { net: "evented" });

const held: number[] = [];
try {
  for (;;) held.push(openSync("/dev/null", "r"));
} catch (error) {
  if (!String(error).includes("EMFILE") && !String(error).includes("Too many open files")) throw error;
}
for (const fd of held.splice(held.length - Number(left))) closeSync(fd);
const outcomes = [await outcome(), await outcome()];
for (const fd of held) closeSync(fd);
outcomes.push(await outcome(), await outcome());
console.log(JSON.stringify(outcomes));
process.exit(0);
