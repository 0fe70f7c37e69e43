/**
 * The other end of `--watch` (watch.ts, watch-server.ts): a process that has loaded and made all that a guest needs, and waits
 * until it is told to run it. What a guest's start costs is thus paid before its file changes.
 */
import { closeSync, readSync, writeSync } from "node:fs";
import process from "node:process";
import { allFeatures } from "../../component/binary/features.ts";
import { parseComponent } from "../../component/binary/parse.ts";
import type { Machine } from "../../machine/machine.ts";
import { allNeeds, type Machines } from "../../machine/machines.ts";
import { mistyped } from "../../wasi/component/mistyped.ts";
import { compile } from "../../wasm/compile.ts";
import { SUPERVISED } from "../options/commands.ts";
import { isCoreModule, readModule } from "../run/module-file.ts";
import type { Host } from "../run/surroundings.ts";
import { SERVING, SHUTDOWN_ASKED } from "./watch-process.ts";

/** What stands in `--supervised=PARENT,CONTROL[,SOCKET...]`. */
interface Word {
  /** The process that started this one. */
  readonly parent: number;
  /** The fd to wait on. */
  readonly control: number;
  /** Those of sockets that outlive the process. */
  readonly sockets: readonly number[];
}

/**
 * Returns when the guest shall run; ends the process when whoever started it is gone.
 *
 * @param text `--supervised=...`
 * @param file The guest's, as it is now: it may be another, or whole, when it runs.
 * @param tune Has the engine made ready for it, and may start the process once more.
 */
export async function standBy(
  text: string,
  file: string,
  { machines, ...host }: Host,
  tune: () => Promise<void>,
): Promise<Host> {
  const word = parse(text);
  await attempt(tune);
  const made = await attempt(async () => attached(await machines.blocking(false, allNeeds), word));
  await attempt(async () => warmUp(file));
  wait(word);
  const keeping = <M extends Machine>(machine: M): M => {
    if (word.sockets.length > 0) machine.net.inheritListeners?.(word.sockets);
    return machine;
  };
  const { suspending } = machines;
  const own: Machines = {
    blocking: async (threads, needs) => keeping(await (threads ? machines.blocking(true, needs) : made())),
    suspending: { ...suspending, posix: async (needs) => keeping(await suspending.posix(needs)) },
  };
  const guestStarts = () => {
    host.guestStarts?.();
    // It is no guest's to have open.
    writeSync(word.control, SERVING);
    closeSync(word.control);
  };
  return { ...host, machines: own, guestStarts };
}

/** The same for a guest that is served: it has the sockets for its own, and says when it serves on them. */
export async function standByToServe(
  text: string,
  file: string,
  { machines, ...host }: Host,
  tune: () => Promise<void>,
): Promise<Host> {
  const word = parse(text);
  await attempt(tune);
  const { suspending } = machines;
  const made = await attempt(async () => attached(await suspending.posix({ ...allNeeds, ownsEventLoop: true }), word));
  await attempt(async () => warmUp(file));
  await loadServer();
  wait(word);
  return {
    ...host,
    machines: { ...machines, suspending: { ...suspending, posix: async () => made() } },
    supervised: {
      sockets: word.sockets,
      serving: () => void writeSync(word.control, SERVING),
      shutdownAsked: () => void writeSync(word.control, SHUTDOWN_ASKED),
    },
  };
}

function parse(text: string): Word {
  const [parent = 0, control = 0, ...sockets] = text.slice(SUPERVISED.length).split(",").map(Number);
  return { parent, control, sockets };
}

/** A guest that computes, or sleeps in the kernel, would not see that nobody watches it any more. */
function attached<M extends Machine>(machine: M, { parent }: Word): M {
  machine.endWithParent?.();
  // It is told of an end that is yet to come.
  if (process.ppid !== parent) process.exit(0);
  return machine;
}

/** Until the guest shall run. */
function wait({ control }: Word): void {
  if (readSync(control, new Uint8Array(1)) === 0) process.exit(0);
}

/** What fails now, before there is a guest to fail, is tried again when its result is asked for. */
async function attempt<T>(make: () => Promise<T>): Promise<() => T | Promise<T>> {
  try {
    const made = await make();
    return () => made;
  } catch {
    return make;
  }
}

/** The engine compiles the functions that read a component when they are first called. */
function warmUp(file: string): void {
  const bytes = readModule(file);
  if (isCoreModule(bytes)) compile(bytes);
  else mistyped(parseComponent(bytes, allFeatures).type);
}

/** What is loaded when there is something to serve. */
async function loadServer(): Promise<void> {
  await Promise.all([
    import("../serve/serve-file.ts"),
    import("../../run/serve/serve-component.ts"),
    import("../../run/serve/handler.ts"),
    import("../../run/serve/incoming-handler.ts"),
    import("../../component/link/suspending.ts"),
    import("../../component/link/resetting.ts"),
    import("../../wasi/component/http.ts"),
  ]);
}
