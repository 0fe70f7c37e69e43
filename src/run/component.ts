import type { ComponentFile } from "../component/binary/component.ts";
import { ComponentError } from "../component/errors.ts";
import type { HostImports } from "../component/host.ts";
import { compileModules } from "../component/link/compile-modules.ts";
import { CompiledComponent, type CompileOptions } from "../component/link/compiled.ts";
import { type ComponentInstance, checkComponent, linkComponent } from "../component/link/instantiate.ts";
import type { InstantiateOptions } from "../component/link/instantiate-options.ts";
import { splitVersion } from "../component/types/names.ts";
import type { ComponentType } from "../component/types/types.ts";
import { OpenFiles } from "../core/files/open-files.ts";
import { PreopenError } from "../core/files/preopens.ts";
import type { MakePolicy } from "../core/policy/network.ts";
import { learnDeniedNames } from "../core/sockets/denied-names.ts";
import { Aborted, Exit, Trap } from "../core/wait/errors.ts";
import { BlockingPoll, type Poll } from "../core/wait/poll.ts";
import { awaiting, runAsync, runSync, type Steps } from "../core/wait/steps.ts";
import type { Machine } from "../machine/machine.ts";
import type { Mistyped } from "../wasi/component/mistyped.ts";
import type { MakeImports, WasiHost } from "../wasi/host.ts";
import { type Wanted, wantedBy } from "../wasi/interfaces.ts";
import { p2 } from "../wasi/versions.ts";
import { handlerOf, RUN, runOf } from "../wasi/worlds.ts";
import { compile as compileModule } from "../wasm/compile.ts";
import { LinkError, OtherCommandError } from "../wasm/errors.ts";
import { endOf } from "./end.ts";
import type { GuestOptions } from "./options.ts";
import { wasiHost } from "./wasi-host.ts";

export interface ComponentOptions extends GuestOptions {
  /** Make what it may import, and its policy. */
  readonly packages: readonly MakeImports[];
  readonly policyOf: MakePolicy;
  /** The imports of the component whose types are not WASI's; undefined: there are none. */
  readonly mistyped?: Mistyped | undefined;
  /** The interfaces that it has of what `packages` make; unless given, those that it imports. */
  readonly wanted?: Wanted;
  /** As `linkComponent` takes them. */
  readonly link?: Pick<InstantiateOptions, "waitGoal" | "endable" | "interruptible">;
  /** Given what each instance of its core modules exports. */
  readonly instantiated?: (exports: WebAssembly.Exports) => void;
  /** Imports of a program, beside and before what `packages` make; and how the two understand one another. */
  readonly program?: { readonly imports: HostImports } & Pick<
    InstantiateOptions,
    "adapt" | "waitGoal" | "endable" | "promises"
  >;
}

export interface RunOptions extends ComponentOptions {
  /** Whether it is run by its `run` of WASI 0.3 if it exports one: unless false. */
  readonly hasP3?: boolean;
  /** Does something else with a component than to run it: given its type before it is linked, then what it exports. */
  readonly call?: (type: ComponentType) => (exports: ComponentInstance["exports"]) => Steps<void>;
}

/**
 * Runs a command component to its end and returns its exit status, 0..255.
 *
 * @throws LinkError: the component wants what is not there
 * @throws LimitError: a module asks for more from the start than `limiter` lets it have, or there are more instances than may be
 * @throws PreopenError: a directory cannot be opened
 * @throws Trap: the guest was ended; EngineTrap: by the engine
 */
export function runComponent(machine: Machine, component: CompiledComponent, options: RunOptions): number {
  return runSync(runSteps(machine, new BlockingPoll(machine), component, options));
}

/** `runComponent` for guests whose stacks are switched, and which are compiled for that: their thread sleeps when none can go on. */
export function runSwitched(machine: Machine, component: CompiledComponent, options: RunOptions): Promise<number> {
  return runAsync(runSteps(machine, new BlockingPoll(machine), component, options));
}

/**
 * A component for one run: its core modules are kept within the run's limits, and the run is told when they are compiled.
 *
 * @param adapt Makes of a core module what is compiled
 */
export function compileForRun(
  component: ComponentFile,
  { limiter, enter }: GuestOptions,
  { asyncSupport, suspending, resetting }: Omit<CompileOptions, "compile">,
  adapt = (module: Uint8Array<ArrayBuffer>) => module,
): CompiledComponent {
  return new CompiledComponent(component, {
    asyncSupport,
    suspending,
    resetting,
    compile(module) {
      enter?.("compile");
      const compiled = compileModule(adapt(limiter?.limited(module) ?? module));
      enter?.("link");
      return compiled;
    },
  });
}

/**
 * The run as steps, which wait where the guest is suspended.
 *
 * @param adapt Makes of the imports what a suspended guest is given
 * @throws as `runComponent`, and the reason that it was aborted for
 */
export function* runSteps(
  machine: Machine,
  poll: Poll,
  component: CompiledComponent,
  options: RunOptions,
  adapt = (made: HostImports): HostImports => made,
): Steps<number> {
  const openFiles = new OpenFiles();
  const { enter } = options;
  const { type } = component.file;
  if (options.call === undefined) refuseServer(type);
  const call = options.call?.(type) ?? ((exports) => runCommand(type, exports, options));
  let stage: Trap["stage"] = "start";
  try {
    enter?.("link");
    const host = wasiHost(machine, poll, openFiles, options);
    const { exports } = yield* linkGuest(host, component, options, adapt);
    options.observe?.linked?.();
    enter?.("run");
    stage = "call";
    yield* call(exports);
    return 0;
  } catch (error) {
    if (error instanceof Exit) return error.code;
    if (error instanceof ComponentError) return 1;
    if (error instanceof Aborted) throw error.reason;
    // A module that does not compile is the first thing to be told of.
    if (error instanceof PreopenError) compileModules(component.file);
    throw endOf(error, stage, options);
  } finally {
    poll.advanceAll();
    poll.closeAll();
    openFiles.closeAll();
  }
}

/** @throws OtherCommandError for a component that serves requests and is no command, before what it imports is asked for */
function refuseServer({ exports }: ComponentType): void {
  const handler = handlerOf(exports.keys());
  if (handler === undefined || [...exports.keys()].some((name) => splitVersion(name).base === RUN)) return;
  throw new OtherCommandError(RUN, [noInstance(RUN)], handler.name);
}

/** wasmtime's words. */
function noInstance(base: string): string {
  return `no exported instance named \`${p2(base)}\``;
}

/** @throws LinkError */
function* runCommand(
  type: ComponentType,
  exports: ComponentInstance["exports"],
  { hasP3, mistyped }: RunOptions,
): Steps<void> {
  const name = runOf(type.exports.keys(), hasP3);
  const command = name === undefined ? undefined : exports[name];
  if (typeof command !== "object" || command === null) throw new LinkError(RUN, [noInstance(RUN)]);
  if (!("run" in command) || typeof command.run !== "function")
    throw new LinkError(RUN, [`instance export \`${p2(RUN)}\` does not have export \`run\``]);
  const wrong = name === undefined ? undefined : mistyped?.runs.get(name);
  if (wrong !== undefined) throw new LinkError(`${RUN} . run`, wrong);
  yield* awaiting(command.run());
}

/**
 * Makes an instance of the component, which has `host` for its WASI.
 *
 * @throws as `linkComponent`
 */
export function* linkGuest(
  host: WasiHost,
  component: CompiledComponent,
  options: ComponentOptions,
  adapt: (made: HostImports) => HostImports,
): Steps<ComponentInstance> {
  if (host.policy.deniedNames.length > 0) yield* awaiting(host.poll.run(learnDeniedNames(host)));
  const made = adapt(guestImports(host, component, options));
  const { program } = options;
  if (program === undefined) return yield* linkComponent(component, made, linkOptions(host, options));
  const { imports, ...understood } = program;
  return yield* linkComponent(component, imports, { ...linkOptions(host, options), ...understood, own: made });
}

/** @throws as `checkComponent` */
export function checkGuest(host: WasiHost, component: CompiledComponent, options: ComponentOptions): void {
  checkComponent(component, guestImports(host, component, options), linkOptions(host, options));
}

function guestImports(
  host: WasiHost,
  { file }: CompiledComponent,
  { wanted, packages }: ComponentOptions,
): HostImports {
  const names = wanted ?? wantedBy(file.type);
  return Object.assign({}, ...packages.map((make) => make(host, names)));
}

function linkOptions({ poll }: WasiHost, options: ComponentOptions): InstantiateOptions {
  const { limits = {}, limiter, mistyped, observe, unknownImports } = options;
  return {
    ...limits,
    poll,
    ...options.link,
    instantiated(exports) {
      limiter?.instantiated(exports);
      options.instantiated?.(exports);
    },
    mistyped: mistyped && ((instance, name) => mistyped.imports.get(instance)?.get(name)),
    ...(unknownImports === undefined ? {} : { fallback: unknownImport }),
    ...(observe === undefined ? {} : { observe: observe.component }),
  };
}

/** A function that ends the guest, with wasmtime's words. */
function unknownImport(instance: string, name: string): () => never {
  const full = instance === "" ? name : `${instance}#${name}`;
  return () => {
    throw new Trap(`unknown import: \`${full}\` has not been defined`);
  };
}
