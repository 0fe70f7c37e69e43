import type { CoreFunction } from "../../wasm/types.ts";
import { encodeName, encodeOwnModule } from "../../wasm/writer.ts";

/** The values that `context.get` and `context.set` read and write. */
export interface Slots {
  slot0: number;
  slot1: number;
}

const I32 = 0x7f;
const SLOTS = [0, 1] as const;

/**
 *     (module (global (export "slot0") (mut i32) (i32.const 0)) ...
 *       (func (export "get0") (result i32) (global.get 0)) (func (export "set0") (param i32) (global.set 0 (local.get 0))) ...)
 */
function encode(): Uint8Array<ArrayBuffer> {
  const zero = [I32, 1, 0x41, 0, 0x0b]; // (mut i32) i32.const 0
  const body = (...code: readonly number[]) => [code.length + 2, 0, ...code, 0x0b];
  const bodies = SLOTS.flatMap((slot) => [...body(0x23, slot), ...body(0x20, 0, 0x24, slot)]);
  const exports = SLOTS.flatMap((slot) => [
    ...[...encodeName(`get${slot}`), 0, 2 * slot],
    ...[...encodeName(`set${slot}`), 0, 2 * slot + 1],
    ...[...encodeName(`slot${slot}`), 3, slot],
  ]);
  return encodeOwnModule(
    [1, [2, 0x60, 0, 1, I32, 0x60, 1, I32, 0]],
    [3, [4, 0, 1, 0, 1]],
    [6, [2, ...zero, ...zero]],
    [7, [6, ...exports]],
    [10, [4, ...bodies]],
  );
}

let module: WebAssembly.Module | undefined;

type Accessors = Readonly<Record<"get0" | "get1", () => number> & Record<"set0" | "set1", (value: number) => void>>;
type Globals = Readonly<Record<"slot0" | "slot1", WebAssembly.Global>>;

/**
 * The context slots of the current task, in globals of a module of their own. A guest reads and writes them in each call, the host
 * only when another task runs. The module is made when a component first needs its functions.
 */
export class ContextSlots {
  #accessors: (Accessors & Globals) | undefined;
  #of: Slots | undefined;

  /** Whether a guest can see the slots. */
  get used(): boolean {
    return this.#accessors !== undefined;
  }

  /** The task or call whose values the globals have; undefined if they have never been loaded. */
  get loaded(): Slots | undefined {
    return this.#of;
  }

  /** Returns the function that implements a built-in. */
  builtin(kind: "context.get" | "context.set", slot: 0 | 1): CoreFunction {
    return this.#made()[`${kind === "context.get" ? "get" : "set"}${slot}`] as CoreFunction;
  }

  /** The globals themselves, for code that saves and restores their values. */
  get globals(): Globals {
    const { slot0, slot1 } = this.#made();
    return { slot0, slot1 };
  }

  #made(): Accessors & Globals {
    module ??= new WebAssembly.Module(encode());
    this.#accessors ??= new WebAssembly.Instance(module).exports as Accessors & Globals;
    return this.#accessors;
  }

  /** The loaded slots. If there are none, new ones that belong to no task. */
  get own(): Slots {
    this.#of ??= { slot0: 0, slot1: 0 };
    return this.#of;
  }

  /** Switches to the slots of another task. */
  load(slots: Slots): void {
    if (this.#of === slots) return;
    const accessors = this.#accessors;
    if (accessors !== undefined) {
      if (this.#of !== undefined) {
        this.#of.slot0 = accessors.get0();
        this.#of.slot1 = accessors.get1();
      }
      accessors.set0(slots.slot0);
      accessors.set1(slots.slot1);
    }
    this.#of = slots;
  }
}
