/** Hosts a plugin, and gives it a resource of its own: node host.ts */
import { readFile } from "node:fs/promises";
import { instantiate } from "../../src/index.ts"; // "pollux"

interface Plugin {
  visit(page: string): number;
}

const buckets = new Map<string, Map<string, string>>();

/** The plugin's `bucket`: it has a handle, and never sees the object. */
class Bucket {
  readonly #entries: Map<string, string>;

  constructor(name: string) {
    this.#entries = buckets.get(name) ?? new Map();
    buckets.set(name, this.#entries);
  }

  get(key: string): string | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: string): void {
    this.#entries.set(key, value);
  }
}

const bytes = await readFile(new URL("plugin.wasm", import.meta.url));
const imports = { "example:plugins/storage": { Bucket } };
// Python needs WASI; the plugin is given nothing of it: no network, no files.
await using plugin = await instantiate<Plugin>(bytes, imports, { wasi: { stderr: "inherit" } });
for (const page of ["/", "/docs", "/"]) console.log(`${page}: visit ${plugin.visit(page)}`);
console.log([...(buckets.get("visits") ?? [])].join(" "));
