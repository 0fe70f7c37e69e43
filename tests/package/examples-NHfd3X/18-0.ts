import { compile, run } from "/work/w-lib/src/index.ts";

const hello = await compile("hello.wasm");
for (let i = 0; i < 3; i++) await run(hello, { stdout: "inherit" });
```

### dial

```ts
async function dial(address: AddressLike, options: DialOptions = {}): Promise<Conn>
```

Connects to an address by TCP. The addresses of a name are tried in turn.

Parameters:

- `address`: `127.0.0.1:9999`, `[::1]:80`, `example.com:443`, or the same as `{ host, port }`
- `options`: How long it may take, what ends it

Returns: The connection.

Throws: AddressError; SocketError `connection-refused`, `name-unresolvable` and the like; ErrDeadlineExceeded after
`timeout`; the signal's reason.

```ts
import { dial, listen } from "/work/w-lib/src/index.ts";

await using listener = await listen("127.0.0.1:0");
await using conn = await dial(listener.localAddress, { timeout: 5000 });
const peer = await listener.accept();
await peer.write(new TextEncoder().encode("hello"));
await peer.close();
console.log(await new Response(conn.readable).text()); // hello
```

### handler

```ts
async function handler(source: ComponentSource | CompiledComponent, options: HandlerOptions = {}): Promise<Handler>
```

Makes of a component that exports `wasi:http/incoming-handler` 0.2 or `wasi:http/handler` 0.3 a function from a `Request` to its
`Response`, as Bun.serve, Deno.serve, Hono, service workers and, with a few lines between, node:http have it. Bodies are streamed
both ways with backpressure; when the request's `signal` is aborted, or the response's body cancelled, the guest is told that its
client is gone.

What the Fetch API cannot carry is lost: trailers both ways, interim responses (103), the target as it was sent. Fields that
repeat are joined, save `set-cookie`. A guest's status that no `Response` can have (below 200, above 599) is answered with 500
and the reason. Bodies of HEAD, 204, 205 and 304 are dropped. A guest that fails is answered for with 500, or its body fails.

Parameters:

- `source`: The component, or where it is
- `options`: What its guests are given, and limits

Returns: The function, which is to be closed when no more requests come.

Throws: as `serve`, save for what that throws of its listening.

```ts
import { handler } from "/work/w-lib/src/index.ts";

await using answer = await handler("http/serve-hello.wasm");
const response = await answer(new Request("http://localhost/"));
console.log((await response.text()).trim()); // Hello, World!
// Bun.serve({ fetch: answer }); Deno.serve(answer); app.all("*", (c) => answer(c.req.raw));
```

### instantiate

```ts
async function instantiate(source: ComponentSource | CompiledComponent, imports: HostImports, options: InstantiateOptions & { readonly wasi: WasiOptions }): Promise<DisposableInstance>
async function instantiate(source: ComponentSource | CompiledComponent, imports?: HostImports, options?: InstantiateOptions): Promise<Instance>
async function instantiate<Exports>(source: ComponentSource | CompiledComponent, imports?: HostImports, options?: InstantiateOptions): Promise<DisposableInstance<Exports>>
```

Instantiates a component and returns its exports as jco shapes them: functions in camelCase, interfaces as objects under
their name with version, the newest of each without, and under its label (`test` for `a:b/test@1.0.0`) where nothing else has that
name; resources as classes. A method that is named `then` is under its WIT name alone,
`[method]RESOURCE.then`: an object with a `then` cannot be what a promise answers.

A component gets streams as `StreamSource`, and gives them as ReadableStream: of bytes in pieces (Uint8Array), else of values.
Futures are promises. A call of an exported async function takes `CallOptions` after its arguments.

Parameters:

- `source`: The component, or where it is
- `imports`: By interface name, versions optional, in jco's conventions: what is written for the output of `jco transpile
--instantiation`, or made by `WASIShim` of the package `@bytecodealliance/preview2-shim`, serves
- `options`: How it waits, what it may use, WASI of Pollux's own

Returns: Its exports. `pollux types app.wasm` writes their type.

Throws: ParseError if the bytes are no valid component, LinkError if an import is missing or of the wrong kind,
LimitError if a core module asks for more from the start than `limits` let it have, or there are more of something, Trap if a
start function is ended; TypeError for an option that there is not.

```ts
import { instantiate } from "/work/w-lib/src/index.ts";

interface Upper {
  upper(bytes: Iterable<Uint8Array>): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
}

const piece = (length: number) => console.log(`${length} bytes`); // 5 bytes
await using app = await instantiate<Upper>("upper.wasm", { piece });
const stream = await app.upper([new TextEncoder().encode("hello")]);
console.log(await new Response(stream).text()); // HELLO
```

### listen

```ts
async function listen(address: AddressLike): Promise<Listener>
```

Listens for TCP connections on an address of this machine. Of a name, on the first address that can be listened on.

Parameters:

- `address`: As for `dial`; port 0 lets the system choose, see the listener's `localAddress`

Returns: The listener, which listens.

Throws: AddressError; SocketError `address-in-use`, `address-not-bindable` and the like.

```ts
import { dial, listen } from "/work/w-lib/src/index.ts";

const listener = await listen("127.0.0.1:0");
const echo = async () => {
  for await (const conn of listener) conn.readable.pipeTo(conn.writable).catch(console.error);
};
const serving = echo();
const conn = await dial(listener.localAddress);
await conn.write(new TextEncoder().encode("hello"));
const buffer = new Uint8Array(1024);
const count = await conn.read(buffer);
console.log(new TextDecoder().decode(buffer.subarray(0, count))); // hello
await Promise.all([conn.close(), listener.close(), serving]);
```

### run

```ts
async function run(source: ComponentSource | CompiledComponent, options: RunOptions & { readonly stdout: "text"; readonly stderr: "text" }): Promise<RunResult & StdoutText & StderrText>
async function run(source: ComponentSource | CompiledComponent, options: RunOptions & { readonly stdout: "text" }): Promise<RunResult & StdoutText>
async function run(source: ComponentSource | CompiledComponent, options: RunOptions & { readonly stderr: "text" }): Promise<RunResult & StderrText>
async function run(source: ComponentSource | CompiledComponent, options?: RunOptions): Promise<RunResult>
```

Runs a command to its end: a component that exports `wasi:cli/run`, or a core module of WASI 0.1 (`wasi_snapshot_preview1`). It inherits
nothing that is not asked for. While it waits, timers, promises and servers of this program go on, and other guests run beside it.

Parameters:

- `source`: The command, or where it is
- `options`: What it is given

Returns: How it has ended; with `stdout: "text"` or `stderr: "text"` what it has written, too.

Throws: ParseError if it is no component and no core module; LinkError if it wants what is not there, or is no command; LimitError if it
asks for more from the start than `limits` let it have; PreopenError if a directory cannot be opened; OutOfResources if there are no
descriptors for it; UnsupportedRuntime where this runtime cannot wait as asked; TypeError for an option that there is not; Trap if it
was ended; the signal's reason if that was aborted.

```ts
import { run } from "/work/w-lib/src/index.ts";

const { exitCode, stdout } = await run("hello.wasm", { args: ["hello"], stdout: "text" });
console.log(exitCode, stdout.trim()); // 0 hello, world
```

### serve

```ts
async function serve(source: ComponentSource | CompiledComponent, options: ServeOptions = {}): Promise<Server>
```

Serves a component over HTTP/1.1 that exports `wasi:http/incoming-handler` 0.2 or `wasi:http/handler` 0.3: resolves when it
listens. Requests get fresh instances of it, see `reuse`. It has all of WASI, within what the options give it; requests of its
own go where `network: { http: true, allow, deny }` lets them. While it serves, timers, promises and other servers of this
program go on.

Parameters:

- `source`: The component, or where it is
- `options`: Where it listens, what its guests are given, limits

Returns: The server, which listens.

Throws: ParseError; LinkError if it serves no requests, or wants what is not there; LimitError, PreopenError, OutOfResources as
`run`; AddressError; SocketError `address-in-use` and the like; RangeError for an option that is out of range, TypeError for one that there is not; the signal's
reason if that is aborted.

```ts
import { serve } from "/work/w-lib/src/index.ts";

await using server = await serve("http/serve-hello.wasm", { port: 0 });
const response = await fetch(server.url);
console.log((await response.text()).trim()); // Hello, World!
```

### stdio

```ts
function stdio(): Promise<StandardStreams>
```

The process's standard streams, to read and write like connections.

Returns: The same at each call.

```ts
import { stdio } from "/work/w-lib/src/index.ts";

const { stdout } = await stdio();
await stdout.write(new TextEncoder().encode("written\n"));
