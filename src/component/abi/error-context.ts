import { Trap } from "../../core/wait/errors.ts";
import type { StringEncoding } from "../binary/canon.ts";
import { ErrorContext } from "../error-context.ts";
import { type HandleTable, type TableEntry, unknownHandle } from "../instance/handles.ts";
import type { GuestMemory } from "../instance/memory.ts";
import type { InstanceState } from "../instance/state.ts";
import { loadString, storeString } from "./strings.ts";

/**
 * The number of UTF-16 code units of a message that count as one more resource: the host keeps the message as long as the guest has
 * the handle. So the default limit of a million resources allows 512 MB of messages.
 */
const UNITS_A_RESOURCE = 256;

/** The size of a string's pointer and length, bytes. */
const STRING_SIZE = 8;

/** A handle on an error context. Other handles on the same one may be in any table. */
class ErrorContextHandle implements TableEntry {
  readonly resource = undefined;
  readonly context: ErrorContext;
  /** The number of resources that it counts as. */
  readonly resourceWeight: number;

  constructor(context: ErrorContext) {
    this.context = context;
    this.resourceWeight = 1 + Math.floor(context.debugMessage.length / UNITS_A_RESOURCE);
  }
}

function handleAt({ slots }: HandleTable, index: number): ErrorContextHandle {
  const found = slots[index];
  if (found === undefined) throw unknownHandle(index);
  if (!(found instanceof ErrorContextHandle)) throw new Trap("handle is not an error-context");
  return found;
}

function add(handles: HandleTable, context: ErrorContext): number {
  const handle = new ErrorContextHandle(context);
  handles.budget.addConcurrent(handle.resourceWeight);
  return handles.addEntry(handle);
}

/** `lift_error_context`. The instance keeps its handle. */
export function liftErrorContext({ handles }: InstanceState, index: number): ErrorContext {
  return handleAt(handles, index).context;
}

/** `lower_error_context`. Returns the index of a new handle. */
export function lowerErrorContext({ handles }: InstanceState, value: unknown): number {
  if (!(value instanceof ErrorContext)) throw new TypeError("an error-context is given as an ErrorContext");
  return add(handles, value);
}

/**
 * `error-context.new`. Returns the index of a new handle.
 *
 * @param length The number of code units, with the tag of latin1+utf16
 */
export function newErrorContext(
  { handles }: InstanceState,
  memory: GuestMemory,
  encoding: StringEncoding,
  ptr: number,
  length: number,
): number {
  memory.refuel();
  return add(handles, new ErrorContext(loadString[encoding](memory, ptr, length)));
}

/** `error-context.debug-message`: allocates the message, and writes its pointer and length to `ptr`, which need not be aligned. */
export function debugMessage(
  state: InstanceState,
  memory: GuestMemory,
  encoding: StringEncoding,
  index: number,
  ptr: number,
): void {
  const { debugMessage } = liftErrorContext(state, index);
  const start = ptr >>> 0;
  if (!memory.holds(start, STRING_SIZE)) throw new Trap("invalid debug message pointer: out of bounds");
  const text = storeString[encoding](memory, debugMessage);
  const view = memory.view();
  view.setUint32(start, text, true);
  view.setUint32(start + 4, memory.stringLength, true);
}

/** `error-context.drop` */
export function dropErrorContext({ handles }: InstanceState, index: number): void {
  const { resourceWeight } = handleAt(handles, index);
  handles.removeEntry(index);
  handles.budget.removeConcurrent(resourceWeight);
}
