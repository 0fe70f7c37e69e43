/** TLS by node:tls, which all three runtimes have. It knows nothing of HTTP. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { connect, rootCertificates, type TLSSocket } from "node:tls";
import { TLS_WINDOW, type TlsCommand, type TlsEvent, tlsWeight } from "../../machine/tls.ts";
import { granted } from "../process/granted.ts";

type Connect = TlsCommand & { readonly type: "connect" };

let given: { readonly ca?: string[] } | undefined;

/**
 * Returns certificates to trust in addition, from the variables that Node, Bun and Deno have for them. Deno's node:tls
 * (2.9) reads neither variable, so there its own certificates are listed too.
 */
function authorities(): { readonly ca?: string[] } {
  if (given !== undefined) return given;
  const names = "Deno" in globalThis ? ["NODE_EXTRA_CA_CERTS", "DENO_CERT"] : [];
  const files = new Set(names.flatMap(fileOf));
  given =
    files.size === 0 ? {} : { ca: [...rootCertificates, ...[...files].map((file) => readFileSync(file, "utf8"))] };
  return given;
}

/** Returns none if Deno would have to prompt for the variable or the file. */
function fileOf(variable: string): string[] {
  const file = granted({ name: "env", variable }) ? process.env[variable] : undefined;
  return file && granted({ name: "read", path: file }) ? [file] : [];
}

/** The connections of one channel. A failure of one does not affect the others. */
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
    // A session that is over may still get commands, from a guest that does not know yet.
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
  /** The weight of posted data for which no `taken` came yet. */
  #ahead = 0;
  #done = false;

  constructor(to: Connect, post: (event: TlsEvent) => void, over: () => void) {
    this.#id = to.id;
    this.#post = post;
    this.#over = over;
    try {
      this.#socket = this.#connect(to);
    } catch {
      // node:tls rejects the server name.
      this.#stage = "insecure";
      queueMicrotask(() => this.#fail());
    }
  }

  #connect({ address, port, serverName }: Connect): TLSSocket {
    const id = this.#id;
    // SNI is for names only (RFC 6066): an address is compared with the certificate as the host.
    const named = serverName === address ? {} : { servername: serverName };
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says: it is for programs of the project, not for guests.
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
        // A copy: the runtime reuses its buffer, and this one is sent to the guest's thread.
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
