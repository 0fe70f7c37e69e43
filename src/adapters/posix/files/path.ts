/** A path split into its last component and what leads there, for calls that must not follow that component. */
export interface Split {
  /** Empty for the directory that the path starts from. */
  readonly parent: string;
  /** One component: never `..`, but possibly `.` or a symbolic link. */
  readonly name: string;
}

/**
 * Splits a path; returns undefined for the empty one. A path that ends in `/`, `/.` or `..` must name a directory: all
 * of it becomes the parent, and the name `.`.
 */
export function splitPath(path: string): Split | undefined {
  if (path === "") return undefined;
  const slash = path.lastIndexOf("/");
  const name = path.slice(slash + 1);
  if (name === ".." || (slash >= 0 && (name === "" || name === "."))) return { parent: path, name: "." };
  // The slash stays: it may be all of an absolute path's parent.
  return { parent: path.slice(0, slash + 1), name };
}

/** Returns the path without trailing slashes: calls that make or move a directory accept `name/` for `name`. */
export function withoutSlashes(path: string): string {
  let end = path.length;
  while (end > 1 && path[end - 1] === "/") end--;
  return path.slice(0, end);
}
