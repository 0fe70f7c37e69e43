/** A running server, of echoes or of HTTP, its idle connections, and loads on it. */
import type { Bench } from "./bench.ts";
import { CommandFailed, nameOf, run, type Server, serve } from "./process.ts";

/** A load generator with its mode and arguments, without port and duration. */
export interface Load {
  readonly program: "load" | "udp" | "http";
  readonly mode: string;
  readonly shape: readonly string[];
}

export const sixteenConnections: Load = { program: "load", mode: "echo", shape: ["16", "64"] };

export interface EchoServer {
  readonly port: string;
  readonly server: Server;
  /** The processes that hold its idle connections. */
  readonly holders: Server[];
}

/** Starts one that prints its port. */
export async function startServer(command: readonly string[]): Promise<EchoServer> {
  const server = await serve(command, /(?:listening on |Serving HTTP on http:\/\/)127\.0\.0\.1:(\d+)/);
  return { port: server.ready[1]!, server, holders: [] };
}

/** Starts one on a listener that its host opens on `port`. */
export async function startListening(command: readonly string[], port: number): Promise<EchoServer> {
  return { port: `${port}`, server: await serve(command, /listening on FD 3/), holders: [] };
}

/** Makes a server's code hot with a load that is not measured. */
export async function warmUp(bench: Bench, echo: EchoServer, by: Load, seconds = 1): Promise<void> {
  await load(bench, echo, by, bench.quick ? "0.4" : `${seconds}`);
}

export async function endServer(echo: EchoServer | undefined): Promise<void> {
  if (echo !== undefined) await Promise.all([echo.server, ...echo.holders].map((process) => process.end()));
}

/** Brings a server's idle connections up to `count`. @param path Of HTTP: each has had a GET of it answered */
export async function openIdle(bench: Bench, echo: EchoServer, count: number, path?: string): Promise<void> {
  const open = echo.holders.reduce((sum, holder) => sum + Number(holder.ready[1]), 0);
  if (count <= open) return;
  const words = ["idle", echo.port, `${count - open}`];
  const command = path === undefined ? [bench.tools.load, ...words] : [bench.tools.http, ...words, path];
  echo.holders.push(await withServerFate(echo, serve(command, /"opened":(\d+)/, 90_000)));
}

export interface Throughput {
  readonly perSecond: number;
  readonly done: number;
  /** Datagrams that did not come back. */
  readonly lost?: number;
  /** Responses that were not as expected, and what was wrong with the first. */
  readonly errors?: number;
  readonly firstError?: string;
}

/** Runs the load generator for `seconds`. Throws CommandFailed when nothing came back, or something wrong. */
export async function load(
  bench: Bench,
  echo: EchoServer,
  { program, mode, shape }: Load,
  seconds: string,
): Promise<Throughput> {
  const command = [bench.tools[program], mode, echo.port, ...shape, seconds];
  const { stdout } = await withServerFate(echo, run(command, 10_000));
  const throughput = JSON.parse(stdout) as Throughput;
  const { done, errors = 0, firstError } = throughput;
  if (errors > 0) throw new CommandFailed(`${nameOf(command)}: ${errors} of ${done + errors} wrong: ${firstError}`);
  if (done === 0) throw new CommandFailed(`${nameOf(command)}: nothing came back`);
  return throughput;
}

/** Adds to a failure how the server has ended, if it has. */
async function withServerFate<T>(echo: EchoServer, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const fate = echo.server.ended();
    if (!(error instanceof CommandFailed) || fate === undefined) throw error;
    throw new CommandFailed(`the server ended, ${fate}`);
  }
}
