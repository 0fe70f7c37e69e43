/**
 * Compares what a component imports of WASI, and its `run`, with what they are. Of a component that was read before and fitted
 * nothing of this is done again (cli/component-cache.ts): it is loaded for one that is read.
 */
import { compatible, splitVersion } from "../../../component/types/names.ts";
import type { ComponentType, InstanceType, ResourceId } from "../../../component/types/types.ts";
import { p2 } from "../../versions.ts";
import { RUN } from "../../worlds.ts";
import { cli, clocks, config, random } from "./cli.ts";
import { filesystem } from "./filesystem.ts";
import { http } from "./http.ts";
import { io } from "./io.ts";
import { sockets } from "./sockets.ts";
import { type Interfaces, isFunction } from "./table.ts";
import { Resources, TypeReader } from "./type-reader.ts";
import { type Causes, funcMismatch, importMismatch } from "./typecheck.ts";

/** What of a component has another type than WASI says, each with wasmtime's causes. */
export interface Mistyped {
  /** Functions that it imports, by the instances and their own names. */
  readonly imports: ReadonlyMap<string, ReadonlyMap<string, Causes>>;
  /** `wasi:cli/run`'s `run`, which it exports; empty: that fits, or is not there. */
  readonly run: Causes;
}

/** By package. */
const packages: Readonly<Record<string, Interfaces>> = {
  "wasi:io": io,
  "wasi:clocks": clocks,
  "wasi:random": random,
  "wasi:cli": cli,
  "wasi:filesystem": filesystem,
  "wasi:sockets": sockets,
  "wasi:http": http,
  "wasi:config": config,
};

/** Undefined: nothing. What is not there at all, or of another kind, is the linker's to tell. */
export function mistyped({ imports, exports }: ComponentType): Mistyped | undefined {
  const check = new Check();
  const wrong = new Map<string, ReadonlyMap<string, Causes>>();
  for (const [name, imported] of imports) {
    const found = imported.kind === "instance" ? check.instance(name, imported.type, importMismatch) : [];
    if (found.length > 0) wrong.set(name, new Map(found));
  }
  const [name = "", command] = [...exports].find(([name]) => compatible(name, p2(RUN))) ?? [];
  const [[, causes = []] = []] = command?.kind === "instance" ? check.instance(name, command.type, funcMismatch) : [];
  const run = causes.length === 0 ? causes : ["failed to convert function to given type", ...causes];
  return wrong.size === 0 && run.length === 0 ? undefined : { imports: wrong, run };
}

class Check {
  readonly #resources = new Resources();
  readonly #readers = new Map<string, TypeReader>();
  /** WASI's resources that those of the component stand for. */
  readonly #bound = new Map<ResourceId, ResourceId>();

  readonly #same = (actual: ResourceId, expected: ResourceId): boolean => this.#bound.get(actual.root) === expected;

  instance(name: string, { exports }: InstanceType, mismatch: typeof funcMismatch): [string, Causes][] {
    const { base } = splitVersion(name);
    const [key = ""] = base.split("/");
    const items = packages[key]?.[base];
    if (items === undefined || !compatible(name, p2(base))) return [];
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
      reader = new TypeReader([packages[key]!, io, clocks], this.#resources);
      this.#readers.set(key, reader);
    }
    return reader;
  }
}
