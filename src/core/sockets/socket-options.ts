import type { TcpOption, UdpOption } from "../../machine/sockets.ts";

/** The values that a socket option accepts (wasmtime's rules; section "TCP socket options" of WASI's docs). */
export interface OptionRule {
  /** When 0 is refused with invalid-argument: before the socket's state is checked, after that, or never. */
  readonly zeroRefused: "before-state" | "after-state" | "never";
  /** The range to which values are clamped; ns for durations, bytes for sizes. */
  readonly min: number;
  readonly max: number;
}

const duration: OptionRule = { zeroRefused: "before-state", min: 1e9, max: 32767e9 };
const hopLimit: OptionRule = { zeroRefused: "after-state", min: 1, max: 255 };
const bufferSize: OptionRule = { zeroRefused: "after-state", min: 1, max: 0x7fffffff };

export const optionRules: { readonly [option in TcpOption | UdpOption]: OptionRule } = {
  "keep-alive-enabled": { zeroRefused: "never", min: 0, max: 1 },
  "keep-alive-idle-time": duration,
  "keep-alive-interval": duration,
  "keep-alive-count": { zeroRefused: "before-state", min: 1, max: 127 },
  "hop-limit": hopLimit,
  "unicast-hop-limit": hopLimit,
  "receive-buffer-size": bufferSize,
  "send-buffer-size": bufferSize,
};

export function clamp(value: number, { min, max }: OptionRule): number {
  return Math.min(Math.max(value, min), max);
}
