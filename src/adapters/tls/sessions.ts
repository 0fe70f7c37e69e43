/** TLS by node:tls, which all three runtimes have. It knows nothing of HTTP. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { connect, rootCertificates, type TLSSocket } from "node:tls";
import { TLS_WINDOW, type TlsCommand, type TlsEvent, tlsWeight } from "../../machine/tls.ts";
import { granted } from "../process/granted.ts";

type Connect = TlsCommand & { readonly type: "connect" };

let given: { readonly ca?: string[] } | undefined;

/**
 * Certificates that are trusted besides, by the variables that Node, Bun and Deno have for them. Deno's node:tls (2.9) heeds
 * neither, so there they are named beside its own.
 */
function authorities(): { readonly ca?: string[] } {
  if (given !== undefined) return given;
  const names = "Deno" in globalThis ? ["NODE_EXTRA_CA_CERTS", "DENO_CERT"] : [];
  const files = new Set(names.flatMap(fileOf));
  given =
    files.size === 0 ? {} : { ca: [...rootCertificates, ...[...files].map((file) => readFileSync(file, "utf8"))] };
  return given;
}

/** Where Deno would have to ask whether it may read the variable, or the file, there is none. */
function fileOf(variable: string): string[] {
  const file = granted({ name: "env", variable }) ? process.env[variable] : undefined;
  return file && granted({ name: "read", path: file }) ? [file] : [];
}

/** The connections of one channel. Whatever goes wrong with one is that one's failure. */
export class TlsSessions {
  readonly #post: (event: TlsEvent) => void;
  readonly #sessions = new Map<number, TlsSession>();

  constructor(post: (event: TlsEvent) => void) {
    this.#post = post;
  }

  on(command: TlsCommand): void {
    const { id } = command;
    if (command.type === "connect") {
      this.#sessions.set(id, new TlsSession(command, this.#post, () => this.#sessions.delete(id)));
      return;
    }
    // One that is over may still be spoken to: who does has not heard yet.
    const session = this.#sessions.get(id);
    if (command.type === "write") session?.write(new Uint8Array(command.bytes));
    else if (command.type === "taken") session?.taken(command.length);
    else session?.close(command.flush);
  }

  closeAll(): void {
    for (const session of this.#sessions.values()) session.close(false);
  }
}

class TlsSession {
  readonly #id: number;
  readonly #post: (event: TlsEvent) => void;
  readonly #over: () => void;
  #socket: TLSSocket | undefined;
  #stage: "refused" | "insecure" | "broken" = "refused";
  /** The weight that was posted ahead of `taken`. */
  #ahead = 0;
  #done = false;

  constructor(to: Connect, post: (event: TlsEvent) => void, over: () => void) {
    this.#id = to.id;
    this.#post = post;
    this.#over = over;
    try {
      this.#socket = this.#connect(to);
    } catch {
      // A server name that node:tls does not take.
      this.#stage = "insecure";
      queueMicrotask(() => this.#fail());
    }
  }

  #connect({ address, port, serverName }: Connect): TLSSocket {
    const id = this.#id;
    // SNI is of names only (RFC 6066): an address is compared with the certificate as the host.
    const named = serverName === address ? {} : { servername: serverName };
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says: that is for programs of the project, not for guests.
    const options = { ...named, ...authorities(), ALPNProtocols: ["http/1.1"], rejectUnauthorized: true };
    const socket = connect({ host: address, port, ...options });
    socket
      .once("connect", () => {
        this.#stage = "insecure";
      })
      .once("secureConnect", () => {
        this.#stage = "broken";
        this.#post({ type: "secured", id });
      })
      .on("data", (bytes: Buffer) => {
        // A copy: the buffer it lies in is the runtime's, and goes to the guest's thread.
        this.#post({ type: "data", id, bytes: new Uint8Array(bytes).buffer });
        this.#ahead += tlsWeight(bytes.length);
        if (this.#ahead >= TLS_WINDOW) socket.pause();
      })
      .once("end", () => {
        if (!this.#done) this.#post({ type: "end", id });
      })
      .once("error", () => this.#fail())
      .once("close", () => this.#fail());
    return socket;
  }

  write(bytes: Uint8Array): void {
    this.#socket?.write(bytes, () => {
      if (!this.#done) this.#post({ type: "written", id: this.#id, length: bytes.length });
    });
  }

  taken(length: number): void {
    this.#ahead -= length;
    if (this.#ahead < TLS_WINDOW) this.#socket?.resume();
  }

  close(flush: boolean): void {
    if (this.#done) return;
    this.#done = true;
    this.#over();
    const socket = this.#socket;
    if (flush) socket?.end(() => socket.destroy());
    else socket?.destroy();
  }

  #fail(): void {
    if (this.#done) return;
    this.#post({ type: "failed", id: this.#id, stage: this.#stage });
    this.close(false);
  }
}
