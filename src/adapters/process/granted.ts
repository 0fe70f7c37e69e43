/** Whether Deno lets this process do something. Looking asks nobody; doing what is not granted asks on a terminal. */
export function granted(descriptor: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}
