import { Trap } from "../../core/wait/errors.ts";
import { componentFaults, type Faults, hostFaults, type Pointee } from "./faults.ts";
import { cannotLeave, type InstanceState, throwOut } from "./state.ts";

export type Realloc = (oldPtr: number, oldSize: number, align: number, newSize: number) => number;

const noBytes = new Uint8Array(0);
const noView = new DataView(noBytes.buffer);

/** The most bytes that are moved faster word by word than by `set`, which needs a view of them (80 ns on Bun, 60 on Node). */
const FEW = 256;

/** A memory as 32-bit words, and as pairs of them. */
export interface GuestWords {
  readonly words: Int32Array<ArrayBuffer>;
  readonly doubles: Float64Array<ArrayBuffer>;
}

/** Returns views of whole words: a memory with pages of one byte may end within one. */
function wordsOf({ buffer }: WebAssembly.Memory): GuestWords {
  return {
    words: new Int32Array(buffer, 0, Math.floor(buffer.byteLength / 4)),
    doubles: new Float64Array(buffer, 0, Math.floor(buffer.byteLength / 8)),
  };
}

/** A guest's memory with its allocator: the `memory` and `realloc` of canonical options. */
export class GuestMemory {
  /** The number of code units of the string stored last (strings.ts): a second result without an allocation. */
  stringLength = 0;
  readonly #memory: WebAssembly.Memory;
  readonly #realloc: Realloc | undefined;
  readonly #state: InstanceState;
  /** The most bytes that strings and lists may copy out in one call, and the rest of it in the current one. */
  readonly #hostcallFuel: number;
  #fuel = 0;
  readonly faults: Faults;
  #forComponents: GuestMemory | undefined;
  /** Made on first use: JavaScriptCore counts the memory behind a view as a reason to collect garbage. */
  #bytes = noBytes;
  #view = noView;
  #words: GuestWords | undefined;

  constructor(
    memory: WebAssembly.Memory,
    realloc: Realloc | undefined,
    state: InstanceState,
    hostcallFuel: number,
    faults: Faults = hostFaults,
  ) {
    this.#memory = memory;
    this.#realloc = realloc;
    this.#state = state;
    this.#hostcallFuel = hostcallFuel;
    this.faults = faults;
  }

  /** The same memory for calls between components, which copy without limit and have other error messages. */
  get forComponents(): GuestMemory {
    this.#forComponents ??= new GuestMemory(this.#memory, this.#realloc, this.#state, Infinity, componentFaults);
    return this.#forComponents;
  }

  /** Returns a view of the memory. Growing detaches the old buffer, which leaves its views empty, as they are at first. */
  bytes(): Uint8Array<ArrayBuffer> {
    if (this.#bytes.length === 0) this.#refresh();
    return this.#bytes;
  }

  view(): DataView<ArrayBuffer> {
    if (this.#bytes.length === 0) this.#refresh();
    return this.#view;
  }

  words(): GuestWords {
    if (this.#bytes.length === 0) this.#refresh();
    this.#words ??= wordsOf(this.#memory);
    return this.#words;
  }

  /** Restores the fuel, as a call begins to lift values that may be long. */
  refuel(): void {
    this.#fuel = this.#hostcallFuel;
  }

  /** Uses fuel for a copy of `length` bytes. @throws Trap if there is not enough for one call */
  burn(length: number): void {
    this.#fuel -= length;
    if (this.#fuel >= 0) return;
    throw new Trap(
      "too much data is being copied between the host and the guest: fuel allocated for hostcalls has been exhausted",
    );
  }

  #refresh(): void {
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#view = new DataView(this.#memory.buffer);
    this.#words = undefined;
  }

  /** Returns the size in bytes. A shared memory grows without detaching its buffer. */
  #size(): number {
    this.#refresh();
    return this.#bytes.length;
  }

  /** Whether `[start, start + length)` lies in memory. */
  holds(start: number, length: number): boolean {
    return start + length <= this.bytes().length || start + length <= this.#size();
  }

  /** Returns `ptr` unsigned if `[ptr, ptr + length)` lies in memory and `ptr` is a multiple of `align`. */
  check(ptr: number, length: number, align: number, pointee: Pointee = "value", allocated = false): number {
    const start = ptr >>> 0;
    const aligned = (start & (align - 1)) === 0;
    if (aligned && start + length <= this.bytes().length) return start;
    const inside = this.holds(start, length);
    if (!aligned || !inside) throw this.faults.pointer({ pointee, align, aligned, inside, allocated });
    return start;
  }

  /** Whether both are views of one memory. */
  isSame(other: GuestMemory | undefined): boolean {
    return other !== undefined && this.#memory === other.#memory;
  }

  /** @param fuel The cost, bytes of what one call may copy */
  checkList(ptr: number, length: number, align: number, fuel = length): number {
    const start = this.check(ptr, length, align, "list");
    this.burn(fuel);
    if (length >= 2 ** 28) throw new Trap("byte size of a list exceeds the maximum of 2^28 - 1");
    return start;
  }

  checkString(ptr: number, length: number, align: number): number {
    const start = this.check(ptr, length, align, "string");
    this.burn(length);
    if (length >= 2 ** 28) throw new Trap("byte size of a string exceeds the maximum of 2^28 - 1");
    return start;
  }

  /** Copies the first `length` bytes of `from` to `ptr`, which has been checked. */
  fill(ptr: number, from: DataView, length: number): void {
    if (length > FEW) {
      this.bytes().set(new Uint8Array(from.buffer, from.byteOffset, length), ptr);
      return;
    }
    const view = this.view();
    let at = 0;
    for (; at + 8 <= length; at += 8) view.setBigUint64(ptr + at, from.getBigUint64(at, true), true);
    for (; at < length; at++) view.setUint8(ptr + at, from.getUint8(at));
  }

  /** Copies `length` bytes of `source`, from `start`, to `ptr`. Both ranges have been checked. */
  copy(ptr: number, source: GuestMemory, start: number, length: number): void {
    if (length > FEW || ((ptr | start) & 3) !== 0 || source.isSame(this)) {
      this.bytes().set(source.bytes().subarray(start, start + length), ptr);
      return;
    }
    const { words: from } = source.words();
    const { words: to } = this.words();
    const first = start >>> 2;
    const target = ptr >>> 2;
    const count = length >>> 2;
    for (let i = 0; i < count; i++) to[target + i] = from[first + i]!;
    const bytes = this.bytes();
    for (let at = count << 2; at < length; at++) bytes[ptr + at] = source.bytes()[start + at]!;
  }

  reallocate(oldPtr: number, oldSize: number, align: number, newSize: number, pointee: Pointee = "value"): number {
    const realloc = this.#realloc!;
    const state = this.#state;
    if (state.endedBy !== undefined) cannotLeave(state.endedBy);
    // If it was entered already, the call that entered it has set the flag.
    const { mayEnter } = state;
    // both stay false if it traps
    if (mayEnter) state.mayEnter = false;
    state.mayLeave = false;
    let start: number;
    try {
      start = realloc(oldPtr, oldSize, align, newSize) >>> 0;
    } catch (error) {
      throwOut(error);
    }
    state.mayLeave = true;
    if (mayEnter) state.mayEnter = true;
    return this.check(start, newSize, align, pointee, true);
  }

  allocate(length: number, align: number, pointee?: Pointee): number {
    return this.reallocate(0, 0, align, length, pointee);
  }
}
