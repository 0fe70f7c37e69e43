import type { Component } from "../component/binary/component.ts";
import type { HostImports } from "../component/host.ts";
import type { ResourceType } from "../component/instance/handles.ts";
import { HostLinker } from "../component/link/host-imports.ts";
import type { Bind } from "../component/link/items.ts";
import { JsNames, splitVersion, versionTrack } from "../component/types/names.ts";
import type { ExternType, ResourceId } from "../component/types/types.ts";
import type { Mistyped } from "../wasi/component/mistyped.ts";
import { p2, p3, versioned } from "../wasi/versions.ts";
import { LinkError } from "../wasm/errors.ts";

/**
 * What a run gives for an import: `provided`, all of it works; `linked only`, it is there, and answers as a host that denies
 * it until a flag grants it; `missing`, some of it is not there, and `mistyped`, some of it is something else: the run ends
 * before it begins.
 */
export type ImportStatus = "provided" | "linked only" | "missing" | "mistyped";

export interface ImportNeed {
  /** As the component names it. */
  readonly name: string;
  readonly status: ImportStatus;
  /** The items of the interface that are missing, by their WIT names; its own name if it is missing as a whole, or is none. */
  readonly missing: readonly string[];
  /** The flags of `run` that grant it; of what is missing, those that make it there, each for one item. */
  readonly flags: readonly string[];
  /** The first thing that is mistyped, as a run says it. */
  readonly problem?: string;
}

/** An interface that is denied unless a flag is given. */
interface Denied {
  readonly flag: string;
  /** Where the interface has more than that: the functions that the way to it starts from. */
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

/** The flag that grants what of the interface is denied; undefined: nothing is. */
function grantOf(track: string, wanted: ExternType): string | undefined {
  const { flag, from } = denied.get(track) ?? {};
  if (from === undefined || wanted.kind !== "instance") return flag;
  return from.some((name) => wanted.type.exports.has(name)) ? flag : undefined;
}

/** What is not there unless a flag is given. */
const absent: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  [trackOf(p2("wasi:sockets/network")), new Map([["network-error-code", "-Snetwork-error-code"]])],
]);

/** The interfaces of which nothing is there unless a flag is given. */
const optional: ReadonlyMap<string, string> = new Map([
  [trackOf(p2("wasi:config/store")), "-Sconfig"],
  [trackOf(p2("wasi:http/types")), "-Shttp"],
  [trackOf(p2("wasi:http/outgoing-handler")), "-Shttp"],
  [trackOf(p3("wasi:http/types")), "-Shttp"],
  [trackOf(p3("wasi:http/client")), "-Shttp"],
]);

/** An interface by what its compatible versions have in common. */
function trackOf(name: string): string {
  const { base, version } = splitVersion(versioned(name));
  return version === undefined ? base : `${base}@${versionTrack(version)}`;
}

/**
 * Links each import of the component as a run does, and says how that went.
 *
 * @param given what a run gives that has the flags for the optional interfaces, and no others
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
    const whole = optional.get(track);
    if (whole !== undefined && missing.length === 0)
      return { name, status: "missing", missing: [name], flags: [whole] };
    if (missing.length > 0) {
      const grants = absent.get(track);
      return { name, status: "missing", missing, flags: missing.flatMap((item) => grants?.get(item) ?? []) };
    }
    const grant = grantOf(track, wanted);
    return grant === undefined
      ? { name, status: "provided", missing, flags: [] }
      : { name, status: "linked only", missing, flags: [grant] };
  });
}
