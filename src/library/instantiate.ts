import type { HostImports } from "../component/host.ts";
import { linkComponent } from "../component/link/instantiate.ts";
import { runAsync } from "../core/wait/steps.ts";
import type { Machine } from "../machine/machine.ts";
import { trapOf } from "../wasm/engine-trap.ts";
import { checkOptions, type OptionNames } from "./check-options.ts";
import { CompiledComponent, compiledOf } from "./compile.ts";
import { surroundingNames } from "./guest.ts";
import { instanceLimits, type Limits, limitNames } from "./limits.ts";
import { createWebMachine } from "./machine.ts";
import { reportError } from "./report-error.ts";
import type { ComponentSource } from "./source.ts";
import type { Wait } from "./wait.ts";
import type { Linked, WasiOptions } from "./wasi.ts";

/** Options of `instantiate`. */
export interface InstantiateOptions {
  /**
   * `blocking` unless given, save of a component with async functions, streams or futures, which is always `suspending`. With that
   * every exported function returns a promise, and so does `new` of a resource; what is imported may return promises,
   * `Symbol.dispose` too. A call into a component that is suspended in another is a Trap; into one with async functions it waits for
   * its turn. What was compiled for one of them is used so unless another is given.
   */
  readonly wait?: Wait;
  /** Its limits. A compiled component has those given to `compile`. */
  readonly limits?: Limits;
  /** WASI of Pollux's own, for what `imports` lacks of it: then the instance is to be disposed of, with `await using`. */
  readonly wasi?: WasiOptions;
  /**
   * Whether a call may wait for nothing but a later one. Unless it may, a call that cannot go on, with no promise or stream of the
   * program's to wait for, ends the component with a Trap: it is a deadlock.
   */
  readonly waitsForCalls?: boolean;
  /**
   * Told of what ended the component while no call waited for it, and of what ending a stream or promise of the program's has thrown.
   * Unless given, `console.error` is, in one line.
   */
  readonly onError?: (error: unknown) => void;
}

const { limits: _, ...wasiSurroundings } = surroundingNames;
const names: OptionNames<InstantiateOptions> = {
  wait: true,
  limits: limitNames,
  wasi: { ...wasiSurroundings, args: true, stdin: true, net: true },
  waitsForCalls: true,
  onError: true,
};

/**
 * A component's exports by their names in jco's conventions. Two names are not the component's, whatever it exports: `exports`,
 * the object that jco answers, with all of them; and `then`, which only that object has, for what has one is taken for a promise.
 */
export interface Instance {
  /** By name. */
  readonly [name: string]: unknown;
  /** See above. */
  readonly then?: undefined;
}

/** Disposing of it ends what is under way: calls reject, streams fail, and what its WASI has open is closed. */
export type DisposableInstance<Exports = Instance> = Exports & AsyncDisposable;

/**
 * Instantiates a component and returns its exports as jco shapes them: functions in camelCase, interfaces as objects under
 * their name with version, the newest of each without, and under its label (`test` for `a:b/test@1.0.0`) where nothing else has that
 * name; resources as classes. A method that is named `then` is under its WIT name alone,
 * `[method]RESOURCE.then`: an object with a `then` cannot be what a promise answers.
 *
 * A component gets streams as `StreamSource`, and gives them as ReadableStream: of bytes in pieces (Uint8Array), else of values.
 * Futures are promises. A call of an exported async function takes `CallOptions` after its arguments.
 *
 * @param source The component, or where it is
 * @param imports By interface name, versions optional, in jco's conventions: what is written for the output of `jco transpile
 * --instantiation`, or made by `WASIShim` of the package `@bytecodealliance/preview2-shim`, serves
 * @param options How it waits, what it may use, WASI of Pollux's own
 * @returns Its exports. `pollux types app.wasm` writes their type
 * @example
 * ```ts
 * import { instantiate } from "pollux";
 *
 * interface Upper {
 *   upper(bytes: Iterable<Uint8Array>): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
 * }
 *
 * const piece = (length: number) => console.log(`${length} bytes`); // 5 bytes
 * await using app = await instantiate<Upper>("upper.wasm", { piece });
 * const stream = await app.upper([new TextEncoder().encode("hello")]);
 * console.log(await new Response(stream).text()); // HELLO
 * ```
 * @throws ParseError if the bytes are no valid component, LinkError if an import is missing or of the wrong kind,
 * LimitError if a core module asks for more from the start than `limits` let it have, or there are more of something, Trap if a
 * start function is ended; TypeError for an option that there is not
 */
export async function instantiate(
  source: ComponentSource | CompiledComponent,
  imports: HostImports,
  options: InstantiateOptions & { readonly wasi: WasiOptions },
): Promise<DisposableInstance>;
export async function instantiate(
  source: ComponentSource | CompiledComponent,
  imports?: HostImports,
  options?: InstantiateOptions,
): Promise<Instance>;
/** @typeParam Exports What the component exports, as its caller knows: nothing checks it */
export async function instantiate<Exports>(
  source: ComponentSource | CompiledComponent,
  imports?: HostImports,
  options?: InstantiateOptions,
): Promise<DisposableInstance<Exports>>;
export async function instantiate(
  source: ComponentSource | CompiledComponent,
  imports: HostImports = {},
  options: InstantiateOptions = {},
): Promise<Instance> {
  checkOptions("instantiate", options, names);
  try {
    return await newInstance(source, imports, options);
  } catch (error) {
    throw trapOf(error, "start") ?? error;
  }
}

async function newInstance(
  source: ComponentSource | CompiledComponent,
  imports: HostImports,
  options: InstantiateOptions,
): Promise<Instance> {
  const asked = options.wait ?? (source instanceof CompiledComponent ? source.wait : undefined);
  const component = await compiledOf(source, asked, options.limits);
  const wait = asked ?? (component.usesAsync ? "suspending" : "blocking");
  if (wait === "blocking" && component.usesAsync)
    throw new TypeError('wait: a component with async functions, streams or futures is instantiated with "suspending"');
  const programOn = (machine: Machine) => programFor(component, imports, machine, options);
  if (options.wasi !== undefined) {
    const { linkWithWasi } = await import("./wasi.ts");
    return instanceOf(await linkWithWasi(component, wait, options.wasi, programOn));
  }
  const compiled = await component.compiledFor(wait);
  const limits = instanceLimits(component.limits);
  if (!component.usesAsync) {
    const instance = await runAsync(linkComponent(compiled, imports, { ...limits, ...hosted }));
    return instanceOf({ instance, close: async () => {} });
  }
  const { SuspendingPoll } = await import("../core/wait/suspending-poll.ts");
  const machine = await createWebMachine(false);
  const poll = new SuspendingPoll(machine);
  const { program, store } = await programOn(machine);
  const instance = await runAsync(linkComponent(compiled, imports, { ...limits, ...program, poll }));
  store?.connect(instance.scheduler);
  const close = async () => {
    poll.closeAll();
    machine.selector.close();
  };
  return instanceOf({ instance, store, close });
}

/** As jco has what a program gives; and it ends what it has instantiated. */
const hosted = { promises: "all", endable: true, jcoClasses: true } as const;

/** What the program gives it, and how streams and futures become the program's. */
async function programFor(
  { usesAsync }: CompiledComponent,
  imports: HostImports,
  machine: Machine,
  { onError = reportError, waitsForCalls = false }: InstantiateOptions,
) {
  const program = { ...hosted, imports, waitGoal: waitsForCalls ? "event" : "call" } as const;
  if (!usesAsync) return { program, store: undefined };
  const [{ Store }, { ProgramFunctions }] = await Promise.all([
    import("./values/store.ts"),
    import("./values/adapt.ts"),
  ]);
  const store = new Store(machine.buffer, onError);
  return { program: { ...program, adapt: new ProgramFunctions(store) }, store };
}

function instanceOf({ instance, store, close }: Linked): Instance {
  const { exports } = instance;
  const { then: _, ...others } = exports;
  let closed: Promise<void> | undefined;
  const dispose = async () => {
    const reason = new Error("the instance was disposed of");
    store?.end(reason);
    instance.end(reason);
    await close();
  };
  return Object.defineProperties<Instance>(others, {
    exports: { value: exports, enumerable: false },
    [Symbol.asyncDispose]: {
      value: () => {
        closed ??= dispose();
        return closed;
      },
      enumerable: false,
    },
  });
}
