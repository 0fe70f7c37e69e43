import { P2_TRACK } from "../../wasi/versions.ts";
import type { Handler } from "../../wasi/worlds.ts";
import type { HandlerInstance } from "./instance-pool.ts";
import type { Service } from "./service.ts";

/** Makes the instance of that number. */
export type MakeInstance = (service: Service, id: number) => Promise<HandlerInstance>;

/** Loads what makes instances that answer by that export. */
export async function instanceMaker({ track }: Handler): Promise<MakeInstance> {
  if (track === P2_TRACK) {
    const { IncomingHandler } = await import("./incoming-handler.ts");
    return (service, id) => IncomingHandler.link(service, id);
  }
  throw new Error("wasi:http 0.3 is not served yet");
}
