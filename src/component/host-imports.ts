import type { Waiting } from "../core/waiting.ts";
import { LinkError } from "./errors.ts";
import { Resource } from "./handles.ts";
import type { HostFunction, HostImports, HostInstance, ResourceClass } from "./host.ts";
import type { Bind, ComponentFunc, Exports, Item } from "./items.ts";
import { handle } from "./layout.ts";
import { camelCase, compatible, parseExternName, pascalCase } from "./names.ts";
import { type Observe, observed } from "./observe.ts";
import type { Suspending } from "./suspending.ts";
import type { Callee } from "./trampolines.ts";
import type { ExternType, FuncType, InstanceType, ResourceId } from "./types.ts";

export type Fallback = (instanceName: string, name: string) => HostFunction | undefined;

type Given = HostImports[string];

/**
 * Finds what a component imports among what the host gives (host.ts), as items that components pass around. A name that the
 * host lacks is asked of `fallback`; for a resource type, under `[resource-drop]NAME`: if that is answered, the resource is
 * an opaque class, of which the host never makes an object.
 */
export class HostLinker {
  readonly #imports: HostImports;
  readonly #fallback: Fallback | undefined;
  readonly #suspending: Suspending | undefined;
  readonly #observe: Observe | undefined;
  readonly #resources = new Map<ResourceClass, Resource>();

  constructor(imports: HostImports, fallback: Fallback | undefined, suspending?: Suspending, observe?: Observe) {
    this.#imports = imports;
    this.#observe = observe;
    this.#suspending = suspending;
    this.#fallback = fallback;
  }

  /** @throws LinkError naming the first thing that is missing */
  item(name: string, type: ExternType, bind: Bind): Item | undefined {
    switch (type.kind) {
      case "instance": {
        const found = this.#named(name);
        const instance = typeof found === "object" ? found : undefined;
        return { kind: "instance", exports: this.#instance(name, [], type.type, instance, bind) };
      }
      case "func": {
        const found = this.#named(name) ?? this.#imports[camelCase(name)];
        const func = typeof found === "function" ? found : this.#fallback?.("", name);
        if (func === undefined) throw missing(name, "function", found);
        const given = hostFunc({ form: "function", target: func as HostFunction }, func as HostFunction);
        return this.#observed("", name, type.type, given, bind);
      }
      case "type": {
        if (type.type.kind !== "resource" || bind.known(type.type.resource)) return undefined;
        const found = this.#named(name) ?? this.#imports[pascalCase(name)];
        const given = typeof found === "function" ? (found as ResourceClass) : this.#opaque("", name);
        if (given === undefined) throw missing(name, "resource", found);
        const resource = this.#resource("", name, given, type.type.resource);
        bind.resource(type.type.resource, resource);
        return { kind: "resource", resource };
      }
      case "component":
      case "module":
        throw missing(name, type.kind, undefined);
    }
  }

  /** The import of that name, or of a compatible version of it, or of none. */
  #named(name: string): Given {
    const exact = this.#imports[name];
    if (exact !== undefined) return exact;
    const key = Object.keys(this.#imports).find((given) => compatible(name, given));
    return key === undefined ? undefined : this.#imports[key];
  }

  #instance(
    name: string,
    path: readonly string[],
    type: InstanceType,
    given: HostInstance | undefined,
    bind: Bind,
  ): Exports {
    const exports = new Map<string, Item>();
    for (const [item, wanted] of type.exports) {
      switch (wanted.kind) {
        case "type": {
          if (wanted.type.kind !== "resource" || bind.known(wanted.type.resource)) {
            if (wanted.type.kind === "resource") {
              exports.set(item, { kind: "resource", resource: bind.known(wanted.type.resource)! });
            }
            break;
          }
          const found = given?.[item] ?? given?.[pascalCase(item)];
          const resourceClass = typeof found === "function" ? (found as ResourceClass) : this.#opaque(name, item);
          if (resourceClass === undefined) throw missingIn(name, [...path, item], "resource", found);
          const resource = this.#resource(name, item, resourceClass, wanted.type.resource);
          bind.resource(wanted.type.resource, resource);
          exports.set(item, { kind: "resource", resource });
          break;
        }
        case "func": {
          const found = given && findFunction(given, item);
          const fallback = found === undefined ? this.#fallback?.(name, item) : undefined;
          const func = found ?? (fallback && hostFunc({ form: "function", target: fallback }, fallback));
          if (func !== undefined) exports.set(item, this.#observed(name, item, wanted.type, func, bind));
          else throw missingIn(name, [...path, item], "function", given?.[item]);
          break;
        }
        case "instance": {
          const found = given?.[item];
          const inner = typeof found === "object" ? found : undefined;
          exports.set(item, {
            kind: "instance",
            exports: this.#instance(name, [...path, item], wanted.type, inner, bind),
          });
          break;
        }
        default:
          throw missingIn(name, [...path, item], wanted.kind, given?.[item]);
      }
    }
    return exports;
  }

  #opaque(instanceName: string, name: string): ResourceClass | undefined {
    return this.#fallback?.(instanceName, `[resource-drop]${name}`) === undefined ? undefined : class {};
  }

  #observed(instance: string, name: string, type: FuncType, func: HostFunc, bind: Bind): HostFunc {
    if (this.#observe === undefined) return func;
    const { callee, host } = func.func;
    const target = observed(
      this.#observe,
      { instance, name, type, nameOf: (id) => bind.known(id)?.name },
      callee,
      host,
    );
    return hostFunc({ form: "function", target }, target);
  }

  #resource(instance: string, name: string, hostClass: ResourceClass, id: ResourceId): Resource {
    let resource = this.#resources.get(hostClass);
    if (resource === undefined) {
      const mayWait = this.#suspending?.mayWait(hostClass) ?? false;
      const about = { instance, name: `[resource-drop]${name}`, lean: undefined, mayWait, nameOf: () => name };
      const type = { params: [{ name: "self", type: handle("own", id) }], result: undefined };
      const drop = (this.#observe?.({ ...about, type }, dispose) ?? dispose) as typeof dispose;
      resource = new Resource(name, hostClass, undefined, drop, () => mayWait);
      this.#resources.set(hostClass, resource);
    }
    return resource;
  }
}

function dispose(representation: unknown): Waiting<void> {
  return (representation as { readonly [Symbol.dispose]?: () => Waiting<void> })[Symbol.dispose]?.();
}

type HostFunc = Item & { readonly kind: "func"; readonly func: ComponentFunc & { readonly kind: "host" } };

function hostFunc(callee: Callee, func: HostFunction): HostFunc {
  return { kind: "func", func: { kind: "host", callee, host: func } };
}

/** A function of an instance, by its WIT name or as jco names it. */
function findFunction(given: HostInstance, name: string): HostFunc | undefined {
  const direct = given[name];
  if (typeof direct === "function") {
    const func = direct as HostFunction;
    return hostFunc({ form: "function", target: func }, func);
  }
  const parsed = parseExternName(name);
  if (parsed === undefined || parsed.kind === "interface") return undefined;
  if (parsed.kind === "label") {
    const func = given[camelCase(name)];
    return typeof func === "function"
      ? hostFunc({ form: "function", target: func as HostFunction }, func as HostFunction)
      : undefined;
  }
  const resourceClass = given[pascalCase(parsed.resource)] ?? given[parsed.resource];
  if (typeof resourceClass !== "function") return undefined;
  if (parsed.kind === "constructor") {
    const func = resourceClass as HostFunction;
    return hostFunc({ form: "constructor", target: func }, func);
  }
  const home: unknown = parsed.kind === "method" ? resourceClass.prototype : resourceClass;
  const func = (home as Record<string, unknown>)[camelCase(parsed.member)];
  if (typeof func !== "function") return undefined;
  const form = parsed.kind === "method" ? "method" : "function";
  return hostFunc({ form, target: func as HostFunction }, func as HostFunction);
}

function absence(kind: string, found: unknown): string {
  if (found === undefined) return `${kind} implementation is missing`;
  return `expected ${kind} found ${typeof found === "function" ? "func" : "instance"}`;
}

function missing(name: string, kind: string, found: unknown): LinkError {
  return new LinkError(name, [
    `component imports ${kind} \`${name}\`, but a matching implementation was not found in the linker`,
    absence(kind, found),
  ]);
}

function missingIn(instance: string, path: readonly string[], kind: string, found: unknown): LinkError {
  return new LinkError([instance, ...path].join(" . "), [
    `component imports instance \`${instance}\`, but a matching implementation was not found in the linker`,
    ...path.map((name) => `instance export \`${name}\` has the wrong type`),
    absence(kind, found),
  ]);
}
