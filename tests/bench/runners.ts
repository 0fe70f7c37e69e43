/** The columns of the table: Pollux on each host, wasmtime, and a native server, each as the command that runs a guest. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { NetFamily } from "../../src/machine/machines.ts";
import { programOf } from "../e2e/host.ts";
import { run } from "./process.ts";
import { findOnPath, findPythonWithWasmtime, findWasmtime, type NativeTools, root } from "./tools.ts";

export const runnerIds = ["native", "wasmtime", "bun", "deno", "node", "binary"] as const;
export type RunnerId = (typeof runnerIds)[number];

export interface Runner {
  readonly id: RunnerId;
  /** For the table's head, with a version where there is one. */
  readonly title: string;
  /**
   * The command that runs a guest with the network; undefined: this one cannot run it. `fresh`: as if the file had just
   * changed, with no use of a compilation cache.
   */
  command(guest: string, args: readonly string[], fresh?: boolean): readonly string[] | undefined;
  /** The command that runs a guest with the network, suspended while it waits; undefined: this one cannot. */
  suspending(net: NetFamily, guest: string, args: readonly string[]): readonly string[] | undefined;
  /** The command that runs a core module on a listener of that port on 127.0.0.1; undefined: this one cannot. */
  listening(guest: string, port: number): readonly string[] | undefined;
  /** The command that serves a component's HTTP on a port of 127.0.0.1 that the kernel picks; undefined: this one cannot. */
  serving(guest: string, options: readonly string[]): readonly string[] | undefined;
  /** What stands before a TypeScript program; undefined: this one runs none. */
  readonly interpreter?: readonly string[];
  /** False: the process's own start is not part of the product (a Python program that embeds wasmtime). */
  readonly measuresStart: boolean;
}

/** The Pollux hosts: what stands before `run`. */
const hosts = {
  bun: [join(root, "node_modules/.bin/bun"), programOf("bun")],
  deno: [join(root, "node_modules/.bin/deno"), "run", "-A", "--no-check", programOf("deno")],
  node: [join(root, "node_modules/.bin/node"), programOf("node")],
  binary: [join(root, "dist/pollux")],
} as const;

/** What stands before a TypeScript program. */
export const interpreters = {
  bun: hosts.bun.slice(0, -1),
  deno: hosts.deno.slice(0, -1),
  node: hosts.node.slice(0, -1),
} as const;

export const polluxHosts = ["bun", "deno", "node", "binary"] as const;

/** Path of a committed guest, or of one that a script builds (`build/pyecho`). */
export function guestPath(name: string): string {
  return join(root, "tests/guests", `${name}.wasm`);
}

/** Finds the runners that can run here, in the table's order; tells `leaveOut` about the others. */
export async function findRunners(
  native: NativeTools | undefined,
  wanted: (id: RunnerId) => boolean,
  leaveOut: (id: RunnerId, reason: string) => void,
): Promise<Runner[]> {
  const runners: Runner[] = [];
  for (const id of runnerIds) {
    if (!wanted(id)) continue;
    const runner = await (id === "native"
      ? nativeRunner(native)
      : id === "wasmtime"
        ? wasmtimeRunner()
        : polluxRunner(id));
    if ("missing" in runner) leaveOut(id, runner.missing);
    else runners.push(runner);
  }
  return runners;
}

interface Missing {
  readonly missing: string;
}

function nativeRunner(native: NativeTools | undefined): Runner | Missing {
  if (native === undefined) return { missing: "no cc" };
  return {
    id: "native",
    title: "native C, epoll",
    measuresStart: false,
    command: (guest) =>
      guest === guestPath("tcpecho")
        ? [native.echo]
        : guest === guestPath("udpecho")
          ? [native.udp, "serve"]
          : undefined,
    suspending: () => undefined,
    listening: () => undefined,
    serving: () => undefined,
  };
}

/** The CLI where there is one, else PyPI's library; beside the former a `wasmtime-46`, the last that hands listeners in. */
async function wasmtimeRunner(): Promise<Runner | Missing> {
  const cli = await findWasmtime("wasmtime");
  if ("path" in cli) {
    const old = await findWasmtime("wasmtime-46");
    const listening = (guest: string, port: number) =>
      "path" in old ? [old.path, "run", "-Spreview2=n", `-Stcplisten=127.0.0.1:${port}`, guest] : undefined;
    return {
      id: "wasmtime",
      title: `wasmtime ${cli.version}${"path" in old ? ` (${old.version} where listeners are handed in)` : ""}`,
      measuresStart: true,
      command: (guest, args, fresh = false) => [
        cli.path,
        "run",
        ...(fresh ? ["-Ccache=n"] : []),
        "-Sinherit-network,tcp",
        guest,
        ...args,
      ],
      suspending: () => undefined,
      listening,
      serving: (guest, options) => [cli.path, "serve", "-Scli", "--addr=127.0.0.1:0", ...options, guest],
    };
  }
  const python = await findPythonWithWasmtime();
  if ("missing" in python) return { missing: `${cli.missing}, ${python.missing}` };
  const script = join(import.meta.dirname, "native/wasmtime_run.py");
  return {
    id: "wasmtime",
    title: `wasmtime ${python.version} (PyPI)`,
    measuresStart: false,
    command: (guest, args) => [python.path, script, guest, ...args],
    suspending: () => undefined,
    listening: () => undefined,
    serving: () => undefined,
  };
}

async function polluxRunner(id: keyof typeof hosts): Promise<Runner | Missing> {
  const host = hosts[id];
  const program = host[0];
  const entry = host.at(-1)!;
  if (findOnPath(program) === undefined || !existsSync(entry)) {
    const missing = existsSync(program) ? entry : program;
    return { missing: `${missing.slice(root.length + 1)} is not there${id === "binary" ? " (npm run build)" : ""}` };
  }
  const version = id === "binary" ? "" : ` ${(await run([program, "--version"])).stdout.match(/[\d.]+/)?.[0]}`;
  return {
    id,
    title: `Pollux, ${id === "binary" ? "binary" : `${id[0]!.toUpperCase()}${id.slice(1)}`}${version}`,
    measuresStart: true,
    ...(id === "binary" ? {} : { interpreter: interpreters[id] }),
    command: (guest, args) => [...host, "run", "-Sinherit-network,tcp", guest, ...args],
    suspending: (net, guest, args) => [
      ...host,
      ...["run", `--net=${net}`, "--wait=suspending", "-Sinherit-network,tcp", guest],
      ...args,
    ],
    listening: (guest, port) => [...host, "run", `-Stcplisten=127.0.0.1:${port}`, guest],
    serving: (guest, options) => [...host, "serve", "-Scli", "--addr=127.0.0.1:0", ...options, guest],
  };
}
