/**
 * `--soak`: minutes of mixed sizes, half-closes, resets and slow readers (native/soak.c, which accounts for every byte) against
 * the echo guest, one host after the other. What Pollux may not do meanwhile is grow: see soak-checks.ts.
 */
import { commandsFor } from "./bench.ts";
import { run, serve } from "./process.ts";
import { guestPath, type Runner } from "./runners.ts";
import { type Check, soakEach, watched } from "./soak-checks.ts";
import type { NativeTools } from "./tools.ts";

const connections = "64";

interface Accounts {
  readonly echo: number;
  readonly slow: number;
  readonly reset: number;
  readonly silent: number;
  /** Bytes; those that were sent and not echoed belong to connections that the client reset. */
  readonly sent: number;
  readonly echoed: number;
  readonly unread: number;
}

/** Soaks each runner for so long, printing what came out. Answers whether all of them held. */
export async function soak(tools: NativeTools, runners: readonly Runner[], seconds: number): Promise<boolean> {
  const commands = commandsFor(runners, guestPath("tcpecho"), ["127.0.0.1:0", "--no-ticks"]);
  return await soakEach(
    runners.filter(({ id }) => commands.has(id)),
    ({ title }) => `${title}, ${seconds} s, ${connections} connections at a time`,
    (runner) => soakOne(tools, commands.get(runner.id)!, seconds),
  );
}

async function soakOne(tools: NativeTools, command: readonly string[], seconds: number): Promise<readonly Check[]> {
  const server = await serve(command, /listening on 127\.0\.0\.1:(\d+)/);
  try {
    const client = async (duration: number): Promise<Accounts> => {
      const words = [tools.soak, server.ready[1]!, connections, `${duration}`, "1"];
      return JSON.parse((await run(words, duration * 1000 + 60_000)).stdout) as Accounts;
    };
    const { result, checks } = await watched(
      server,
      () => client(1),
      () => client(seconds),
    );
    return [accountsCheck(result), ...checks];
  } finally {
    await server.end();
  }
}

function accountsCheck({ echo, slow, reset, silent, sent, echoed, unread }: Accounts): Check {
  return [
    sent === echoed + unread,
    `${echo} echoed and ended, ${slow} read slowly, ${reset} reset, ${silent} silent; ${gibibytes(sent)} GiB sent = ${gibibytes(echoed)} echoed + ${gibibytes(unread)} of the reset ones`,
  ];
}

function gibibytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(3);
}
