/** A server with 1 to 16 viewers of the same activity: CPU, bytes, latency, memory. */
import { activities } from "./activities.ts";
import type { ServerRun } from "./viewers_server.ts";
import { summarize } from "./summarize.ts";

/** One line of the table. */
export interface ViewersResult extends ServerRun {
  readonly activity: string;
  readonly viewers: number;
}

/** How many viewers, one after the other. */
const VIEWERS: readonly number[] = [1, 2, 4, 8, 16];

/**
 * Measures every activity for every number of viewers, each in a fresh process of the server; viewers live in another one.
 *
 * @param runs Servers for each; the middle one by CPU counts.
 * @param progress Told before each.
 */
export async function benchViewers(runs: number, progress: (text: string) => void): Promise<ViewersResult[]> {
  const results: ViewersResult[] = [];
  for (const [index, { name: activity }] of activities.entries()) {
    for (const viewers of VIEWERS) {
      progress(`viewers: ${activity}, ${viewers} viewers`);
      const found: ServerRun[] = [];
      for (let run = 0; run < runs; run++) found.push(await serve(index, viewers));
      const middle = summarize(found.map(({ cpuMs }) => cpuMs)).median;
      found.sort((a, b) => Math.abs(a.cpuMs - middle) - Math.abs(b.cpuMs - middle));
      results.push({ activity, viewers, ...found[0]! });
    }
  }
  return results;
}

/** @returns A table in Markdown. */
export function viewersTable(results: readonly ViewersResult[]): string {
  const rows = results.map(({ activity, viewers, cpuMs, bytes, latencyMs, worstMs, memoryMb }) => {
    const alone = results.find((one) => one.activity === activity && one.viewers === 1)!;
    const cells = [
      activity,
      viewers,
      cpuMs.toFixed(2),
      (cpuMs / alone.cpuMs).toFixed(2),
      Math.round(bytes).toLocaleString("en"),
      latencyMs.toFixed(1),
      worstMs.toFixed(1),
      memoryMb.toFixed(0),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    "| Activity | Viewers | CPU ms a step | Ratio to one | Bytes a step and viewer | ms, median | ms, worst | Memory MB |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows,
  ].join("\n");
}

async function serve(activity: number, viewers: number): Promise<ServerRun> {
  const path = new URL("./viewers_server.ts", import.meta.url).pathname;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", path, `${activity}`, `${viewers}`],
    stderr: "inherit",
  });
  const { code, stdout } = await command.output();
  if (code !== 0) throw new Error(`The server's process ended with ${code}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}
