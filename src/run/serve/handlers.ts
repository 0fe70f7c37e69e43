import type { ComponentType } from "../../component/types/types.ts";
import { P2_TRACK, p2 } from "../../wasi/versions.ts";
import { type Handler as HandlerExport, handlerOf, INCOMING_HANDLER, runOf } from "../../wasi/worlds.ts";
import { LinkError, OtherCommandError } from "../../wasm/errors.ts";
import type { HandlerInstance } from "./instance-pool.ts";
import type { Guests } from "./served-guest.ts";

/**
 * Returns the export by which a component handles requests. Called before anything is linked.
 *
 * @throws LinkError in wasmtime's words
 */
export function handlerIn({ exports }: ComponentType): HandlerExport {
  const names = [...exports.keys()];
  const handler = handlerOf(names);
  if (handler !== undefined) return handler;
  const causes = [`no exported instance named \`${p2(INCOMING_HANDLER)}\``];
  const run = runOf(names);
  throw run === undefined
    ? new LinkError(INCOMING_HANDLER, causes)
    : new OtherCommandError(INCOMING_HANDLER, causes, run);
}

/** Makes the instance with that number. */
export type MakeInstance = (guests: Guests, id: number) => Promise<HandlerInstance>;

/** Loads the maker of instances that handle requests by that export. */
export async function instanceMaker({ track }: HandlerExport): Promise<MakeInstance> {
  if (track === P2_TRACK) {
    const { IncomingHandler } = await import("./incoming-handler.ts");
    return (guests, id) => IncomingHandler.link(guests, id);
  }
  const { Handler } = await import("./handler.ts");
  return (guests, id) => Handler.link(guests, id);
}
