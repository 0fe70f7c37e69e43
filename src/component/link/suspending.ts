/** The code that suspends guests while they wait (JSPI). Loaded only for guests that are suspended. */
import { detachStart } from "../../wasm/edit/detach-start.ts";
import { promising, promisingAtOnce, suspension } from "../../wasm/jspi.ts";

export const suspending = { detachStart, suspension, promising, promisingAtOnce };

export type Suspending = typeof suspending;
