import { UnsupportedRuntime } from "../../machine/unsupported-runtime.ts";
import type { ServeComponent } from "./options.ts";

export const serveComponent: ServeComponent = async () => {
  throw new UnsupportedRuntime("`pollux serve` is not there yet");
};
