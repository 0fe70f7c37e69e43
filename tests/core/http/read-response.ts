import { decoderFor } from "../../../src/core/http/body-framing.ts";
import { framingOf } from "../../../src/core/http/client/response-framing.ts";
import { ResponseHeadParser } from "../../../src/core/http/client/response-head.ts";
import type { HttpField } from "../../../src/core/http/error-code.ts";
import { latin1 } from "../../../src/core/http/fields.ts";

/** What a response in these pieces reads as, by the parts of the client that know no connection; as text, to compare. */
export function readResponse(pieces: readonly Uint8Array[], method: string, most: number): string {
  const parser = new ResponseHeadParser();
  const into = new Uint8Array(Math.max(most, 1));
  let decoder: ReturnType<typeof decoderFor> | undefined;
  let said = "";
  let body = "";
  for (const piece of pieces) {
    let at = 0;
    while (parser.head === undefined && at < piece.length) {
      const end = parser.push(piece, at, piece.length);
      if (end === undefined) return "no head";
      at = end;
    }
    if (parser.head === undefined) continue;
    if (decoder === undefined) {
      const framing = framingOf(parser.head, method);
      if (framing === undefined) return "no framing";
      said = `${parser.head.status} ${fieldsOf(parser.head.headers)}`;
      decoder = decoderFor(framing);
    }
    for (let rest = piece.subarray(at); rest.length > 0 && !decoder.done; rest = rest.subarray(decoder.consumed)) {
      const count = decoder.decode(rest, into, into.length);
      if (count > into.length || decoder.consumed > rest.length) throw new Error("more than there is");
      if (count === 0 && decoder.consumed === 0 && !decoder.broken) throw new Error("it does not go on");
      body += latin1(into.subarray(0, count));
      if (decoder.broken) return `${said} ${body} broken`;
    }
  }
  if (decoder === undefined) return "no end of the head";

  const trailers = decoder.trailers === undefined ? "" : ` ${fieldsOf(decoder.trailers)}`;
  return `${said} ${body} ${decoder.done || decoder.end() ? "complete" : "incomplete"}${trailers}`;
}

function fieldsOf(fields: readonly HttpField[]): string {
  return fields.map(([name, value]) => `${name}=${latin1(value)}`).join("&");
}
