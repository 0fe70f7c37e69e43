/** What guests are suspended by while they wait (JSPI). Loaded only for those that are. */
import { detachStart } from "../../wasm/edit/detach-start.ts";
import { promising, promisingAtOnce, suspension } from "../../wasm/jspi.ts";

export const suspending = { detachStart, suspension, promising, promisingAtOnce };

export type Suspending = typeof suspending;
