import type { HostInstance } from "../../../component/host.ts";
import type { WasiHost } from "../../host.ts";

/** `wasi:cli/terminal-input.terminal-input`: says by being there that its stream is a terminal. */
class TerminalInput {}

/** `wasi:cli/terminal-output.terminal-output` */
class TerminalOutput {}

/** `wasi:cli/terminal-input` */
export function terminalInput(): HostInstance {
  return { "terminal-input": TerminalInput };
}

/** `wasi:cli/terminal-output` */
export function terminalOutput(): HostInstance {
  return { "terminal-output": TerminalOutput };
}

/** `wasi:cli/terminal-stdin` */
export function terminalStdin({ terminals }: WasiHost): HostInstance {
  return { "get-terminal-stdin": () => (terminals.stdin ? new TerminalInput() : undefined) };
}

/** `wasi:cli/terminal-stdout` */
export function terminalStdout({ terminals }: WasiHost): HostInstance {
  return { "get-terminal-stdout": () => (terminals.stdout ? new TerminalOutput() : undefined) };
}

/** `wasi:cli/terminal-stderr` */
export function terminalStderr({ terminals }: WasiHost): HostInstance {
  return { "get-terminal-stderr": () => (terminals.stderr ? new TerminalOutput() : undefined) };
}
