/**
 * The programs of WebAssembly/wasi-testsuite for WASI 0.3, as they are built in its branch prod/testsuite-base
 * (tests/rust/testsuite/wasm32-wasip3): each NAME.wasm is run as NAME.json says (doc/specification.md there), with the flags that
 * its adapter for wasmtime gives; servers by `serve`.
 */
import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Temporary } from "../core/files/tree.ts";
import type { Host } from "../e2e/host.ts";
import { type Config, type Operation, Program } from "./testsuite-program.ts";
import { TestsuiteServers } from "./testsuite-servers.ts";

/** Where nothing else is said. */
const plain: readonly Operation[] = [{ type: "run" }, { type: "wait" }];

/** @returns Whether all that can be run pass */
export async function runTestsuite(folder: string, hosts: readonly Host[], parts: readonly string[]): Promise<boolean> {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".wasm") && (parts.length === 0 || parts.some((part) => file.includes(part))))
    .map((file) => file.slice(0, -".wasm".length))
    .sort();
  let well = names.length > 0;
  for (const host of hosts) {
    const counts = { passed: 0, failed: 0 };
    for (const name of names) {
      const failure = await failureOf(host, join(folder, name));
      if (failure === undefined) counts.passed++;
      else counts.failed++;
      console.log(
        failure === undefined ? `passed    ${host.name}: ${name}` : `FAILED    ${host.name}: ${name}: ${failure}`,
      );
    }
    console.log(`${host.name}: ${counts.passed} passed, ${counts.failed} failed`);
    well &&= counts.failed === 0;
  }
  return well;
}

/** A program must find its directory as it is in the suite, whatever the one before made there. */
function copyOf(directory: string): Temporary {
  const temporary = new Temporary();
  cpSync(directory, temporary.path, { recursive: true });
  return temporary;
}

/** What went wrong with the program at that path (without `.wasm`); undefined: nothing. */
async function failureOf(host: Host, path: string): Promise<string | undefined> {
  const json = `${path}.json`;
  const config = existsSync(json) ? (JSON.parse(readFileSync(json, "utf8")) as Config) : {};
  const { operations = plain, root, proposals = [], servers = [] } = config;
  // Two of the socket programs have no file that asks for sockets.
  const network = proposals.includes("sockets") || basename(path).startsWith("sockets-");
  const asked = [...(network ? ["inherit-network"] : []), ...(proposals.includes("http") ? ["http"] : [])];
  using directory = root === undefined ? undefined : copyOf(join(dirname(path), root));
  await using peers = await TestsuiteServers.start(servers);
  await using program = new Program(host, `${path}.wasm`, {
    asked,
    directory: directory?.path,
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
