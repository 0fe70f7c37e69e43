import type { Waiting } from "../../core/wait/waiting.ts";
import { LinkError } from "../../wasm/errors.ts";
import { type HostFunction, type HostImports, type HostInstance, mayWait, type ResourceClass } from "../host.ts";
import { type Destroy, ResourceType } from "../instance/handles.ts";
import { handle } from "../types/layout.ts";
import type { JsNames } from "../types/names.ts";
import type { ExternType, FuncType, InstanceType, ResourceId } from "../types/types.ts";
import type { MayWait } from "./canon.ts";
import type { Bind, ComponentFunc, Exports, Item } from "./items.ts";
import { type AdaptFunctions, asFunction, type Observe, observed } from "./observe.ts";

export type Fallback = (instanceName: string, name: string) => HostFunction | undefined;

/** Returns why an item of an instance has another type than the component imports; undefined if no mismatch is known. */
export type Mistyped = (instanceName: string, name: string) => readonly string[] | undefined;

interface LinkOptions {
  readonly fallback?: Fallback | undefined;
  readonly mistyped?: Mistyped | undefined;
  readonly observe?: Observe | undefined;
  readonly own?: HostImports | undefined;
  readonly adapt?: AdaptFunctions | undefined;
  readonly jcoClasses?: boolean | undefined;
}

type Given = HostImports[string];

/**
 * Finds a component's imports among what the host gives (host.ts), as items that components pass around. A missing name is looked
 * up with `fallback`; a missing resource type as `[resource-drop]NAME`. If that is found, the resource is an opaque class, of which
 * the host never makes an object.
 */
export class HostLinker {
  readonly #named: NamedImports;
  /** Imports that `adapt` is not applied to. */
  readonly #own: NamedImports | undefined;
  readonly #adapt: AdaptFunctions | undefined;
  readonly #fallback: Fallback | undefined;
  readonly #mayWait: MayWait;
  readonly #names: JsNames;
  readonly #observe: Observe | undefined;
  readonly #mistyped: Mistyped | undefined;
  readonly #jcoClasses: boolean;
  readonly #resources = new Map<ResourceClass, ResourceType>();

  constructor(imports: HostImports, names: JsNames, mayWait: MayWait, options: LinkOptions) {
    this.#named = new NamedImports(imports, names);
    this.#own = options.own && new NamedImports(options.own, names);
    this.#adapt = options.adapt;
    this.#observe = options.observe;
    this.#mayWait = mayWait;
    this.#names = names;
    this.#fallback = options.fallback;
    this.#mistyped = options.mistyped;
    this.#jcoClasses = options.jcoClasses ?? false;
  }

  /** Returns the item for an import. @throws LinkError naming the first item that is missing or of another kind */
  item(name: string, type: ExternType, bind: Bind): Item | undefined {
    switch (type.kind) {
      case "instance": {
        const found = this.#find(name);
        if (typeof found === "function") throw missing(name, "instance", found);
        return { kind: "instance", exports: this.#instance(name, [], type.type, found, bind) };
      }
      case "func": {
        const found = findFunction((each) => this.#rootItem(each), name, this.#names, this.#jcoClasses);
        const fallback = found === undefined ? this.#fallback?.("", name) : undefined;
        const func = found ?? (fallback && plainFunc(fallback));
        if (func === undefined) throw missing(name, "function", this.#rootItem(name));
        return this.#observed("", name, type.type, this.#adapted("", name, type.type, func), bind);
      }
      case "type": {
        if (type.type.kind !== "resource" || bind.known(type.type.resource)) return undefined;
        const found = this.#rootItem(name) ?? this.#rootItem(this.#names.pascal(name));
        const given = found ?? this.#opaque("", name);
        if (!isResource(given)) throw missing(name, "resource", found);
        const resource = this.#resource("", name, given, type.type.resource, this.#mayWait(given));
        bind.resource(type.type.resource, resource);
        return { kind: "resource", resource };
      }
      case "component":
      case "module":
        throw missing(name, type.kind, undefined);
    }
  }

  /** A function or resource that is imported by itself: jco's `--instantiation` has it as the `default` of a module. */
  #rootItem(name: string): Given {
    const found = this.#find(name);
    return typeof found === "object" && Object.hasOwn(found, "default") ? found["default"] : found;
  }

  #find(name: string): Given {
    return this.#named.find(name) ?? this.#own?.find(name);
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
        case "type":
          if (wanted.type.kind === "resource") {
            const resource = this.#resourceIn(name, path, item, wanted.type.resource, given, bind);
            exports.set(item, { kind: "resource", resource });
          }
          break;
        case "func": {
          const found = this.#functionIn(name, path, item, given);
          const func = this.#own?.has(given)
            ? { ...found, mayWait: declaresMayWait(found.host) }
            : this.#adapted(name, item, wanted.type, found);
          exports.set(item, this.#observed(name, item, wanted.type, func, bind));
          break;
        }
        case "instance": {
          const found = given && ownValue(given, item);
          if (typeof found === "function") throw wrongIn(name, [...path, item], [absence("instance", found)]);
          exports.set(item, {
            kind: "instance",
            exports: this.#instance(name, [...path, item], wanted.type, found, bind),
          });
          break;
        }
        default:
          throw wrongIn(name, [...path, item], [absence(wanted.kind, given && ownValue(given, item))]);
      }
    }
    return exports;
  }

  #functionIn(instance: string, path: readonly string[], name: string, given: HostInstance | undefined): HostFunc {
    const late = this.#jcoClasses && this.#own?.has(given) !== true;
    const found = given && findFunction((each) => ownValue(given, each), name, this.#names, late);
    if (found !== undefined) {
      const causes = path.length === 0 ? this.#mistyped?.(instance, name) : undefined;
      if (causes !== undefined) throw wrongIn(instance, [...path, name], causes);
      return found;
    }
    const other = given && ownValue(given, name);
    const fallback = other === undefined ? this.#fallback?.(instance, name) : undefined;
    if (fallback === undefined) throw wrongIn(instance, [...path, name], [absence("function", other)]);
    return plainFunc(fallback);
  }

  /** Returns the resource type for a name. A type that is bound already need not be given again; if it is, it must be the same. */
  #resourceIn(
    instance: string,
    path: readonly string[],
    name: string,
    id: ResourceId,
    given: HostInstance | undefined,
    bind: Bind,
  ): ResourceType {
    const found = given && (ownValue(given, name) ?? ownValue(given, this.#names.pascal(name)));
    const known = bind.known(id);
    if (found === undefined && known !== undefined) return known;
    const isOwn = this.#own?.has(given) === true;
    const lacking = this.#jcoClasses && given !== undefined && !isOwn ? class {} : undefined;
    const hostClass = found ?? lacking ?? this.#opaque(instance, name);
    if (!isResource(hostClass)) throw wrongIn(instance, [...path, name], [absence("resource", found)]);
    const waits = isOwn ? declaresMayWait(hostClass) : this.#mayWait(hostClass);
    const resource = this.#resource(instance, name, hostClass, id, waits);
    if (known === undefined) bind.resource(id, resource);
    else if (known !== resource) throw wrongIn(instance, [...path, name], ["mismatched resource types"]);
    return resource;
  }

  #opaque(instanceName: string, name: string): ResourceClass | undefined {
    return this.#fallback?.(instanceName, `[resource-drop]${name}`) === undefined ? undefined : class {};
  }

  #adapted(instance: string, name: string, type: FuncType, func: HostFunc): HostFunc {
    const call = this.#adapt?.imported(type, { instance, name }, asFunction(func));
    return call === undefined ? func : plainFunc(call);
  }

  #observed(instance: string, name: string, type: FuncType, func: HostFunc, bind: Bind): HostFunc {
    if (this.#observe === undefined) return func;
    const target = observed(
      this.#observe,
      { instance, name, type, nameOf: (id) => bind.known(id)?.name },
      func,
      func.host,
    );
    return plainFunc(target);
  }

  #resource(instance: string, name: string, hostClass: ResourceClass, id: ResourceId, waits: boolean): ResourceType {
    let resource = this.#resources.get(hostClass);
    if (resource === undefined) {
      const drop = this.#observe === undefined ? dispose : this.#observedDrop(this.#observe, instance, name, id, waits);
      resource = new ResourceType(name, hostClass, undefined, drop, () => waits);
      this.#resources.set(hostClass, resource);
    }
    return resource;
  }

  #observedDrop(observe: Observe, instance: string, name: string, id: ResourceId, waits: boolean): Destroy {
    const type = { async: false, params: [{ name: "self", type: handle("own", id) }], result: undefined };
    const about = {
      instance,
      name: `[resource-drop]${name}`,
      type,
      resultBuffer: undefined,
      mayWait: waits,
      nameOf: () => name,
    };
    return observe(about, dispose) as Destroy;
  }
}

/** Imports by name. */
class NamedImports {
  readonly #imports: HostImports;
  readonly #names: JsNames;
  /** Their full names, by the name without the version. */
  #byBase: ReadonlyMap<string, readonly string[]> | undefined;
  #all: ReadonlySet<Given> | undefined;

  constructor(imports: HostImports, names: JsNames) {
    this.#imports = imports;
    this.#names = names;
  }

  has(given: Given): boolean {
    this.#all ??= new Set(Object.values(this.#imports));
    return this.#all.has(given);
  }

  /** Returns the import of that name, of a compatible version of it, or without a version. */
  find(name: string): Given {
    const exact = ownValue(this.#imports, name);
    if (exact !== undefined) return exact;
    this.#byBase ??= Map.groupBy(Object.keys(this.#imports), (given) => this.#names.split(given).base);
    const key = this.#names.compatible(name, this.#byBase);
    return key === undefined ? undefined : this.#imports[key];
  }
}

/** Whether a function or class declares that it may return promises. */
export function declaresMayWait(given: HostFunction | ResourceClass): boolean {
  return (given as { readonly [mayWait]?: boolean })[mayWait] === true;
}

function dispose(representation: unknown): Waiting<void> {
  return (representation as { readonly [Symbol.dispose]?: () => Waiting<void> })[Symbol.dispose]?.();
}

type HostFunc = ComponentFunc & { readonly kind: "host" };

function plainFunc(func: HostFunction): HostFunc {
  return { kind: "host", form: "function", target: func, host: func };
}

/** The properties that all objects and functions have: `toString`, `bind`. */
const inherited: ReadonlyMap<string, readonly unknown[]> = new Map(
  Object.getOwnPropertyNames({
    ...Object.getOwnPropertyDescriptors(Object.prototype),
    ...Object.getOwnPropertyDescriptors(Function.prototype),
  }).map((name) => [
    name,
    [Object.prototype, Function.prototype].map((everyones) => Object.getOwnPropertyDescriptor(everyones, name)?.value),
  ]),
);

/** Returns the property of that name; an inherited one only if the program's own classes define it. */
function ownValue<T>(given: { readonly [name: string]: T }, name: string): T | undefined {
  const found = given[name];
  if (found === undefined) return undefined;
  return inherited.get(name)?.includes(found) === true ? undefined : found;
}

/**
 * Returns a function of an instance, by its WIT name or its jco name.
 *
 * @param given What the host gives by a name
 * @param late Whether a method that its class lacks is looked up when it is called
 */
function findFunction(
  given: (name: string) => unknown,
  name: string,
  names: JsNames,
  late: boolean,
): HostFunc | undefined {
  const direct = given(name);
  if (isFunction(direct)) return plainFunc(direct);
  const parsed = names.parse(name);
  if (parsed === undefined || parsed.kind === "interface") return undefined;
  if (parsed.kind === "label") {
    const func = given(names.camel(name));
    return isFunction(func) ? plainFunc(func) : undefined;
  }
  const jcoClass = given(names.pascal(parsed.resource));
  const resourceClass = jcoClass ?? given(parsed.resource);
  if (!isResource(resourceClass)) return undefined;
  if (parsed.kind === "constructor") {
    const func: unknown = resourceClass;
    return { kind: "host", form: "constructor", target: func as HostFunction, host: func as HostFunction };
  }
  const home: unknown = parsed.kind === "method" ? resourceClass.prototype : resourceClass;
  const member = names.camel(parsed.member);
  const func = ownValue(home as Readonly<Record<string, unknown>>, member);
  if (!isFunction(func)) {
    if (!late || func !== undefined || jcoClass === undefined || parsed.kind === "static") return undefined;
    return plainFunc(methodOf(parsed.resource, member));
  }
  return { kind: "host", form: parsed.kind === "method" ? "method" : "function", target: func, host: func };
}

/** Returns a method that is looked up in the object when it is called. */
function methodOf(resource: string, member: string): HostFunction {
  return (self: Readonly<Record<string, unknown>>, ...args: unknown[]) => {
    const method = ownValue(self, member);
    if (typeof method === "function") return method.apply(self, args);
    throw new TypeError(`the object given for a \`${resource}\` has no method \`${member}\``);
  };
}

/** Whether it may be called: a `class` may not. */
function isFunction(found: unknown): found is HostFunction {
  return typeof found === "function" && (found.prototype === undefined || !isClass(found));
}

/** Whether it may be a resource's class. A `function` may be meant as a class or as a function, and is taken for either. */
function isResource(found: unknown): found is ResourceClass {
  return typeof found === "function" && typeof found.prototype === "object";
}

/** Whether it was made by `class`: the `prototype` of such a class is not writable. */
function isClass(found: object): boolean {
  return Object.getOwnPropertyDescriptor(found, "prototype")?.writable === false;
}

function absence(kind: string, found: unknown): string {
  if (found === undefined) return `${kind} implementation is missing`;
  const what = typeof found !== "function" ? "instance" : isFunction(found) ? "func" : "resource";
  return `expected ${kind} found ${what}`;
}

function missing(name: string, kind: string, found: unknown): LinkError {
  return new LinkError(name, [
    `component imports ${kind} \`${name}\`, but a matching implementation was not found in the linker`,
    absence(kind, found),
  ]);
}

/** @param causes What is wrong with the item at the end of `path` */
function wrongIn(instance: string, path: readonly string[], causes: readonly string[]): LinkError {
  return new LinkError([instance, ...path].join(" . "), [
    `component imports instance \`${instance}\`, but a matching implementation was not found in the linker`,
    ...path.map((name) => `instance export \`${name}\` has the wrong type`),
    ...causes,
  ]);
}
