/** CPU time of ended children, from Linux. */

/** Clock ticks a second in `/proc`; the same on every Linux that Deno runs on. */
const TICKS = 100;

/**
 * CPU time that all ended children of this process have used, their own ended children included.
 * @returns Milliseconds, in steps of 10: good for the mean of many runs, not for one.
 * Source: proc(5), `/proc/pid/stat`, cutime and cstime.
 */
export async function childCpuMs(): Promise<number> {
  const text = await Deno.readTextFile("/proc/self/stat");
  // The second field is a name in parentheses, which may hold spaces; what follows begins with the third field.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[16 - 3]) + Number(fields[17 - 3])) * 1000 / TICKS;
}
