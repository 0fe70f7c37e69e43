import { detachStart } from "../../wasm/detach-start.ts";
import { promising, suspension } from "../../wasm/jspi.ts";
import { type HostFunction, mayWait, type ResourceClass } from "../host.ts";

/** How the instances of one component are suspended. Loaded only for guests that are. */
export class Suspending {
  /**
   * `marked`: only functions and classes that are marked with `mayWait` answer promises; `all`:
   * all may, that are not marked with false.
   */
  readonly #imports: "marked" | "all";

  constructor(imports: "marked" | "all") {
    this.#imports = imports;
  }

  mayWait(given: HostFunction | ResourceClass): boolean {
    const marked = (given as { readonly [mayWait]?: boolean })[mayWait];
    return marked ?? this.#imports === "all";
  }

  readonly detachStart = detachStart;
  readonly suspension = suspension;
  readonly promising = promising;
}
