/** The start of a guest's thread: a function from a table, whose type is only known at run time. */
import { promising } from "../../wasm/jspi.ts";
import type { CoreFunction } from "../../wasm/types.ts";
import { encodeName, encodeOwnModule } from "../../wasm/writer.ts";

const [I32, FUNCREF] = [0x7f, 0x70];

/**
 *     (module (type $start (func (param i32)))
 *       (func (export "fits") (param funcref) (result i32) (ref.test (ref $start) (local.get 0)))
 *       (func (export "call") (param funcref i32) (call_ref $start (local.get 1) (ref.cast (ref $start) (local.get 0)))))
 */
function encode(): Uint8Array<ArrayBuffer> {
  const types = [
    [0x60, 1, I32, 0],
    [0x60, 1, FUNCREF, 1, I32],
    [0x60, 2, FUNCREF, I32, 0],
  ].flat();
  const fits = [0, 0x20, 0, 0xfb, 0x14, 0, 0x0b];
  const call = [0, 0x20, 1, 0x20, 0, 0xfb, 0x16, 0, 0x14, 0, 0x0b];
  return encodeOwnModule(
    [1, [3, ...types]],
    [3, [2, 1, 2]],
    [7, [2, ...encodeName("fits"), 0, 0, ...encodeName("call"), 0, 1]],
    [10, [2, fits.length, ...fits, call.length, ...call]],
  );
}

interface ThreadStart {
  /** Whether a function of a table takes an i32 and returns nothing. */
  fits(func: CoreFunction): boolean;
  /** Calls such a function, which may be suspended. */
  call(func: CoreFunction, value: number): Promise<unknown>;
}

let made: ThreadStart | undefined;

/** Makes the helper module, when a component first has threads. It has no state. */
export function threadStart(): ThreadStart {
  if (made === undefined) {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(encode()));
    const fits = exports["fits"] as (func: CoreFunction) => number;
    const call = promising(exports["call"] as CoreFunction) as ThreadStart["call"];
    made = { fits: (func) => fits(func) !== 0, call };
  }
  return made;
}
