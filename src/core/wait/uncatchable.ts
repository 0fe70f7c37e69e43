/**
 * Errors that a guest cannot catch. `catch_all` catches whatever JavaScript throws, RuntimeErrors that it made itself too, but
 * not a trap: V8 and JavaScriptCore mark the error object of one, and heed the mark wherever that object is thrown.
 */

/** The name that a module of Pollux's own has in its name section: its frames are nobody's. */
export const OWN_MODULE = "pollux";

/** `(module $pollux (func (export "") unreachable))` */
function source(): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, 4, 1, 0x60, 0, 0], // type: () -> ()
    ...[3, 2, 1, 0],
    ...[7, 4, 1, 0, 0, 0], // export: "", func 0
    ...[10, 5, 1, 3, 0, 0x00, 0x0b], // unreachable; end
    ...[0, 14, 4, ...encoder.encode("name"), 0, 7, 6, ...encoder.encode(OWN_MODULE)],
  ]);
}

let unreachable: (() => void) | undefined;

/** The error of a trap that happens now. */
function trapped(): object {
  unreachable ??= new WebAssembly.Instance(new WebAssembly.Module(source())).exports[""] as () => void;
  try {
    unreachable();
  } catch (error) {
    return error as WebAssembly.RuntimeError;
  }
  throw new Error("`unreachable` was passed");
}

/** An error that passes through a guest's frames, whatever it catches. */
export class Uncatchable extends Error {
  constructor(message?: string, options?: ErrorOptions) {
    super(message, options);
    const marked = Object.setPrototypeOf(trapped(), new.target.prototype) as Uncatchable;
    for (const name of ["message", "cause"] as const) {
      const property = Object.getOwnPropertyDescriptor(this, name);
      if (property !== undefined) Object.defineProperty(marked, name, property);
    }
    // biome-ignore lint/correctness/noConstructorReturn: only an engine can make an error with the mark
    return marked;
  }
}

/** A host's error on its way through a guest's frames. */
class Passing extends Uncatchable {
  readonly error: unknown;

  constructor(error: unknown) {
    super();
    this.error = error;
  }
}

/** Makes of a host's error one that passes through a guest's frames; `received` makes of what arrives what it was. */
export function passing(error: unknown): Uncatchable {
  return error instanceof Uncatchable ? error : new Passing(error);
}

/** Throws a host's error through a guest's frames. */
export function throwThrough(error: unknown): never {
  throw passing(error);
}

/** Returns the error that was thrown, of one that has come out of a guest's frames. */
export function received(error: unknown): unknown {
  return error instanceof Passing ? error.error : error;
}
