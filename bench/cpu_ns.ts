/** CPU time of this process. */
import process from "node:process";

/** CPU time that all threads of this process have used, in nanoseconds, in steps of 1000. */
export function cpuNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}
