import type { HttpField } from "../../core/http/error-code.ts";
import type { IncomingRequestHead, ServedRequest } from "../../core/http/message.ts";

/** Returns a request's head as the guest sees it: `fields` replace those of the same names. */
export function headOf({ head }: ServedRequest, fields: readonly HttpField[]): IncomingRequestHead {
  if (fields.length === 0) return head;
  const { method, path, authority, scheme, minor } = head;
  const names = new Set(fields.map(([name]) => name));
  const kept = head.headers.filter(([name]) => !names.has(name));
  return { method, path, authority, scheme, minor, headers: [...kept, ...fields] };
}
