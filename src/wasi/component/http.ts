/** `wasi:http` of every version. Loaded only for a guest that gets it. */
import type { HostImports } from "../../component/host.ts";
import type { ComponentType } from "../../component/types/types.ts";
import type { HttpContext } from "../../core/http/client/dial.ts";
import { TlsClient } from "../../core/http/client/tls.ts";
import { MAX_FIELDS_SIZE } from "../../core/http/fields.ts";
import type { Machine } from "../../machine/machine.ts";
import type { OpenTls } from "../../machine/tls.ts";
import type { MakeImports, WasiHost } from "../host.ts";
import type { HttpHost } from "../http/host.ts";
import { importsPackage } from "../imports-package.ts";
import type { Wanted } from "../interfaces.ts";
import { p2, p3 } from "../versions.ts";

export interface HttpOptions {
  /** The most that one `fields` may hold, bytes. */
  readonly maxFieldsSize?: number | undefined;
  /** Whether the guest gets WASI 0.3; default true. */
  readonly hasP3?: boolean;
}

type MakeHttp = (http: HttpHost, wanted?: Wanted) => HostImports;

/**
 * Loads the versions of `wasi:http` that a component imports. Nothing starts before its first request, and everything
 * ends with the host's `Poll`.
 */
export async function loadHttp(
  machine: Machine,
  type: ComponentType,
  { maxFieldsSize = MAX_FIELDS_SIZE, hasP3 = true }: HttpOptions = {},
): Promise<MakeImports> {
  const made: MakeHttp[] = [];
  if (importsPackage(type, "wasi:http", p2)) made.push((await import("../p2/http/imports.ts")).httpImports);
  if (hasP3 && importsPackage(type, "wasi:http", p3)) made.push((await import("../p3/http/imports.ts")).httpImports);
  const openTls = made.length === 0 ? undefined : await machine.loadTls?.();
  return (host, wanted) => {
    const http = { ...httpContext(host, openTls), maxFieldsSize };
    return Object.assign({}, ...made.map((make) => make(http, wanted)));
  };
}

/** Makes the context of one guest's requests. @param openTls from `Machine.loadTls` */
export function httpContext({ machine, poll, policy }: WasiHost, openTls: OpenTls | undefined): HttpContext {
  return { machine, poll, policy, tls: openTls && new TlsClient(poll, machine.buffer, openTls) };
}
