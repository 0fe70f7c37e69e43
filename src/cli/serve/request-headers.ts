/** `--header`: fields that each request is given. Read once the file is known to be a component, in wasmtime's words. */
import type { HttpField } from "../../core/http/error-code.ts";
import { MAX_NAME, token } from "../../core/http/fields.ts";
import { Failure } from "../output/failure.ts";
import { nodeFs } from "../output/node-fs.ts";
import { osError } from "../output/os-error.ts";

/** The file that `--header` names, if it does. */
export function headerFile(given: string): readonly string[] {
  return given.startsWith("@") ? [given.slice(1)] : [];
}

/** @param given `name: value`, or `@FILE`, in order @throws Failure */
export function requestHeaders(given: readonly string[]): HttpField[] {
  return given.flatMap((each) => {
    const [file] = headerFile(each);
    const lines = file === undefined ? [each] : readLines(file).filter((line) => line.trim() !== "");
    return lines.map(parseHeader);
  });
}

function readLines(path: string): string[] {
  const failed = (cause: string) => new Failure(`failed to read header file \`${path}\``, [cause]);
  let bytes: Uint8Array;
  try {
    bytes = nodeFs().readFileSync(path);
  } catch (error) {
    if (error instanceof Error) throw failed(osError(error));
    throw error;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes).split(/\r?\n/);
  } catch (error) {
    if (error instanceof TypeError) throw failed("stream did not contain valid UTF-8");
    throw error;
  }
}

function parseHeader(text: string): HttpField {
  const at = text.indexOf(":");
  if (at < 0) throw new Failure(`header \`${text}\` is missing \`:\``);
  const name = text.slice(0, at).trim();
  const value = new TextEncoder().encode(text.slice(at + 1).trimStart());
  if (name.length > MAX_NAME || !token.test(name))
    throw new Failure(`invalid header name in header \`${text}\``, ["invalid HTTP header name"]);
  if (!value.every(mayStand))
    throw new Failure(`invalid header value in header \`${text}\``, ["failed to parse header value"]);
  return [name.toLowerCase(), value];
}

/** RFC 9110, section 5.5: no control but a tab. */
function mayStand(byte: number): boolean {
  return byte === 9 || (byte >= 32 && byte !== 127);
}
