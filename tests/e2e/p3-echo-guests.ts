import type { EchoGuest } from "./echo-suite.ts";
import { buildPythonGuest, guestFile } from "./host.ts";
import { p3 } from "./p3.ts";

/** Echo servers of WASI 0.3: Rust's by each of its means, and CPython's. */
export function p3EchoGuests(): readonly EchoGuest[] {
  const rust = ["echo", "splice", "timeout"].map((mode) => ({
    name: `WASI 0.3 from Rust, ${mode},`,
    file: p3.file,
    args: ["server", mode],
    inUse: /^listen: ErrorCode::AddressInUse$/m,
    skip: p3.skip,
  }));
  const python = {
    name: "WASI 0.3 from CPython",
    file: guestFile("build/pyp3"),
    inUse: /^listen: ErrorCode_AddressInUse$/m,
    skip: buildPythonGuest("pyp3"),
  };
  return [...rust, python];
}
