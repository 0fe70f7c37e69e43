import type { HostInstance } from "../component/host.ts";
import type { WasiHost } from "./host.ts";

/**
 * `wasi:cli/terminal-*`, the same in every version, by their names without it. A resource `terminal-input` or `terminal-output`
 * carries nothing: it says by being there that its stream is a terminal.
 */
export function terminalInterfaces({ terminals }: WasiHost): Readonly<Record<string, HostInstance>> {
  class TerminalInput {}
  class TerminalOutput {}
  return {
    "wasi:cli/terminal-input": { "terminal-input": TerminalInput },
    "wasi:cli/terminal-output": { "terminal-output": TerminalOutput },
    "wasi:cli/terminal-stdin": { "get-terminal-stdin": () => (terminals.stdin ? new TerminalInput() : undefined) },
    "wasi:cli/terminal-stdout": { "get-terminal-stdout": () => (terminals.stdout ? new TerminalOutput() : undefined) },
    "wasi:cli/terminal-stderr": { "get-terminal-stderr": () => (terminals.stderr ? new TerminalOutput() : undefined) },
  };
}
