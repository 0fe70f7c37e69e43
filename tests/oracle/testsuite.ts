/**
 * The programs of WebAssembly/wasi-testsuite for WASI 0.3, as they are built in its branch prod/testsuite-base
 * (tests/rust/testsuite/wasm32-wasip3): each NAME.wasm is run as NAME.json says (doc/specification.md there), with the flags that
 * its adapter for wasmtime gives; servers by `serve`.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Host } from "../e2e/host.ts";
import { type Config, Program } from "./testsuite-program.ts";
import { TestsuiteServers } from "./testsuite-servers.ts";

/** Without a NAME.json. */
const plain: Config = { operations: [{ type: "run" }, { type: "wait" }] };

/** What is not there yet, by the beginning of a program's name. */
const later: readonly (readonly [prefix: string, why: string])[] = [
  ["filesystem-", "wasi:filesystem 0.3 is a later issue"],
];

/** @returns Whether all that can be run pass */
export async function runTestsuite(folder: string, hosts: readonly Host[], parts: readonly string[]): Promise<boolean> {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".wasm") && (parts.length === 0 || parts.some((part) => file.includes(part))))
    .map((file) => file.slice(0, -".wasm".length))
    .sort();
  let well = names.length > 0;
  for (const host of hosts) {
    const counts = { passed: 0, failed: 0, later: 0 };
    for (const name of names) {
      const why = later.find(([prefix]) => name.startsWith(prefix))?.[1];
      if (why !== undefined) {
        counts.later++;
        console.log(`later     ${host.name}: ${name}: ${why}`);
        continue;
      }
      const failure = await failureOf(host, join(folder, name));
      if (failure === undefined) counts.passed++;
      else counts.failed++;
      console.log(
        failure === undefined ? `passed    ${host.name}: ${name}` : `FAILED    ${host.name}: ${name}: ${failure}`,
      );
    }
    console.log(`${host.name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.later} later`);
    well &&= counts.failed === 0;
  }
  return well;
}

/** What went wrong with the program at that path (without `.wasm`); undefined: nothing. */
async function failureOf(host: Host, path: string): Promise<string | undefined> {
  const json = `${path}.json`;
  const config = existsSync(json) ? (JSON.parse(readFileSync(json, "utf8")) as Config) : plain;
  const { operations, proposals = [], servers = [] } = config;
  // Two of the socket programs have no file that asks for sockets.
  const network = proposals.includes("sockets") || basename(path).startsWith("sockets-");
  const asked = [...(network ? ["inherit-network"] : []), ...(proposals.includes("http") ? ["http"] : [])];
  await using peers = await TestsuiteServers.start(servers);
  await using program = new Program(host, `${path}.wasm`, {
    asked,
    serves: config.world === "wasi:http/service",
    env: peers.env,
  });
  try {
    for (const operation of operations) await program.perform(operation);
    return undefined;
  } catch (error) {
    if (error instanceof Error) return error.message;
    throw error;
  }
}
