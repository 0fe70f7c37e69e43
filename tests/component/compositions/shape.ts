/**
 * Compositions that are written by chance: 2 to 5 components, of which each may call those before it. Their guests do what the host
 * tells them (program.ts), so that one component serves many programs.
 */
import type { Random } from "../random.ts";
import { libc } from "../text.ts";

/** How a function is lifted; `plain`: of no async type. */
export type Lift = "sync" | "callback" | "stackful" | "plain";

/** What a component may do. */
export type Flavor =
  /** Its code never waits inside. */
  | "still"
  /** It waits inside, and is only called by who waits for it. */
  | "chain"
  /** All there is. */
  | "full";

/** The flavors of its components, those that are called first. */
export type Shape = readonly Flavor[];

const liftsOf: Readonly<Record<Flavor, readonly Lift[]>> = {
  still: ["callback", "sync", "plain"],
  chain: ["sync", "plain"],
  full: ["callback", "sync", "stackful", "plain"],
};

export interface Func {
  /** Its number. */
  readonly index: number;
  readonly component: number;
  readonly lift: Lift;
}

/** The functions of a shape: by their numbers programs call them. */
export function functionsOf(shape: Shape): readonly Func[] {
  return shape
    .flatMap((flavor, component) => liftsOf[flavor].map((lift) => ({ component, lift })))
    .map((func, index) => ({ index, ...func }));
}

/** Which functions a component may call, and how. */
export function callsOf(
  shape: Shape,
  component: number,
): { readonly async: Func[]; readonly sync: Func[]; readonly plain: Func[] } {
  const before = functionsOf(shape).filter((func) => func.component < component);
  const waits = shape[component] !== "still";
  const concurrent = before.filter(({ lift }) => lift !== "plain");
  return {
    async: concurrent.filter((func) => shape[func.component] !== "chain"),
    sync: waits ? concurrent : [],
    plain: before.filter(({ lift }) => lift === "plain"),
  };
}

/** One that needs no stack but one, or any. */
export function makeShape(random: Random, oneStack: boolean): Shape {
  const components = 2 + random(4);
  if (!oneStack) return Array.from({ length: components }, () => (random(3) === 0 ? "still" : "full"));
  // those that wait are the last ones: each waits for the ones before it
  const chain = random(components + 1);
  return Array.from({ length: components }, (_, i) => (i < components - chain ? "still" : "chain"));
}

/** What the host tells a guest to do, by its place here; `slot` and `by` are numbers that it is told with it. */
export const operations = [
  "end", // returns `by`
  "call", // function `by` with `async`, into `slot`; its stream's writable end into `slot + 4`
  "call-sync",
  "call-plain",
  "wait", // for one event, inside
  "yield",
  "wait-outside", // by returning
  "yield-outside",
  "return", // `by`, unless it was cancelled: says so, then
  "cancel-sync", // the subtask in `slot`
  "cancel",
  "drop", // the subtask in `slot`
  "result", // says what the call in `slot` returned
  "press",
  "release",
  "read", // from the end in `slot`, at most `by` bytes
  "write",
  "read-sync",
  "write-sync",
  "cancel-read",
  "cancel-write",
  "drop-readable",
  "drop-writable",
] as const;
export type Operation = (typeof operations)[number];

const code = (operation: Operation) => operations.indexOf(operation);
const inside: ReadonlySet<Operation> = new Set([
  "call-sync",
  "wait",
  "yield",
  "cancel-sync",
  "read-sync",
  "write-sync",
]);

/** Whether code of the flavor has an operation. */
export function has(flavor: Flavor, operation: Operation): boolean {
  return flavor !== "still" || !inside.has(operation);
}

const memory = '(memory (core memory $l "memory"))';

interface CoreFunc {
  readonly name: string;
  readonly type: string;
  readonly canon: string;
}

function builtinsOf(flavor: Flavor): CoreFunc[] {
  const stream = (name: string, type: string, options = "", as = name): CoreFunc => ({
    name: as,
    type,
    canon: `stream.${name} $bytes ${options}`,
  });
  const copy = "(param i32 i32 i32) (result i32)";
  const taken = "(param i32) (result i32)";
  return [
    { name: "begin", type: taken, canon: "lower (func $begin)" },
    { name: "next", type: taken, canon: "lower (func $next)" },
    { name: "done", type: "(param i32 i32)", canon: "lower (func $done)" },
    { name: "task.return", type: "(param i32)", canon: "task.return (result u32)" },
    { name: "task.cancel", type: "", canon: "task.cancel" },
    { name: "context.get", type: "(result i32)", canon: "context.get i32 0" },
    { name: "context.set", type: "(param i32)", canon: "context.set i32 0" },
    { name: "inc", type: "", canon: "backpressure.inc" },
    { name: "dec", type: "", canon: "backpressure.dec" },
    { name: "set.new", type: "(result i32)", canon: "waitable-set.new" },
    { name: "join", type: "(param i32 i32)", canon: "waitable.join" },
    { name: "cancel", type: taken, canon: "subtask.cancel async" },
    { name: "subtask.drop", type: "(param i32)", canon: "subtask.drop" },
    stream("new", "(result i64)"),
    stream("read", copy, `async ${memory}`),
    stream("write", copy, `async ${memory}`),
    stream("cancel-read", taken),
    stream("cancel-write", taken),
    stream("drop-readable", "(param i32)"),
    stream("drop-writable", "(param i32)"),
    ...(flavor === "still"
      ? []
      : [
          { name: "set.wait", type: "(param i32 i32) (result i32)", canon: `waitable-set.wait ${memory}` },
          { name: "yield", type: "(result i32)", canon: "thread.yield" },
          { name: "cancel-sync", type: taken, canon: "subtask.cancel" },
          stream("read", copy, memory, "read-sync"),
          stream("write", copy, memory, "write-sync"),
        ]),
  ];
}

const typeOf = (lift: Lift) =>
  lift === "plain" ? "(func (result u32))" : '(func async (param "bytes" (stream u8)) (result u32))';
const nameOf = ({ component, lift }: Func) => `f${component}-${lift}`;

/** A component of a composition: its frames, one a task, stand from 4096 on; of each the first words are the task, its set and its slots. */
function componentText(shape: Shape, index: number): string {
  const flavor = shape[index]!;
  const all = functionsOf(shape);
  const calls = callsOf(shape, index);
  const lowered: CoreFunc[] = [
    ...calls.async.map((func) => ({
      name: `${nameOf(func)}-async`,
      type: "(param i32 i32) (result i32)",
      canon: `lower (func $${nameOf(func)}) async ${memory}`,
    })),
    ...calls.sync.map((func) => ({
      name: `${nameOf(func)}-sync`,
      type: "(param i32) (result i32)",
      canon: `lower (func $${nameOf(func)})`,
    })),
    ...calls.plain.map((func) => ({
      name: nameOf(func),
      type: "(result i32)",
      canon: `lower (func $${nameOf(func)})`,
    })),
  ];
  const funcs = [...builtinsOf(flavor), ...lowered];
  const called = [...new Set([...calls.async, ...calls.sync, ...calls.plain])];
  const each = (list: readonly Func[], call: (func: Func) => string) =>
    list.map((func) => `(if (i32.eq (local.get $by) (i32.const ${func.index})) (then ${call(func)}))`).join("\n");
  const when = (operation: Operation, work: string) =>
    has(flavor, operation)
      ? `(if (i32.eq (local.get $op) (i32.const ${code(operation)})) (then ${work} (br $more)))`
      : "";
  const whenFull = (operation: Operation, work: string) => when(operation, `(if (local.get $h) (then ${work}))`);
  const say = (value: string) => `(call $done (i32.load (local.get $f)) ${value})`;
  const handle = "(local.get $h)";
  const buffer = "(i32.add (local.get $f) (i32.const 128))";
  const slot = (more: number) => `(i32.add (local.get $at) (i32.const ${4 * more}))`;
  const forget = "(i32.store (local.get $at) (i32.const 0))";
  const alone = `(call $join ${handle} (i32.const 0))`;
  const together = `(call $join ${handle} (call $set (local.get $f)))`;
  const copied = `${say("(local.get $x)")} (if (i32.eq (local.get $x) (i32.const -1)) (then ${together}))`;
  const pair = `(local.set $pair (call $new))
    (i32.store ${slot(4)} (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))))`;
  const readable = "(i32.wrap_i64 (local.get $pair))";
  const lifts = liftsOf[flavor];
  const open = (lift: Lift, stream: string) =>
    `(call $open (i32.const ${all.findIndex((func) => func.component === index && func.lift === lift)}) ${stream})`;
  return `(component $c${index}
    (import "begin" (func $begin (param "which" u32) (result u32)))
    (import "next" (func $next (param "task" u32) (result u32)))
    (import "done" (func $done (param "task" u32) (param "value" u32)))
    ${called.map((func) => `(import "${nameOf(func)}" ${typeOf(func.lift).replace("(func", `(func $${nameOf(func)}`)})`).join("\n")}
    ${libc}
    (type $bytes (stream u8))
    ${funcs.map(({ name, canon }) => `(core func $${name} (canon ${canon}))`).join("\n")}
    (core module $m
      (import "l" "memory" (memory 2))
      ${funcs.map(({ name, type }) => `(import "" "${name}" (func $${name} ${type}))`).join("\n")}
      (global $top (mut i32) (i32.const 4096))
      (func $open (param $which i32) (param $stream i32) (result i32)
        (local $f i32)
        (local.set $f (global.get $top))
        (global.set $top (i32.add (global.get $top) (i32.const 256)))
        (call $context.set (local.get $f))
        (i32.store (local.get $f) (call $begin (local.get $which)))
        (i32.store offset=8 (local.get $f) (local.get $stream))
        (local.get $f))
      (func $set (param $f i32) (result i32)
        (if (i32.eqz (i32.load offset=4 (local.get $f))) (then (i32.store offset=4 (local.get $f) (call $set.new))))
        (i32.load offset=4 (local.get $f)))
      (func $run (param $f i32) (result i32)
        (local $op i32) (local $by i32) (local $at i32) (local $h i32) (local $x i32) (local $pair i64)
        (loop $more
          (local.set $x (call $next (i32.load (local.get $f))))
          (local.set $op (i32.and (local.get $x) (i32.const 255)))
          (local.set $at (i32.and (i32.shr_u (local.get $x) (i32.const 8)) (i32.const 255)))
          (local.set $at (i32.add (i32.add (local.get $f) (i32.const 8)) (i32.shl (local.get $at) (i32.const 2))))
          (local.set $by (i32.shr_u (local.get $x) (i32.const 16)))
          (local.set $h (i32.load (local.get $at)))
          ${when(
            "call",
            `${pair} ${each(calls.async, (func) => `(local.set $x (call $${nameOf(func)}-async ${readable} ${slot(16)}))`)}
            ${say("(i32.and (local.get $x) (i32.const 15))")}
            (i32.store (local.get $at) (i32.shr_u (local.get $x) (i32.const 4)))
            (local.set $h (i32.load (local.get $at)))
            (if ${handle} (then ${together}))`,
          )}
          ${when("call-sync", `${pair} ${each(calls.sync, (func) => `(local.set $x (call $${nameOf(func)}-sync ${readable}))`)} ${say("(local.get $x)")}`)}
          ${when("call-plain", `${each(calls.plain, (func) => `(local.set $x (call $${nameOf(func)}))`)} ${say("(local.get $x)")}`)}
          ${when("wait", `${say(`(call $set.wait (call $set (local.get $f)) ${buffer})`)} ${say("(i32.load offset=132 (local.get $f))")}`)}
          ${when("yield", "(drop (call $yield))")}
          ${when(
            "return",
            `(if (i32.load offset=248 (local.get $f))
            (then (call $task.cancel)) (else (call $task.return (local.get $by))))`,
          )}
          ${whenFull("cancel-sync", `${alone} ${say(`(call $cancel-sync ${handle})`)}`)}
          ${whenFull("cancel", `${alone} (local.set $x (call $cancel ${handle})) ${copied}`)}
          ${whenFull("drop", `(call $subtask.drop ${handle}) ${forget}`)}
          ${when("result", say(`(i32.load ${slot(16)})`))}
          ${when("press", "(call $inc)")}
          ${when("release", "(call $dec)")}
          ${whenFull("read", `(local.set $x (call $read ${handle} ${buffer} (local.get $by))) ${copied}`)}
          ${whenFull("write", `(local.set $x (call $write ${handle} ${buffer} (local.get $by))) ${copied}`)}
          ${whenFull("read-sync", `${alone} ${say(`(call $read-sync ${handle} ${buffer} (local.get $by))`)}`)}
          ${whenFull("write-sync", `${alone} ${say(`(call $write-sync ${handle} ${buffer} (local.get $by))`)}`)}
          ${whenFull("cancel-read", `${alone} ${say(`(call $cancel-read ${handle})`)}`)}
          ${whenFull("cancel-write", `${alone} ${say(`(call $cancel-write ${handle})`)}`)}
          ${whenFull("drop-readable", `(call $drop-readable ${handle}) ${forget}`)}
          ${whenFull("drop-writable", `(call $drop-writable ${handle}) ${forget}`)}
          (if (i32.eq (local.get $op) (i32.const ${code("wait-outside")}))
            (then (return (i32.or (i32.const 2) (i32.shl (call $set (local.get $f)) (i32.const 4))))))
          (if (i32.eq (local.get $op) (i32.const ${code("yield-outside")})) (then (return (i32.const 1))))
          (if (i32.ne (local.get $op) (i32.const ${code("end")})) (then (unreachable))))
        (local.get $by))
      ${lifts
        .map((lift) => {
          const run = (stream: string) => `(call $run ${open(lift, stream)})`;
          if (lift === "plain") return `(func (export "plain") (result i32) ${run("(i32.const 0)")})`;
          if (lift === "stackful") return `(func (export "stackful") (param i32) (drop ${run("(local.get 0)")}))`;
          return `(func (export "${lift}") (param i32) (result i32) ${run("(local.get 0)")})`;
        })
        .join("\n")}
      (func (export "back") (param $event i32) (param $index i32) (param $payload i32) (result i32)
        (local $f i32)
        (local.set $f (call $context.get))
        ${say("(local.get $event)")} ${say("(local.get $payload)")}
        (if (i32.eq (local.get $event) (i32.const 6)) (then (i32.store offset=248 (local.get $f) (i32.const 1))))
        (call $run (local.get $f))))
    (core instance $m (instantiate $m (with "l" (instance $l)) (with "" (instance
      ${funcs.map(({ name }) => `(export "${name}" (func $${name}))`).join("\n")}))))
    ${lifts
      .map((lift) => {
        const options = { sync: "", plain: "", stackful: "async", callback: 'async (callback (core func $m "back"))' }[
          lift
        ];
        const type = typeOf(lift).slice("(func".length, -1);
        return `(func (export "${lift}") ${type} (canon lift (core func $m "${lift}") ${options}))`;
      })
      .join("\n")})`;
}

/** Exports the functions of its last component, which the host starts with a stream that has ended. */
export function compositionText(shape: Shape): string {
  const last = shape.length - 1;
  const instances = shape.map((_, i) => {
    const { async, sync, plain } = callsOf(shape, i);
    const given = [...new Set([...async, ...sync, ...plain])].map(
      (func) => `(with "${nameOf(func)}" (func $c${func.component} "${func.lift}"))`,
    );
    return `${componentText(shape, i)}
      (instance $c${i} (instantiate $c${i} (with "begin" (func $begin)) (with "next" (func $next)) (with "done" (func $done))
        ${given.join("\n")}))`;
  });
  return `(component
    (import "begin" (func $begin (param "which" u32) (result u32)))
    (import "next" (func $next (param "task" u32) (result u32)))
    (import "done" (func $done (param "task" u32) (param "value" u32)))
    ${instances.join("\n")}
    ${liftsOf[shape[last]!].map((lift) => `(export "${lift}" (func $c${last} "${lift}"))`).join("\n")})`;
}
