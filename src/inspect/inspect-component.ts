import type { ComponentFile } from "../component/binary/component.ts";
import { allFeatures, standardFeatures } from "../component/binary/features.ts";
import { parseComponent } from "../component/binary/parse.ts";
import type { HostImports } from "../component/host.ts";
import { OpenFiles } from "../core/files/open-files.ts";
import { closedNetwork } from "../core/policy/network.ts";
import { closedInputStream } from "../core/streams/input-stream.ts";
import { discardingOutputStream } from "../core/streams/output-stream.ts";
import { BlockingPoll } from "../core/wait/poll.ts";
import { createUnsupportedMachine } from "../machine/unsupported.ts";
import { type Mistyped, mistyped } from "../wasi/component/mistyped.ts";
import type { WasiHost } from "../wasi/host.ts";
import { filesystemImports } from "../wasi/p2/filesystem/imports.ts";
import { httpImports } from "../wasi/p2/http/imports.ts";
import { basicImports } from "../wasi/p2/imports.ts";
import { socketsImports } from "../wasi/p2/sockets/imports.ts";
import { filesystemImports as filesystemP3Imports } from "../wasi/p3/filesystem/imports.ts";
import { httpImports as httpP3Imports } from "../wasi/p3/http/imports.ts";
import { basicImports as basicP3Imports } from "../wasi/p3/imports.ts";
import { socketsImports as socketsP3Imports } from "../wasi/p3/sockets/imports.ts";
import { handlerOf, isOfServer, RUN, runOf } from "../wasi/worlds.ts";
import { type CoreModuleEntry, coreModulesOf } from "./core-modules.ts";
import { type ImportNeed, importNeeds } from "./host-needs.ts";
import { sampleCalls } from "./sample-call.ts";
import { witOf } from "./wit.ts";

/** The description of a component: its contents and its needs. Sizes and offsets are bytes. */
export interface Inspection {
  readonly kind: "component";
  readonly size: number;
  /** Whether `pollux run` runs it: it exports `wasi:cli/run`, and all its imports exist, possibly with `flags`. */
  readonly runs: boolean;
  /** The reason if it does not run. */
  readonly problem?: string;
  /** The flags of `run` that grant all its imports, without repetition. */
  readonly flags: readonly string[];
  /**
   * Whether `pollux serve` serves it: it exports a handler of `wasi:http`, and all its imports exist, possibly with
   * flags.
   */
  readonly serves: boolean;
  /** Its needs as a server; undefined if it exports no handler. */
  readonly server?: Server;
  readonly imports: readonly ImportNeed[];
  readonly exports: readonly string[];
  /** Sample calls for `--invoke`, of functions that are not WASI's: `add(1, 1)`. */
  readonly calls: readonly string[];
  readonly modules: readonly CoreModuleEntry[];
  /** Its imports and exports in WIT syntax. */
  readonly wit: string;
}

/** The needs of a component that exports a handler, for `pollux serve`. */
export interface Server {
  /** The flags of `serve` that grant all its imports, without repetition. */
  readonly flags: readonly string[];
  /** The reason if it cannot be served. */
  readonly problem?: string;
}

/** Describes a component. @throws ParseError if it is none */
export function inspectComponent(bytes: Uint8Array<ArrayBuffer>): Inspection {
  const component = parseComponent(bytes, allFeatures);
  const wrong = mistyped(component.type);
  const imports = importNeeds(component, givenImports(), wrong);
  const exports = [...component.type.exports.keys()];
  const features = featureFlags(component);
  const flags = [...new Set([...features, ...imports.flatMap((item) => item.flags)])];
  const unmet = importProblem(imports);
  const problem = unmet ?? exportProblem(exports, wrong?.runs ?? new Map());
  const server = handlerOf(exports) && serverOf(imports, features, unmet);
  return {
    kind: "component",
    size: bytes.length,
    runs: problem === undefined,
    ...(problem === undefined ? {} : { problem }),
    flags,
    serves: server !== undefined && server.problem === undefined,
    ...(server === undefined ? {} : { server }),
    imports,
    exports,
    calls: unmet === undefined ? sampleCalls(component.type) : [],
    modules: coreModulesOf(component),
    wit: witOf(component.type),
  };
}

/** Returns the flags for features that are not enabled by default. */
function featureFlags({ uses }: ComponentFile): readonly string[] {
  return [...uses].filter((feature) => !standardFeatures.has(feature)).map((name) => `-Wcomponent-model-${name}`);
}

function serverOf(imports: readonly ImportNeed[], features: readonly string[], problem: string | undefined): Server {
  const all = imports.some(({ name, flags }) => isWasi(name) && !isOfServer(name) && !flags.includes("-Sconfig"));
  const granted = imports.flatMap(({ flags }) => flags).filter((flag) => flag !== "-Shttp");
  return {
    flags: [...new Set([...features, ...(all ? ["-Scli"] : []), ...granted])],
    ...(problem === undefined ? {} : { problem }),
  };
}

function isWasi(name: string): boolean {
  return name.startsWith("wasi:");
}

function importProblem(imports: readonly ImportNeed[]): string | undefined {
  const unmet = imports.filter((item) => !canBeMet(item)).map(({ name }) => name);
  if (unmet.length > 0) return `nothing provides ${unmet.join(", ")}`;
  const wrong = imports.find(({ problem }) => problem !== undefined);
  return wrong && `${wrong.name}: ${wrong.problem}`;
}

/** Returns whether it exists, possibly with flags: each flag provides one missing item. */
function canBeMet({ status, missing, flags }: ImportNeed): boolean {
  return status !== "missing" || missing.length === flags.length;
}

function exportProblem(exports: readonly string[], wrong: Mistyped["runs"]): string | undefined {
  const run = runOf(exports);
  const causes = run === undefined ? undefined : wrong.get(run);
  if (causes !== undefined) return `${RUN}: ${causes.join(": ")}`;
  if (run !== undefined) return undefined;
  return exports.length === 0 ? "it exports nothing" : `it does not export ${RUN}`;
}

/** Returns the imports of a run that has only the flags for optional interfaces, without a real machine. */
export function givenImports(): HostImports {
  const machine = createUnsupportedMachine();
  const poll = new BlockingPoll(machine);
  const host: WasiHost = {
    machine,
    poll,
    policy: closedNetwork,
    openFiles: new OpenFiles(),
    preopens: [],
    started: 0,
    insecureSeed: undefined,
    args: [],
    env: [],
    cwd: undefined,
    config: new Map(),
    stdin: closedInputStream,
    stdout: () => discardingOutputStream(poll),
    stderr: () => discardingOutputStream(poll),
    terminals: { stdin: false, stdout: false, stderr: false },
    maxRandomSize: 0n,
    networkErrorCode: false,
  };
  const http = { machine, poll, policy: closedNetwork, tls: undefined, maxFieldsSize: 0 };
  const p2Packages = [basicImports, socketsImports, filesystemImports];
  const packages = [...p2Packages, basicP3Imports, socketsP3Imports, filesystemP3Imports];
  const made = packages.map((make) => make(host));
  return Object.assign({}, ...made, httpImports(http), httpP3Imports(http));
}
