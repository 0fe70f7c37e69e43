import { READABLE } from "../../machine/selector.ts";
import type { TlsChannel, TlsEvent } from "../../machine/tls.ts";
import { TlsSessions } from "../tls/sessions.ts";
import type { EventedContext } from "./context.ts";

/** Makes TLS that runs in the runtime's own event loop, beside the guest. */
export function openEventedTls({ selector, sockets }: EventedContext): TlsChannel {
  const source = selector.open();
  const events: TlsEvent[] = [];
  const sessions = new TlsSessions((event) => {
    events.push(event);
    selector.update(source, READABLE);
  });
  const channel: TlsChannel = {
    source,
    broken: false,
    post: (command) => sessions.on(command),
    clear() {},
    receive() {
      const event = events.shift();
      if (events.length === 0) selector.update(source, 0);
      return event;
    },
    close() {
      sockets.delete(channel);
      sessions.closeAll();
    },
  };
  sockets.add(channel);
  return channel;
}
