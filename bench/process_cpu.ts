/** CPU time of a running process and its children, by thread, from Linux. */

/**
 * CPU time that a process and its running descendants have used.
 *
 * @param pid The process.
 * @param counts Whether a thread of this name counts.
 * @returns Milliseconds. Threads that have ended do not count.
 * Source: proc(5), `/proc/pid/task/tid/schedstat`, `comm` and `children`.
 */
export async function cpuMsOf(pid: number, counts: (thread: string) => boolean): Promise<number> {
  let sum = 0;
  for await (const { name: tid } of Deno.readDir(`/proc/${pid}/task`)) {
    const read = (file: string) => Deno.readTextFile(`/proc/${pid}/task/${tid}/${file}`).catch(() => "");
    if (counts((await read("comm")).trim())) sum += Number((await read("schedstat")).split(" ")[0]) / 1e6;
    for (const child of (await read("children")).trim().split(" ")) {
      if (child !== "") sum += await cpuMsOf(Number(child), counts);
    }
  }
  return sum;
}
