import type { ComponentFile } from "../component/binary/component.ts";
import { type Feature, standardFeatures } from "../component/binary/features.ts";
import { parseComponent } from "../component/binary/parse.ts";
import { CoreModuleError } from "../component/errors.ts";
import { CompiledComponent as Compiled } from "../component/link/compiled.ts";
import { loadAsyncSupport, usesAsync } from "../component/link/load-async-support.ts";
import type { ComponentType } from "../component/types/types.ts";
import type { CompiledModule } from "../run/module-linker.ts";
import { requireJspi } from "../run/require-jspi.ts";
import { type Mistyped, mistyped } from "../wasi/component/mistyped.ts";
import { limitModule } from "../wasm/limits/limit-module.ts";
import { checkOptions, type OptionNames } from "./check-options.ts";
import { type Limits, limitNames, moduleLimits } from "./limits.ts";
import { type ComponentSource, readSource } from "./source.ts";
import type { Wait } from "./wait.ts";

/**
 * How its guests wait; `served`: suspended, and one after another may have the same memory; `timed`: the same, and they can be
 * ended while they compute.
 */
type Use = Wait | "served" | "timed";

/** Options of `compile`. */
export interface CompileOptions {
  /** How its guests will wait. Unless given, either way, and what is compiled for it when it is first used that way. */
  readonly wait?: Wait;
  /** The limits of each instance and run. */
  readonly limits?: Limits;
  /** Whether it may use `error-context`, a proposal to the component model: no, unless given. */
  readonly errorContext?: boolean;
  /** Whether it may use cooperative threads (`thread.*`), another: no, unless given. They need JSPI. */
  readonly threads?: boolean;
}

const names: OptionNames<CompileOptions> = { wait: true, limits: limitNames, errorContext: true, threads: true };

function featuresOf({ errorContext = false, threads = false }: CompileOptions): ReadonlySet<Feature> {
  const features = new Set(standardFeatures);
  if (errorContext) features.add("error-context");
  if (threads) features.add("threading");
  return features;
}

/** A core module's bytes, and why they are no component. */
interface CoreModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly error: CoreModuleError;
}

/**
 * A component that was read and compiled once by `compile`, for `instantiate`, `run`, `serve` and `handler` in the place of its bytes, as
 * often as you like. For `run` it may be a core module.
 */
export class CompiledComponent {
  /** How its guests wait, where `compile` was told. */
  readonly wait: Wait | undefined;
  /** The limits of each of them. */
  readonly limits: Limits;
  readonly #content: ComponentFile | CoreModule;
  readonly #byUse = new Map<Use, Promise<Compiled>>();
  readonly #coreByUse = new Map<Wait, Promise<CompiledModule>>();
  #mistyped: { readonly found: Mistyped | undefined } | undefined;

  /** @internal */
  constructor(bytes: Uint8Array<ArrayBuffer>, { wait, limits = {}, ...proposals }: CompileOptions) {
    this.#content = read(bytes, featuresOf(proposals));
    this.wait = wait;
    this.limits = { ...limits };
  }

  /** @internal Whether it is a core module, which only `run` takes */
  get isCore(): boolean {
    return "error" in this.#content;
  }

  get #file(): ComponentFile {
    const content = this.#content;
    if ("error" in content) throw content.error;
    return content;
  }

  /** @internal For `instantiate` and `run` */
  get type(): ComponentType {
    return this.#file.type;
  }

  /** @internal For `instantiate`: whether it has anything of component model async */
  get usesAsync(): boolean {
    return usesAsync(this.#file);
  }

  /** @internal For `run`: what of it is not as WASI has it */
  get mistyped(): Mistyped | undefined {
    this.#mistyped ??= { found: mistyped(this.#file.type) };
    return this.#mistyped.found;
  }

  /** @internal For `instantiate`, `run` and servers */
  compiledFor(use: Use): Promise<Compiled> {
    return onceFor(this.#byUse, use, () => this.#compile(use));
  }

  /** @internal For `run`: the core module that it is */
  coreFor(wait: Wait): Promise<CompiledModule> {
    return onceFor(this.#coreByUse, wait, async () => {
      const { compileCore } = await import("./core-module.ts");
      return compileCore((this.#content as CoreModule).bytes, wait, this.limits);
    });
  }

  async #compile(use: Use): Promise<Compiled> {
    const limits = moduleLimits(this.limits);
    const adapt = use === "timed" ? (await import("../wasm/limits/interruptible.ts")).interruptible : undefined;
    const edit = (bytes: Uint8Array<ArrayBuffer>) => {
      const limited = limitModule(bytes, limits);
      return adapt?.(limited) ?? limited;
    };
    const asyncSupport = await loadAsyncSupport(this.#file);
    if (use === "blocking") return new Compiled(this.#file, { edit, asyncSupport });
    requireJspi();
    const { suspending } = await import("../component/link/suspending.ts");
    const serves = use === "served" || use === "timed";
    const resetting = serves ? (await import("../component/link/resetting.ts")).resetting : undefined;
    return new Compiled(this.#file, { edit, asyncSupport, suspending, resetting });
  }
}

function read(bytes: Uint8Array<ArrayBuffer>, features: ReadonlySet<Feature>): ComponentFile | CoreModule {
  try {
    return parseComponent(bytes, features);
  } catch (error) {
    if (error instanceof CoreModuleError) return { bytes, error };
    throw error;
  }
}

/** Returns what was made for a use before, or makes it. */
function onceFor<U, C>(made: Map<U, Promise<C>>, use: U, make: () => Promise<C>): Promise<C> {
  let compiled = made.get(use);
  if (compiled === undefined) {
    compiled = make();
    made.set(use, compiled);
    // A load that failed may succeed another time.
    compiled.catch(() => made.delete(use));
  }
  return compiled;
}

/**
 * Reads and compiles a component, or a core module, for many instances or runs. Each of them then costs no more than to instantiate its
 * core modules, and to bind what was generated for the first.
 *
 * @param source The component, or where it is
 * @param options How its guests wait, what they may use
 * @returns What `run`, `serve`, `handler` and `instantiate` take in the place of the source
 * @example
 * ```ts
 * import { compile, run } from "pollux";
 *
 * const hello = await compile("hello.wasm");
 * for (let i = 0; i < 3; i++) await run(hello, { stdout: "inherit" });
 * ```
 * @throws ParseError if the bytes are no valid component and no core module; LinkError if the engine refuses a core module, LimitError if one asks
 * for more from the start than `limits` let it have: both of these now if `wait` is given, else when it is first used
 */
export async function compile(source: ComponentSource, options: CompileOptions = {}): Promise<CompiledComponent> {
  checkOptions("compile", options, names);
  if (source instanceof CompiledComponent) throw new TypeError("the component is compiled already");
  const component = new CompiledComponent(await readSource(source), options);
  const { wait } = options;
  if (wait === undefined) return component;
  if (component.isCore) await component.coreFor(wait);
  else (await component.compiledFor(wait)).prepare();
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
