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
import { endReason } from "./guest-end.ts";
import type { GuestOptions } from "./options.ts";
import { wasiHost } from "./wasi-host.ts";

export interface ComponentOptions extends GuestOptions {
  /** Make the imports that it may have, and its policy. */
  readonly packages: readonly MakeImports[];
  readonly policyOf: MakePolicy;
  /** The functions whose types are not WASI's; undefined if there are none. */
  readonly mistyped?: Mistyped | undefined;
  /** The interfaces to make, of those that `packages` can; default: those that the component imports. */
  readonly wanted?: Wanted;
  /** The options of `linkComponent`. */
  readonly link?: Pick<InstantiateOptions, "waitGoal" | "endable" | "interruptible">;
  /** Called with the exports of each instance of its core modules. */
  readonly instantiated?: (exports: WebAssembly.Exports) => void;
  /** Imports from a program, which come before those of `packages`; and how the two exchange values. */
  readonly program?: { readonly imports: HostImports } & Pick<
    InstantiateOptions,
    "adapt" | "waitGoal" | "endable" | "jcoClasses" | "promises"
  >;
}

export interface RunOptions extends ComponentOptions {
  /** Whether to run it by its `run` of WASI 0.3, if it exports one; default true. */
  readonly hasP3?: boolean;
  /**
   * Uses the component in another way than running it: called with its type before it is linked, then with its exports.
   */
  readonly call?: (type: ComponentType) => (exports: ComponentInstance["exports"]) => Steps<void>;
}

/**
 * Runs a command component to its end and returns its exit status, 0 to 255.
 *
 * @throws LinkError if an import or export is missing or mistyped
 * @throws LimitError if a module needs more from the start than `limiter` allows, or there are too many instances
 * @throws PreopenError if a directory cannot be opened
 * @throws Trap if the guest trapped; EngineTrap if the engine ended it
 */
export function runComponent(machine: Machine, component: CompiledComponent, options: RunOptions): number {
  return runSync(runSteps(machine, new BlockingPoll(machine), component, options));
}

/**
 * Runs a component as `runComponent` does, if it is compiled for switched stacks: its thread sleeps while none of its
 * tasks can continue.
 */
export function runSwitched(machine: Machine, component: CompiledComponent, options: RunOptions): Promise<number> {
  return runAsync(runSteps(machine, new BlockingPoll(machine), component, options));
}

/**
 * Returns a component compiled for one run: its core modules are limited by the run's `limiter`, and `enter` is called
 * when they compile.
 *
 * @param adapt returns the binary to compile for a core module
 */
export function compileForRun(
  component: ComponentFile,
  { limiter, enter }: GuestOptions,
  { asyncSupport, suspending, resetting }: Omit<CompileOptions, "compile" | "edit">,
  adapt = (module: Uint8Array<ArrayBuffer>) => module,
): CompiledComponent {
  return new CompiledComponent(component, {
    asyncSupport,
    suspending,
    resetting,
    edit: (module) => adapt(limiter?.limited(module) ?? module),
    compile(module) {
      enter?.("compile");
      const compiled = compileModule(module);
      enter?.("link");
      return compiled;
    },
  });
}

/**
 * Runs a component as steps, which wait while the guest is suspended.
 *
 * @param adapt returns the imports that a guest with a suspendable stack gets
 * @throws as `runComponent`, and the reason for an abort
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
    // A module that does not compile is reported first.
    if (error instanceof PreopenError) compileModules(component.file);
    throw endReason(error, stage, options);
  } finally {
    poll.advanceAll();
    poll.closeAll();
    openFiles.closeAll();
  }
}

/**
 * Checks, before imports, that the component is not a server only.
 *
 * @throws OtherCommandError if it serves requests and is no command
 */
function refuseServer({ exports }: ComponentType): void {
  const handler = handlerOf(exports.keys());
  if (handler === undefined || [...exports.keys()].some((name) => splitVersion(name).base === RUN)) return;
  throw new OtherCommandError(RUN, [noInstance(RUN)], handler.name);
}

/** The message for a missing export, in wasmtime's words. */
function noInstance(base: string): string {
  return `no exported instance named \`${p2(base)}\``;
}

/** Calls the component's `run`. @throws LinkError */
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
 * Makes an instance of the component, with `host` for its WASI.
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

/** Checks that the component can be linked, without making an instance. @throws as `checkComponent` */
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

/** Returns a function that traps, in wasmtime's words. */
function unknownImport(instance: string, name: string): () => never {
  const full = instance === "" ? name : `${instance}#${name}`;
  return () => {
    throw new Trap(`unknown import: \`${full}\` has not been defined`);
  };
}
