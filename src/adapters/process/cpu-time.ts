import process from "node:process";

/** Implements `Machine.cpuTime` (getrusage(2)), in ns. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1e3;
}
