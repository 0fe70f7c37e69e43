import type { HostImports } from "../component/host.ts";
import { linkComponent } from "../component/link/instantiate.ts";
import { settle } from "../core/wait/steps.ts";
import { CompiledComponent, compiledOf } from "./compile.ts";
import { instanceLimits, type Limits } from "./limits.ts";
import type { ComponentSource } from "./source.ts";
import type { Wait } from "./wait.ts";

export interface InstantiateOptions {
  /**
   * `blocking` unless given. With `suspending` every exported function answers a promise, and so does `new` of a resource; what
   * is imported may answer promises, `Symbol.dispose` too. A call into a component that is suspended in another is a Trap.
   * What was compiled for one of them is used so unless another is given.
   */
  readonly wait?: Wait;
  readonly limits?: Limits;
}

/**
 * A component's exports by their names in jco's conventions. Two names are not the component's, whatever it exports: `exports`,
 * the object that jco answers, with all of them; and `then`, which only that object has, for what has one is taken for a promise.
 */
export interface Instance {
  readonly [name: string]: unknown;
  readonly then?: undefined;
}

/**
 * Instantiates a component and answers its exports as jco shapes them: functions in camelCase, interfaces as objects under
 * their name with and without version, resources as classes. A method that is named `then` is under its WIT name alone,
 * `[method]RESOURCE.then`: an object with a `then` cannot be what a promise answers.
 *
 * @param imports by interface name, versions optional, in jco's conventions: what is written for the output of `jco transpile
 * --instantiation`, or made by preview2-shim's `WASIShim`, serves
 * @throws ParseError if the bytes are no valid component, LinkError if an import is missing or of the wrong kind,
 * LimitError if a core module asks for more from the start than `limits` let it have, or there are more of something
 */
export async function instantiate(
  source: ComponentSource | CompiledComponent,
  imports: HostImports = {},
  options: InstantiateOptions = {},
): Promise<Instance> {
  const wait = options.wait ?? (source instanceof CompiledComponent ? source.wait : undefined) ?? "blocking";
  const component = await compiledOf(source, wait, options.limits);
  const compiled = await component.compiledFor(wait);
  const link = linkComponent(compiled, imports, { ...instanceLimits(component.limits), promises: "all" });
  const { exports } = await settle(link);
  return instanceOf(exports);
}

function instanceOf(exports: Readonly<Record<string, unknown>>): Instance {
  const { then: _, ...others } = exports;
  return Object.defineProperty(others, "exports", { value: exports, enumerable: false });
}
