/** A path as its last component and what leads there: how calls that must not follow that component are contained. */
export interface Split {
  /** Empty: the directory that the path starts from. */
  readonly parent: string;
  /** One component: never `..`, maybe `.` or a symbolic link. */
  readonly name: string;
}

/**
 * Undefined for the empty path. A path that ends in `/` or `/.` must name a directory, which it does as its own parent; so
 * does one that ends in `..`.
 */
export function splitPath(path: string): Split | undefined {
  if (path === "") return undefined;
  const slash = path.lastIndexOf("/");
  const name = path.slice(slash + 1);
  if (name === ".." || (slash >= 0 && (name === "" || name === "."))) return { parent: path, name: "." };
  // The slash stays: of an absolute path it is all there is.
  return { parent: path.slice(0, slash + 1), name };
}

/** Without the slashes at its end: what makes or moves a directory takes `name/` for `name`. */
export function withoutSlashes(path: string): string {
  let end = path.length;
  while (end > 1 && path[end - 1] === "/") end--;
  return path.slice(0, end);
}
