/** -C cache-config: wasmtime's settings of its cache, which Pollux checks and does without. Loaded only when asked for. */
import { type Place, placeOf, pointAtToml } from "./config-place.ts";
import { Failure } from "./failure.ts";
import { isTable, readText, type Table, tables, unknownField } from "./toml-file.ts";

/** Of wasmtime 48's cache. */
const fields = [
  "directory",
  "worker-event-queue-size",
  "baseline-compression-level",
  "optimized-compression-level",
  "optimized-compression-usage-counter-threshold",
  "cleanup-interval",
  "optimizing-compression-task-timeout",
  "allowed-clock-drift-for-files-from-future",
  "file-count-soft-limit",
  "files-total-size-soft-limit",
  "file-count-limit-percent-if-deleting",
  "files-total-size-limit-percent-if-deleting",
];

/** @throws Failure */
export function checkCacheConfig(path: string): void {
  const text = readText(path, `failed to read config file: ${path}`);
  const wrong = (place: Place, problem: string) =>
    new Failure(`failed to parse config file: ${path}`, [pointAtToml(text, place, problem)]);
  const known = (table: Table, name: string | undefined, names: readonly string[]) => {
    const unknown = Object.keys(table).find((each) => !names.includes(each));
    if (unknown !== undefined) throw wrong(placeOf(text, name, unknown, "key"), unknownField(unknown, names));
  };
  const root = tables(text, (place, problem) => {
    throw wrong(place, problem);
  });
  known(root, undefined, ["cache"]);
  const { cache } = root;
  if (!isTable(cache)) throw wrong({ line: 1, column: 1, length: 1 }, "missing field `cache`");
  known(cache, "cache", fields);
  const { directory } = cache;
  if (typeof directory === "string" && !directory.startsWith("/"))
    throw new Failure(`Cache directory path has to be absolute, path: ${directory}`);
}
