import { P2_TRACK } from "../../wasi/versions.ts";
import type { Handler as HandlerExport } from "../../wasi/worlds.ts";
import type { HandlerInstance } from "./instance-pool.ts";
import type { Service } from "./service.ts";

/** Makes the instance of that number. */
export type MakeInstance = (service: Service, id: number) => Promise<HandlerInstance>;

/** Loads what makes instances that answer by that export. */
export async function instanceMaker({ track }: HandlerExport): Promise<MakeInstance> {
  if (track === P2_TRACK) {
    const { IncomingHandler } = await import("./incoming-handler.ts");
    return (service, id) => IncomingHandler.link(service, id);
  }
  const { Handler } = await import("./handler.ts");
  return (service, id) => Handler.link(service, id);
}
