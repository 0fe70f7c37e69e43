/**
 * Compares the types of a component's WASI imports, and of its `run`, with WASI's. Loaded only when a component is
 * compiled: one from the cache (cli/component-cache.ts) was checked before.
 */
import { splitVersion } from "../../component/types/names.ts";
import type { ComponentType, InstanceType, ResourceId } from "../../component/types/types.ts";
import { cli, clocks, config, random } from "../p2/types/cli.ts";
import { filesystem } from "../p2/types/filesystem.ts";
import { http } from "../p2/types/http.ts";
import { io } from "../p2/types/io.ts";
import { sockets } from "../p2/types/sockets.ts";
import * as cli3 from "../p3/types/cli.ts";
import * as filesystem3 from "../p3/types/filesystem.ts";
import * as http3 from "../p3/types/http.ts";
import * as sockets3 from "../p3/types/sockets.ts";
import { type Interfaces, isFunction } from "../types/table.ts";
import { Resources, TypeReader } from "../types/type-reader.ts";
import { type Causes, funcMismatch, importMismatch } from "../types/typecheck.ts";
import { isOf, p2, p3 } from "../versions.ts";
import { RUN } from "../worlds.ts";

/** The functions of a component whose types differ from WASI's, each with wasmtime's causes. */
export interface Mistyped {
  /** Imported functions, by instance and then by function name. */
  readonly imports: ReadonlyMap<string, ReadonlyMap<string, Causes>>;
  /** Exported `run` functions, by the full name of their interface. */
  readonly runs: ReadonlyMap<string, Causes>;
}

/** A version of WASI. */
interface Version {
  /** Returns an interface's full name. */
  readonly full: (base: string) => string;
  /** The interfaces of each package. */
  readonly packages: Readonly<Record<string, Interfaces>>;
  /** The packages whose types every package may use. */
  readonly everywhere: readonly Interfaces[];
}

const versions: readonly Version[] = [
  {
    full: p2,
    packages: {
      "wasi:io": io,
      "wasi:clocks": clocks,
      "wasi:random": random,
      "wasi:cli": cli,
      "wasi:filesystem": filesystem,
      "wasi:sockets": sockets,
      "wasi:http": http,
      "wasi:config": config,
    },
    everywhere: [io, clocks],
  },
  {
    full: p3,
    packages: {
      "wasi:clocks": cli3.clocks,
      "wasi:random": cli3.random,
      "wasi:cli": cli3.cli,
      "wasi:filesystem": filesystem3.filesystem,
      "wasi:sockets": sockets3.sockets,
      "wasi:http": http3.http,
    },
    everywhere: [cli3.clocks],
  },
];

/**
 * Returns the functions that are mistyped, undefined if none are. An import that does not exist, or has another kind,
 * is the linker's to report.
 */
export function mistyped({ imports, exports }: ComponentType): Mistyped | undefined {
  const checks = versions.map((version) => new Check(version));
  const found = (name: string, { exports }: InstanceType, mismatch: typeof funcMismatch): [string, Causes][] =>
    checks.find((check) => check.has(name))?.instance(name, exports, mismatch) ?? [];
  const wrong = new Map<string, ReadonlyMap<string, Causes>>();
  for (const [name, imported] of imports) {
    const functions = imported.kind === "instance" ? found(name, imported.type, importMismatch) : [];
    if (functions.length > 0) wrong.set(name, new Map(functions));
  }
  const runs = new Map<string, Causes>();
  for (const [name, command] of exports) {
    if (command.kind !== "instance" || splitVersion(name).base !== RUN) continue;
    for (const [, causes] of found(name, command.type, funcMismatch))
      runs.set(name, ["failed to convert function to given type", ...causes]);
  }
  return wrong.size === 0 && runs.size === 0 ? undefined : { imports: wrong, runs };
}

class Check {
  readonly #version: Version;
  readonly #resources = new Resources();
  readonly #readers = new Map<string, TypeReader>();
  /** The WASI resource that each of the component's resources was bound to. */
  readonly #bound = new Map<ResourceId, ResourceId>();

  readonly #same = (actual: ResourceId, expected: ResourceId): boolean => this.#bound.get(actual.root) === expected;

  constructor(version: Version) {
    this.#version = version;
  }

  /** Returns whether the interface belongs to this version. */
  has(name: string): boolean {
    return isOf(this.#version.full, name);
  }

  /** Returns the instance's mistyped functions, each with its causes. */
  instance(name: string, exports: InstanceType["exports"], mismatch: typeof funcMismatch): [string, Causes][] {
    const { base } = splitVersion(name);
    const [key = ""] = base.split("/");
    const items = this.#version.packages[key]?.[base];
    if (items === undefined) return [];
    const found: [string, Causes][] = [];
    for (const [item, wanted] of exports) {
      const text = items[item];
      if (text === undefined) continue;
      if (wanted.kind === "type" && wanted.type.kind === "resource" && text === "resource") {
        const { root } = wanted.type.resource;
        if (!this.#bound.has(root)) this.#bound.set(root, this.#resources.named(item));
      } else if (wanted.kind === "func" && isFunction(text)) {
        const causes = mismatch(wanted.type, this.#reader(key).func(item, text), this.#same);
        if (causes.length > 0) found.push([item, causes]);
      }
    }
    return found;
  }

  #reader(key: string): TypeReader {
    let reader = this.#readers.get(key);
    if (reader === undefined) {
      const { packages, everywhere } = this.#version;
      reader = new TypeReader([packages[key]!, ...everywhere], this.#resources);
      this.#readers.set(key, reader);
    }
    return reader;
  }
}
