import { parseComponent } from "../component/binary/parse.ts";
import type { HostImports } from "../component/host.ts";
import { instantiateComponent, linkComponent } from "../component/link/instantiate.ts";
import { settle } from "../core/wait/steps.ts";
import { instantiationLimits, type Limits } from "./limits.ts";
import { type ComponentSource, readSource } from "./source.ts";
import type { Wait } from "./wait.ts";

export interface InstantiateOptions {
  /**
   * `blocking` unless given. With `suspending` every exported function answers a promise, and so does `new` of a resource; what
   * is imported may answer promises, `Symbol.dispose` too. A call into a component that is suspended in another is a Trap.
   */
  readonly wait?: Wait;
  readonly limits?: Limits;
}

/**
 * Instantiates a component and answers its exports as jco shapes them: functions in camelCase, interfaces as objects under
 * their name with and without version, resources as classes.
 *
 * @param imports by interface name, versions optional, in jco's conventions: what is written for the output of `jco transpile
 * --instantiation`, or made by preview2-shim's `WASIShim`, serves
 * @throws ParseError if the bytes are no valid component, LinkError if an import is missing or of the wrong kind,
 * LimitError if a core module asks for more from the start than `limits` let it have
 */
export async function instantiate(
  source: ComponentSource,
  imports: HostImports = {},
  options: InstantiateOptions = {},
): Promise<Readonly<Record<string, unknown>>> {
  const component = parseComponent(await readSource(source));
  const limits = instantiationLimits(options.limits ?? {});
  if (options.wait !== "suspending") return instantiateComponent(component, imports, limits).exports;
  const { Suspending } = await import("../component/link/suspending.ts");
  const suspending = new Suspending("all");
  return (await settle(linkComponent(component, imports, { ...limits, suspending }))).exports;
}
