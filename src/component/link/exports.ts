import type { JsFunction } from "../abi/trampolines.ts";
import type { GuestResourceClass } from "../instance/guest-class.ts";
import type { Resource } from "../instance/handles.ts";
import { camelCase, parseExternName, pascalCase, splitVersion } from "../types/names.ts";
import type { ExternType } from "../types/types.ts";
import type { Exports, Item } from "./items.ts";

type JsExports = Record<string, unknown>;
type Types = ReadonlyMap<string, ExternType>;
type AnyFunction = (...args: unknown[]) => unknown;

/**
 * What a component exports, as jco shapes it (instantiate.ts, `ComponentInstance`). `suspends`: functions answer promises,
 * whether or not they ever wait.
 */
export function jsExports(types: Types, exports: Exports, suspends: boolean): JsExports {
  const made = jsInstance(types, exports, suspends);
  for (const [name, item] of exports) {
    if (item.kind !== "instance") continue;
    const { base, version } = splitVersion(name);
    if (version !== undefined && !(base in made)) made[base] = made[name];
  }
  return made;
}

function jsInstance(types: Types, exports: Exports, suspends: boolean): JsExports {
  const made: JsExports = {};
  for (const [name, item] of exports) {
    if (item.kind === "resource") made[pascalCase(name)] = jsClass(item.resource);
  }
  for (const [name, item] of exports) {
    const type = types.get(name);
    if (item.kind === "instance" && type?.kind === "instance") {
      made[name] = jsInstance(type.type.exports, item.exports, suspends);
    } else if (item.kind === "func") {
      addFunction(made, exports, name, suspends ? promised(lazily(item)) : lazily(item));
    }
  }
  return made;
}

function jsClass(resource: Resource): unknown {
  return resource.hostClass ?? resource.guestClass.hostView;
}

function addFunction(made: JsExports, exports: Exports, name: string, func: AnyFunction): void {
  const parsed = parseExternName(name);
  if (parsed === undefined || parsed.kind === "label" || parsed.kind === "interface") {
    made[camelCase(name)] = func;
    return;
  }
  const owner = exports.get(parsed.resource);
  if (owner?.kind !== "resource" || owner.resource.owner === undefined) return;
  const guestClass: GuestResourceClass = owner.resource.guestClass;
  if (parsed.kind === "constructor") {
    guestClass.constructBy(func);
  } else if (parsed.kind === "static") {
    Object.defineProperty(guestClass.hostView, camelCase(parsed.member), {
      value: func,
      configurable: true,
      writable: true,
    });
  } else {
    Object.defineProperty(guestClass.hostView.prototype, camelCase(parsed.member), {
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

/** The trampoline is made at the first call: a program rarely calls all that a component exports. */
function lazily({ func }: Item & { kind: "func" }): AnyFunction {
  let made: JsFunction | undefined;
  return (...args) => {
    if (made === undefined) {
      if (func.kind === "lifted") {
        made = func.as("host", undefined);
      } else {
        const { form, target } = func.callee;
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
