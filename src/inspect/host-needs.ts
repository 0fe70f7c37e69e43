import type { Component } from "../component/binary/component.ts";
import type { HostImports } from "../component/host.ts";
import type { ResourceType } from "../component/instance/handles.ts";
import { HostLinker } from "../component/link/host-imports.ts";
import type { Bind } from "../component/link/items.ts";
import { JsNames, splitVersion, versionTrack } from "../component/types/names.ts";
import type { ExternType, ResourceId } from "../component/types/types.ts";
import type { Mistyped } from "../wasi/component/mistyped.ts";
import { optionalKey } from "../wasi/optional.ts";
import { p2, p3, versioned } from "../wasi/versions.ts";
import { LinkError } from "../wasm/errors.ts";

/**
 * How a run satisfies an import. `provided`: all of it works. `linked only`: it exists, but acts as if denied until a
 * flag grants it. `missing`: some of it does not exist. `mistyped`: some of it has another type. With the last two the
 * run ends before it begins.
 */
export type ImportStatus = "provided" | "linked only" | "missing" | "mistyped";

export interface ImportNeed {
  /** The import's name in the component. */
  readonly name: string;
  readonly status: ImportStatus;
  /**
   * The WIT names of missing items of the interface; its own name if all of it is missing, or it is not an interface.
   */
  readonly missing: readonly string[];
  /** The flags of `run` that grant it. For missing items: the flags that provide them, one for each. */
  readonly flags: readonly string[];
  /** The first type mismatch, in the words of a run. */
  readonly problem?: string;
}

/** An interface that is denied without a flag. */
interface Denied {
  readonly flag: string;
  /** The functions that the flag is needed for, if the interface has others too. */
  readonly from?: readonly string[];
}

/** Gives a folder, and a listening socket: some, for nobody can tell which. */
export const DIRECTORY = "--dir=.";
export const LISTENER = "-Stcplisten=127.0.0.1:8080";

const denied: ReadonlyMap<string, Denied> = new Map([
  [trackOf(p2("wasi:sockets/tcp-create-socket")), { flag: "-Sinherit-network" }],
  [trackOf(p2("wasi:sockets/udp-create-socket")), { flag: "-Sinherit-network" }],
  [trackOf(p2("wasi:sockets/ip-name-lookup")), { flag: "-Sallow-ip-name-lookup" }],
  [trackOf(p2("wasi:filesystem/preopens")), { flag: DIRECTORY }],
  [trackOf(p3("wasi:filesystem/preopens")), { flag: DIRECTORY }],
  [
    trackOf(p3("wasi:sockets/types")),
    { flag: "-Sinherit-network", from: ["[static]tcp-socket.create", "[static]udp-socket.create"] },
  ],
  [trackOf(p3("wasi:sockets/ip-name-lookup")), { flag: "-Sallow-ip-name-lookup" }],
]);

/** Returns the flag that grants the interface; undefined if nothing of it is denied. */
function grantOf(track: string, wanted: ExternType): string | undefined {
  const { flag, from } = denied.get(track) ?? {};
  if (from === undefined || wanted.kind !== "instance") return flag;
  return from.some((name) => wanted.type.exports.has(name)) ? flag : undefined;
}

/** Returns the part of an interface's name that its compatible versions share. */
function trackOf(name: string): string {
  const { base, version } = splitVersion(versioned(name));
  return version === undefined ? base : `${base}@${versionTrack(version)}`;
}

/**
 * Links each import of the component as a run does, and returns the results.
 *
 * @param given the imports of a run that has only the flags for optional interfaces
 */
export function importNeeds({ type }: Component, given: HostImports, wrong: Mistyped | undefined): ImportNeed[] {
  let missing: string[] = [];
  const linker = new HostLinker(given, new JsNames(), () => false, {
    fallback(_, name) {
      if (!name.startsWith("[resource-drop]")) missing.push(name);
      else missing.push(name.slice("[resource-drop]".length));
      return () => {};
    },
    mistyped: (instance, name) => wrong?.imports.get(instance)?.get(name),
  });
  const resources = new Map<ResourceId, ResourceType>();
  const bind: Bind = {
    known: (id) => resources.get(id.root),
    resource: (id, resource) => resources.set(id.root, resource),
  };
  return [...type.imports].map(([name, wanted]) => {
    missing = [];
    const track = trackOf(name);
    try {
      linker.item(name, wanted, bind);
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      const problem = error.causes.slice(1).join(": ");
      if (wanted.kind !== "component" && wanted.kind !== "module")
        return { name, status: "mistyped", missing, flags: [], problem };
      missing.push(name);
    }
    const { base } = splitVersion(name);
    const whole = optionalKey(base);
    if (whole !== undefined && missing.length === 0)
      return { name, status: "missing", missing: [name], flags: [`-S${whole}`] };
    if (missing.length > 0) {
      const keys = whole === undefined ? missing.flatMap((item) => optionalKey(base, item) ?? []) : [];
      return { name, status: "missing", missing, flags: keys.map((key) => `-S${key}`) };
    }
    const grant = grantOf(track, wanted);
    return grant === undefined
      ? { name, status: "provided", missing, flags: [] }
      : { name, status: "linked only", missing, flags: [grant] };
  });
}
