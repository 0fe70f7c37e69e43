import type { JsFunction } from "../host.ts";
import type { GuestResourceClass } from "../instance/guest-class.ts";
import type { ResourceType } from "../instance/handles.ts";
import type { JsNames } from "../types/names.ts";
import type { ExternType } from "../types/types.ts";
import type { ComponentFunc, Exports } from "./items.ts";
import type { AdaptFunctions, AnyFunction, FunctionName } from "./observe.ts";

type JsExports = Record<string, unknown>;
type Types = ReadonlyMap<string, ExternType>;

/**
 * Returns a component's exports in jco's shape (instantiate.ts, `ComponentInstance`).
 *
 * @param suspends Whether functions return promises, even if they never wait
 */
export function jsExports(
  types: Types,
  exports: Exports,
  names: JsNames,
  { suspends, adapt }: { readonly suspends: boolean; readonly adapt: AdaptFunctions | undefined },
): JsExports {
  const made = jsInstance("", types, exports, names, (type, name, func) => {
    const call = lazily(func);
    const adapted = type?.kind === "func" && adapt !== undefined ? adapt.exported(type.type, name, call) : call;
    return suspends ? promised(adapted) : adapted;
  });
  addShortNames(made, exports, names);
  return made;
}

/**
 * Interfaces by their names without versions, of each the newest, and by their labels: `test:flavorful/test@1.0.0` is
 * `test:flavorful/test` and `test`, too. Of two interfaces with one label it is the first of the alphabet, as in jco;
 * whatever else the component exports by that name comes before.
 */
function addShortNames(made: JsExports, exports: Exports, names: JsNames): void {
  const newest: Record<string, string> = {};
  for (const [name, item] of exports) {
    const { base, version } = names.split(name);
    if (item.kind !== "instance" || version === undefined || exports.has(base)) continue;
    const other = newest[base];
    if (other !== undefined && !isNewer(version, other)) continue;
    newest[base] = version;
    made[base] = made[name];
  }
  for (const name of [...exports.keys()].sort()) {
    if (exports.get(name)?.kind !== "instance") continue;
    const { base } = names.split(name);
    const label = names.camel(base.slice(base.indexOf("/") + 1));
    if (!Object.hasOwn(made, label)) made[label] = made[base];
  }
}

function isNewer(version: string, other: string): boolean {
  return version.localeCompare(other, "en", { numeric: true }) > 0;
}

type MakeFunction = (type: ExternType | undefined, name: FunctionName, func: ComponentFunc) => AnyFunction;

function jsInstance(
  instance: string,
  types: Types,
  exports: Exports,
  names: JsNames,
  functionOf: MakeFunction,
): JsExports {
  const made: JsExports = {};
  for (const [name, item] of exports) {
    if (item.kind === "resource") made[names.pascal(name)] = jsClass(item.resource);
  }
  for (const [name, item] of exports) {
    const type = types.get(name);
    if (item.kind === "instance" && type?.kind === "instance") {
      made[name] = jsInstance(name, type.type.exports, item.exports, names, functionOf);
    } else if (item.kind === "host" || item.kind === "lifted") {
      addFunction(made, exports, names, name, functionOf(type, { instance, name }, item));
    }
  }
  return made;
}

function jsClass(resource: ResourceType): unknown {
  return resource.hostClass ?? resource.guestClass.hostView;
}

function addFunction(made: JsExports, exports: Exports, names: JsNames, name: string, func: AnyFunction): void {
  const parsed = names.parse(name);
  if (parsed === undefined || parsed.kind === "label" || parsed.kind === "interface") {
    made[names.camel(name)] = func;
    return;
  }
  const owner = exports.get(parsed.resource);
  if (owner?.kind !== "resource" || owner.resource.owner === undefined) return;
  const guestClass: GuestResourceClass = owner.resource.guestClass;
  if (parsed.kind === "constructor") {
    guestClass.constructBy(func);
  } else if (parsed.kind === "static") {
    Object.defineProperty(guestClass.hostView, names.camel(parsed.member), {
      value: func,
      configurable: true,
      writable: true,
    });
  } else {
    const member = names.camel(parsed.member);
    // A promise cannot resolve with an object that has a `then`.
    Object.defineProperty(guestClass.hostView.prototype, member === "then" ? name : member, {
      value(this: unknown, ...args: unknown[]) {
        return func(this, ...args);
      },
      configurable: true,
      writable: true,
    });
  }
}

function promised(func: AnyFunction): AnyFunction {
  return async (...args) => func(...args);
}

/** Makes the trampoline on the first call: most programs call few of a component's exports. */
function lazily(func: ComponentFunc): AnyFunction {
  let made: JsFunction | undefined;
  return (...args) => {
    if (made === undefined) {
      if (func.kind === "lifted") {
        made = func.as("host", undefined);
      } else {
        const { form, target } = func;
        made =
          form === "function"
            ? target
            : form === "method"
              ? (self: unknown, ...rest: never[]) => target.apply(self, rest)
              : (...rest: never[]) => Reflect.construct(target, rest);
      }
    }
    return (made as AnyFunction)(...args);
  };
}
