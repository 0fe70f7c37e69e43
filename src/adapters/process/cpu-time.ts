import process from "node:process";

/** As `Machine.cpuTime` (getrusage(2)). */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1e3;
}
