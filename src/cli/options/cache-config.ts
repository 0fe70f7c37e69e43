/** -C cache-config: wasmtime's settings of its cache, which Pollux checks and does without. Loaded only when asked for. */
import { Failure } from "../output/failure.ts";
import { isTable, type Table, TomlFile } from "./toml-file.ts";

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
  const file = new TomlFile(path, {
    unread: `failed to read config file: ${path}`,
    malformed: `failed to parse config file: ${path}`,
  });
  const check = (table: Table, name: string | undefined, known: readonly string[]) => {
    const unknown = Object.keys(table).find((each) => !known.includes(each));
    if (unknown !== undefined) throw file.unknown(name, unknown, known);
  };
  check(file.root, undefined, ["cache"]);
  const { cache } = file.root;
  if (!isTable(cache)) throw file.wrongAt({ line: 1, column: 1, length: 1 }, "missing field `cache`");
  check(cache, "cache", fields);
  const { directory } = cache;
  if (typeof directory === "string" && !directory.startsWith("/"))
    throw new Failure(`Cache directory path has to be absolute, path: ${directory}`);
}
