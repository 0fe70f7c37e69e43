import type { HostInstance } from "../../../component/host.ts";
import type { HttpErrorCode, HttpField } from "../../../core/http/error-code.ts";
import { FieldMap, type HeaderError } from "../../../core/http/fields.ts";
import type { StreamResult } from "../../stream-result.ts";

/** `wasi:http/types.fields` */
export class Fields {
  readonly map: FieldMap;

  constructor(map: FieldMap) {
    this.map = map;
  }
}

/** How a body ended: with trailers or without, or with an error. */
export type Trailers =
  | { readonly tag: "ok"; readonly val: Fields | undefined }
  | { readonly tag: "err"; readonly val: HttpErrorCode };

/** How the transmission of a message ended. */
export type Transmission = StreamResult<HttpErrorCode>;

function orThrow<T>(result: T | HeaderError): Exclude<T, string> {
  if (typeof result === "string") throw { tag: result };
  return result as Exclude<T, string>;
}

/**
 * Makes the functions of `wasi:http/types.fields`. A failure is thrown as `header-error`.
 *
 * @param maxSize the most that one `fields` may hold, bytes
 */
export function fieldsFunctions(maxSize: number): HostInstance {
  return {
    fields: Fields,
    "[constructor]fields": () => new Fields(new FieldMap(maxSize)),
    "[static]fields.from-list": (entries: readonly HttpField[]) =>
      new Fields(orThrow(FieldMap.fromList(maxSize, entries))),
    "[method]fields.get": (self: Fields, name: string) => self.map.get(name),
    "[method]fields.has": (self: Fields, name: string) => self.map.has(name),
    "[method]fields.set": (self: Fields, name: string, values: readonly Uint8Array[]) =>
      orThrow(self.map.set(name, values)),
    "[method]fields.delete": (self: Fields, name: string) => orThrow(self.map.delete(name)),
    "[method]fields.get-and-delete": (self: Fields, name: string) => orThrow(self.map.take(name)),
    "[method]fields.append": (self: Fields, name: string, value: Uint8Array) => orThrow(self.map.append(name, value)),
    "[method]fields.copy-all": (self: Fields) => self.map.entries(),
    "[method]fields.clone": (self: Fields) => new Fields(self.map.clone()),
  };
}
