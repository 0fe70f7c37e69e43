import type { HostInstance } from "../../../component/host.ts";

/**
 * Makes `wasi:config/store` of the values given on the command line. `get` returns none for an unknown key; nothing
 * fails.
 */
export function configStore(values: ReadonlyMap<string, string>): HostInstance {
  return {
    get: (key: string) => values.get(key),
    "get-all": () => [...values],
  };
}
