/**
 * Errors that a guest cannot catch. `catch_all` catches every JavaScript exception, including RuntimeErrors that JavaScript made,
 * but not a trap: V8 and JavaScriptCore mark the error object of a trap, and respect the mark wherever that object is thrown again.
 */

/** The module name of Pollux's own modules, in their name sections. Their frames are left out of stacks. */
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

/** Returns the error of a trap that happens now. */
function trapped(): object {
  unreachable ??= new WebAssembly.Instance(new WebAssembly.Module(source())).exports[""] as () => void;
  try {
    unreachable();
  } catch (error) {
    return error as WebAssembly.RuntimeError;
  }
  throw new Error("`unreachable` was passed");
}

/** An error that passes through a guest's frames without being caught. */
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

/** Wraps a host's error so that it passes through a guest's frames. `received` unwraps it. */
export function passing(error: unknown): Uncatchable {
  return error instanceof Uncatchable ? error : new Passing(error);
}

/** Throws a host's error through a guest's frames. */
export function throwThrough(error: unknown): never {
  throw passing(error);
}

/** Returns the original error of one that has come out of a guest's frames. */
export function received(error: unknown): unknown {
  return error instanceof Passing ? error.error : error;
}
