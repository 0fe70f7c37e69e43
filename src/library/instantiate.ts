import type { HostImports } from "../component/host.ts";
import { instantiateComponent } from "../component/instantiate.ts";
import { parseComponent } from "../component/parse.ts";
import { instantiationLimits, type Limits } from "./limits.ts";
import { type ComponentSource, readSource } from "./source.ts";
import { checkWait, type Wait } from "./wait.ts";

export interface InstantiateOptions {
  /** `blocking` unless given. */
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
  checkWait(options.wait ?? "blocking");
  const component = parseComponent(await readSource(source));
  return instantiateComponent(component, imports, instantiationLimits(options.limits ?? {})).exports;
}
