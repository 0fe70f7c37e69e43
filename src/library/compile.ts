import { type Feature, standardFeatures } from "../component/binary/features.ts";
import { parseComponent } from "../component/binary/parse.ts";
import { CompiledComponent as Compiled } from "../component/link/compiled.ts";
import { loadAsyncSupport, usesAsync } from "../component/link/load-async-support.ts";
import type { ComponentType } from "../component/types/types.ts";
import { requireJspi } from "../run/require-jspi.ts";
import { type Mistyped, mistyped } from "../wasi/component/mistyped.ts";
import { compile as compileModule } from "../wasm/compile.ts";
import { limitModule } from "../wasm/limits/limit-module.ts";
import { type Limits, moduleLimits } from "./limits.ts";
import { type ComponentSource, readSource } from "./source.ts";
import type { Wait } from "./wait.ts";

/**
 * How its guests wait; `served`: suspended, and one after another may have the same memory; `timed`: the same, and they can be
 * ended while they compute.
 */
type Use = Wait | "served" | "timed";

export interface CompileOptions {
  /** How its guests will wait. Unless given, either way, and what is compiled for it when it is first used that way. */
  readonly wait?: Wait;
  /** Of each instance and run. */
  readonly limits?: Limits;
  /** Whether it may use `error-context`, a proposal to the component model: no, unless given. */
  readonly errorContext?: boolean;
  /** Whether it may use cooperative threads (`thread.*`), another: no, unless given. They need JSPI. */
  readonly threads?: boolean;
}

function featuresOf({ errorContext = false, threads = false }: CompileOptions): ReadonlySet<Feature> {
  const features = new Set(standardFeatures);
  if (errorContext) features.add("error-context");
  if (threads) features.add("threading");
  return features;
}

/** A component that was read and compiled once, for `instantiate` and `run` in the place of its bytes, as often as you like. */
export class CompiledComponent {
  readonly wait: Wait | undefined;
  readonly limits: Limits;
  readonly #file: ReturnType<typeof parseComponent>;
  readonly #byUse = new Map<Use, Promise<Compiled>>();
  #mistyped: { readonly found: Mistyped | undefined } | undefined;

  /** For `compile`. */
  constructor(bytes: Uint8Array<ArrayBuffer>, { wait, limits = {}, ...proposals }: CompileOptions) {
    this.#file = parseComponent(bytes, featuresOf(proposals));
    this.wait = wait;
    this.limits = { ...limits };
  }

  /** For `instantiate` and `run`. */
  get type(): ComponentType {
    return this.#file.type;
  }

  /** For `instantiate`: whether it has anything of component model async. */
  get usesAsync(): boolean {
    return usesAsync(this.#file);
  }

  /** For `run`: what of it is not as WASI has it. */
  get mistyped(): Mistyped | undefined {
    this.#mistyped ??= { found: mistyped(this.#file.type) };
    return this.#mistyped.found;
  }

  /** For `instantiate`, `run` and servers. */
  compiledFor(use: Use): Promise<Compiled> {
    let compiled = this.#byUse.get(use);
    if (compiled === undefined) {
      compiled = this.#compile(use);
      this.#byUse.set(use, compiled);
      // A load that failed may succeed another time.
      compiled.catch(() => this.#byUse.delete(use));
    }
    return compiled;
  }

  async #compile(use: Use): Promise<Compiled> {
    const limits = moduleLimits(this.limits);
    const adapt = use === "timed" ? (await import("../wasm/limits/interruptible.ts")).interruptible : undefined;
    const compile = (bytes: Uint8Array<ArrayBuffer>) => {
      const limited = limitModule(bytes, limits);
      return compileModule(adapt?.(limited) ?? limited);
    };
    const asyncSupport = await loadAsyncSupport(this.#file);
    if (use === "blocking") return new Compiled(this.#file, { compile, asyncSupport });
    requireJspi();
    const { suspending } = await import("../component/link/suspending.ts");
    const serves = use === "served" || use === "timed";
    const resetting = serves ? (await import("../component/link/resetting.ts")).resetting : undefined;
    return new Compiled(this.#file, { compile, asyncSupport, suspending, resetting });
  }
}

/**
 * Reads and compiles a component for many instances or runs: what is given in the place of its bytes costs each of them no more
 * than to instantiate its core modules, and to bind what was generated for the first.
 *
 * @throws ParseError if the bytes are no valid component; LinkError if the engine refuses a core module, LimitError if one asks
 * for more from the start than `limits` let it have: both of these now if `wait` is given, else when it is first used
 */
export async function compile(source: ComponentSource, options: CompileOptions = {}): Promise<CompiledComponent> {
  if (source instanceof CompiledComponent) throw new TypeError("the component is compiled already");
  const component = new CompiledComponent(await readSource(source), options);
  if (options.wait !== undefined) (await component.compiledFor(options.wait)).prepare();
  return component;
}

/**
 * The component of a call that may have been compiled before: then its limits are those of `compile`.
 *
 * @throws TypeError for options that differ from those that it was compiled with
 */
export async function compiledOf(
  source: ComponentSource | CompiledComponent,
  wait: Wait | undefined,
  limits: Limits | undefined,
): Promise<CompiledComponent> {
  if (!(source instanceof CompiledComponent)) {
    return new CompiledComponent(await readSource(source), limits === undefined ? {} : { limits });
  }
  if (limits !== undefined) throw new TypeError("limits: a component that is compiled has those given to `compile`");
  if (source.wait !== undefined && source.wait !== wait)
    throw new TypeError(`wait: the component was compiled for "${source.wait}", not "${wait}"`);
  return source;
}
