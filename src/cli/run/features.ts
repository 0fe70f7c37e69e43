import type { Feature } from "../../component/binary/features.ts";
import type { Settings } from "../options/settings.ts";

/** What a component may use. */
export function allowedFeatures({ wasm }: Settings): ReadonlySet<Feature> {
  const allowed = new Set<Feature>();
  if (wasm["component-model-async"] !== false && wasm["concurrency-support"] !== false) allowed.add("async");
  if (wasm["component-model-error-context"] ?? wasm["all-proposals"]) allowed.add("error-context");
  if (wasm["component-model-threading"] ?? wasm["all-proposals"]) allowed.add("threading");
  return allowed;
}
