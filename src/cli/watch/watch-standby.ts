/**
 * The other end of `--watch` (watch.ts): a process that has loaded and made all that a guest needs, and waits until it is told
 * to run it. What a guest's start costs is thus paid before its file changes.
 */
import { closeSync, readSync, statSync } from "node:fs";
import process from "node:process";
import { parseComponent } from "../../component/binary/parse.ts";
import type { Machine } from "../../machine/machine.ts";
import { allParts, type Machines } from "../../machine/machines.ts";
import { mistyped } from "../../wasi/component/mistyped.ts";
import { compile } from "../../wasm/compile.ts";
import { SUPERVISED } from "../options/commands.ts";
import { isCoreModule, readModule } from "../run/module-file.ts";

/**
 * Returns when the guest shall run; ends the process when whoever started it is gone.
 *
 * @param word `--supervised=PARENT,CONTROL[,KEPT...]`: the process that started this one, the fd to wait on, and those of
 * sockets that outlive the process.
 * @param file The guest's, as it is now: it may be another, or whole, when it runs.
 */
export async function standBy(word: string, file: string, machines: Machines): Promise<Machines> {
  const [parent, control = 0, ...kept] = word.slice(SUPERVISED.length).split(",").map(Number);
  const made = await attempt(async () => {
    const machine = await machines.blocking(statSync(file).size, false, allParts);
    // A guest that computes, or sleeps in the kernel, would not see that nobody watches it any more.
    machine.endWithParent?.();
    // It is told of an end that is yet to come.
    if (process.ppid !== parent) process.exit(0);
    return machine;
  });
  await attempt(async () => warmUp(file));
  if (readSync(control, new Uint8Array(1)) === 0) process.exit(0);
  closeSync(control);
  const keeping = <M extends Machine>(machine: M): M => {
    if (kept.length > 0) machine.net.keepListeners?.(kept);
    return machine;
  };
  const { suspending } = machines;
  return {
    blocking: async (size, threads, parts) => keeping(await (threads ? machines.blocking(size, true, parts) : made())),
    suspending: { ...suspending, posix: async (parts) => keeping(await suspending.posix(parts)) },
  };
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
  else mistyped(parseComponent(bytes).type);
}
