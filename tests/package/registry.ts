/**
 * A registry of npm packages on loopback: it has what is published to it and nothing else, so what is installed from it needs
 * nothing else. https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

interface Published {
  readonly manifest: { readonly name: string; readonly version: string };
  readonly tarball: Buffer;
  readonly integrity: string;
  readonly shasum: string;
}

export class Registry implements AsyncDisposable {
  readonly #server: Server;
  readonly #packages = new Map<string, Published>();

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", ({ url = "/" }, response: ServerResponse) => this.#answer(decodeURIComponent(url), response));
  }

  static async open(): Promise<Registry> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Registry(server);
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/`;
  }

  /**
   * @param folder The package as it was packed: its package.json is what clients are told of it
   * @param file Its tarball
   */
  publish(folder: string, file: string): void {
    const manifest: Published["manifest"] = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const tarball = readFileSync(file);
    const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
    const shasum = createHash("sha1").update(tarball).digest("hex");
    this.#packages.set(manifest.name, { manifest, tarball, integrity, shasum });
  }

  #answer(path: string, response: ServerResponse): void {
    const [name = "", tarball] = path.slice(1).split("/-/");
    const published = this.#packages.get(name);
    if (published === undefined) {
      response.writeHead(404, { "content-type": "application/json" }).end('{"error":"not found"}');
    } else if (tarball === undefined) {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(this.#packument(published)));
    } else {
      response.writeHead(200, { "content-type": "application/octet-stream" }).end(published.tarball);
    }
  }

  #packument({ manifest, integrity, shasum }: Published): object {
    const { name, version } = manifest;
    const dist = { tarball: `${this.url}${name}/-/${version}.tgz`, integrity, shasum };
    return { name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
