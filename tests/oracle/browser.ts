/** Debian's Chromium without a window, by its DevTools protocol: a page's requests, and by which connections they went. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

const command = ["chromium", "chromium-headless-shell"].find(
  (name) => spawnSync(name, ["--version"]).error === undefined,
);

/** Why it cannot be run; false: it can. */
export const noBrowser: string | false =
  command === undefined ? "no chromium on this machine (apt-get install chromium)" : false;

/** Longer than any page here takes, ms. */
const PATIENCE = 120_000;

/** What the protocol says of a response (Network.responseReceived). */
export interface Received {
  readonly url: string;
  readonly status: number;
  /** Of the connection by which it came. */
  readonly connectionId: number;
  readonly connectionReused: boolean;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly response?: Received };
  readonly result?: {
    readonly targetId?: string;
    readonly sessionId?: string;
    readonly result?: { readonly value?: unknown };
    readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
  };
  readonly error?: { readonly message: string };
}

export class Browser implements AsyncDisposable {
  readonly #child: ReturnType<typeof spawn>;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #received: Received[] = [];
  #last = 0;

  private constructor(child: ReturnType<typeof spawn>, profile: string, socket: WebSocket) {
    this.#child = child;
    this.#profile = profile;
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#take(JSON.parse(String(data)) as Message));
  }

  static async start(): Promise<Browser> {
    const profile = mkdtempSync(join(tmpdir(), "pl-chromium-"));
    const options = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"];
    const child = spawn(command!, [...options, `--user-data-dir=${profile}`], {
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    });
    const url = await new Promise<string>((resolve, reject) => {
      let text = "";
      child.stderr.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
        const found = /^DevTools listening on (ws:\S+)$/m.exec(text)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.on("close", () => reject(new Error(`${command} ended: ${text}`)));
    });
    const socket = new WebSocket(url);
    await once(socket, "open");
    return new Browser(child, profile, socket);
  }

  /**
   * Opens the page, and runs the script there, a promise's text.
   *
   * @returns What the promise came to, and all responses of the page since its start
   */
  async run(url: string, script: string): Promise<{ value: unknown; received: readonly Received[] }> {
    this.#received = [];
    const { targetId = "" } = await this.#call("Target.createTarget", { url: "about:blank" });
    const { sessionId = "" } = await this.#call("Target.attachToTarget", { targetId, flatten: true });
    await this.#call("Network.enable", {}, sessionId);
    await this.#call("Page.navigate", { url }, sessionId);
    const expression = { expression: script, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.#call("Runtime.evaluate", expression, sessionId);
    await this.#call("Target.closeTarget", { targetId });
    if (exceptionDetails !== undefined) throw new Error(`the page: ${exceptionDetails.exception?.description}`);
    return { value: result?.value, received: this.#received };
  }

  async #call(method: string, params: object, sessionId?: string): Promise<NonNullable<Message["result"]>> {
    const id = ++this.#last;
    const { result = {}, error } = await new Promise<Message>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method}: no answer`)), PATIENCE);
      this.#waiting.set(id, (message) => {
        clearTimeout(timer);
        resolve(message);
      });
      this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  #take(message: Message): void {
    const { response } = message.params ?? {};
    if (message.method === "Network.responseReceived" && response !== undefined) this.#received.push(response);
    if (message.id === undefined) return;
    this.#waiting.get(message.id)?.(message);
    this.#waiting.delete(message.id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#socket.close();
    // With its helpers, one of which has the connections.
    process.kill(-this.#child.pid!, "SIGKILL");
    await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10 });
  }
}
