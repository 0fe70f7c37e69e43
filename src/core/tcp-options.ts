import type { TcpOption } from "../adapters/contract.ts";

/** When a zero is refused: before the socket's state is looked at (wasmtime), or after. */
export interface TcpOptionRule {
  /** Zero is invalid-argument. */
  readonly zeroRefused: "before-state" | "after-state" | "never";
  /** The values that the machine is given, clamped; ns for durations, bytes for sizes. */
  readonly min: number;
  readonly max: number;
}

const duration: TcpOptionRule = { zeroRefused: "before-state", min: 1e9, max: 32767e9 };
const bufferSize: TcpOptionRule = { zeroRefused: "after-state", min: 1, max: 0x7fffffff };

export const tcpOptionRules: { readonly [option in TcpOption]: TcpOptionRule } = {
  "keep-alive-enabled": { zeroRefused: "never", min: 0, max: 1 },
  "keep-alive-idle-time": duration,
  "keep-alive-interval": duration,
  "keep-alive-count": { zeroRefused: "before-state", min: 1, max: 127 },
  "hop-limit": { zeroRefused: "after-state", min: 1, max: 255 },
  "receive-buffer-size": bufferSize,
  "send-buffer-size": bufferSize,
};
