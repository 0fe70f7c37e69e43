import { HostFuture, type ValueProducer } from "../../../component/streams.ts";
import type { DirectoryEntryStream } from "../../../core/files/directory-entry-stream.ts";
import { Condition } from "../../../core/wait/condition.ts";
import { type ErrorPayload, failure, type StreamResult, success } from "../../stream-result.ts";
import { descriptorType } from "./descriptor-type.ts";
import { fileError } from "./error-code.ts";
import type { FileFuture } from "./file-streams.ts";

/** `wasi:filesystem/types.directory-entry` */
interface DirectoryEntry {
  readonly type: ReturnType<typeof descriptorType>;
  readonly name: string;
}

/** The most entries that one call produces, so that other work gets the thread in between. */
const MAX_ENTRIES = 1024;

/**
 * Produces the entries of a directory. A name that WASI cannot express ends the stream, as in wasmtime: there is one
 * result for all entries.
 */
export class EntryProducer implements ValueProducer<DirectoryEntry> {
  readonly readiness = Condition.ready();
  readonly over: FileFuture = new HostFuture();
  readonly #entries: DirectoryEntryStream;
  /** How the stream ends, once the last entry is read. */
  #end: StreamResult<ErrorPayload> | undefined;

  constructor(entries: DirectoryEntryStream) {
    this.#entries = entries;
  }

  produce(max: number): readonly DirectoryEntry[] | "closed" {
    const produced: DirectoryEntry[] = [];
    while (produced.length < Math.min(max, MAX_ENTRIES) && this.#end === undefined) {
      const entry = this.#entries.next();
      if (entry === undefined) this.#end = success;
      else if (typeof entry === "string") this.#end = failure(fileError(entry));
      else produced.push({ type: descriptorType(entry.type), name: entry.name });
    }
    if (produced.length > 0 || this.#end === undefined) return produced;
    this.over.resolve(this.#end);
    return "closed";
  }

  drop(): void {
    this.over.resolve(success);
  }
}
