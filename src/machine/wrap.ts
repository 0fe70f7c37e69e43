const wrappedObject = Symbol("wrapped object");

interface Wrapped<T> {
  readonly [wrappedObject]?: T;
}

/**
 * Returns an object that behaves as `object` except for the members in `own`. Calls that `object` makes on itself are
 * not wrapped. Methods that take another object of the machine's contract need the unwrapped one (`unwrap`).
 */
export function wrap<T extends object>(object: T, own: Partial<T>): T {
  const members = new Map<PropertyKey, unknown>(Object.entries(own)).set(wrappedObject, object);
  return new Proxy(object, {
    get(target, key) {
      const known = members.get(key);
      if (known !== undefined) return known;
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      const method: unknown = value.bind(target);
      members.set(key, method);
      return method;
    },
    // It is wrapped once more instead.
    set: () => false,
  });
}

/** Returns the unwrapped object, however often it was wrapped; the object itself if it is not wrapped. */
export function unwrap<T extends object>(object: T): T {
  const { [wrappedObject]: found } = object as Wrapped<T>;
  return found === undefined ? object : unwrap(found);
}
