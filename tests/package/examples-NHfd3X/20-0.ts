import { createMachine } from "/work/w-lib/src/adapters/node.ts";

const machine = await createMachine();
console.log(machine.now() > 0); // true
machine.selector.close();
```

### createSuspendingMachine

```ts
async function createSuspendingMachine(parts?: Parts): Promise<SuspendingMachine>
```

Makes the machine of a guest that is suspended while it waits, over libc.

Parameters:

- `parts`: What of it is needed: all, unless given

Returns: The machine, to be closed by `selector.close()`.

Throws: UnsupportedRuntime where there is no FFI, no epoll, or no table for the operating system; OutOfResources.

```ts
import { createSuspendingMachine } from "/work/w-lib/src/adapters/node.ts";

const machine = await createSuspendingMachine();
machine.selector.close();
```


# `pollux/bun`

Bun's machines: its sockets, files, streams and clock behind the interface that guests use. `run`, `serve` and `instantiate` make theirs of
this module, for each guest one; a program that hosts guests of another kind may do so, too.

- Functions: [`createMachine`](#createmachine), [`createSuspendingMachine`](#createsuspendingmachine)

## Functions

### createMachine

```ts
async function createMachine(options?: MachineOptions): Promise<Machine>
```

Makes the machine of a guest that holds the thread while it waits, over libc.

Parameters:

- `options`: What of it is needed: all, unless given

Returns: The machine, to be closed by `selector.close()`.

Throws: UnsupportedRuntime where there is no FFI, or no table for the operating system.

```ts
import { createMachine } from "/work/w-lib/src/adapters/bun.ts";

const machine = await createMachine();
console.log(machine.now() > 0); // true
machine.selector.close();
```

### createSuspendingMachine

```ts
async function createSuspendingMachine(parts?: Parts): Promise<SuspendingMachine>
```

Makes the machine of a guest that is suspended while it waits, over libc.

Parameters:

- `parts`: What of it is needed: all, unless given

Returns: The machine, to be closed by `selector.close()`.

Throws: UnsupportedRuntime where there is no FFI, no epoll, or no table for the operating system; OutOfResources.

```ts
import { createSuspendingMachine } from "/work/w-lib/src/adapters/bun.ts";

const machine = await createSuspendingMachine();
machine.selector.close();
```


# `pollux/deno`

Deno's machines: its sockets, files, streams and clock behind the interface that guests use. `run`, `serve` and `instantiate` make theirs of
this module, for each guest one; a program that hosts guests of another kind may do so, too.

- Functions: [`createMachine`](#createmachine), [`createSuspendingMachine`](#createsuspendingmachine)

## Functions

### createMachine

```ts
async function createMachine(options?: MachineOptions): Promise<Machine>
```

Makes the machine of a guest that holds the thread while it waits, over libc.

Parameters:

- `options`: What of it is needed: all, unless given

Returns: The machine, to be closed by `selector.close()`.

Throws: UnsupportedRuntime where there is no FFI, or no table for the operating system.

```ts
import { createMachine } from "/work/w-lib/src/adapters/deno.ts";

const machine = await createMachine();
console.log(machine.now() > 0); // true
machine.selector.close();
```

### createSuspendingMachine

```ts
async function createSuspendingMachine(parts?: Parts): Promise<SuspendingMachine>
```

Makes the machine of a guest that is suspended while it waits, over libc.

Parameters:

- `parts`: What of it is needed: all, unless given

Returns: The machine, to be closed by `selector.close()`.

Throws: UnsupportedRuntime where there is no FFI, no epoll, or no table for the operating system; OutOfResources.

```ts
import { createSuspendingMachine } from "/work/w-lib/src/adapters/deno.ts";

const machine = await createSuspendingMachine();
machine.selector.close();
