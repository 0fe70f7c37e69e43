/**
 * Returns whether Deno has granted a permission. Querying never prompts; using one that is not granted prompts on a
 * terminal.
 */
export function granted(descriptor: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}
