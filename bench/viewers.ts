/** A server with 1 to 16 viewers of the same activity: CPU, bytes, latency, memory. */
import { activities } from "./activities.ts";
import type { ServerRun } from "./viewers_server.ts";
import { drawCurves } from "./curve.ts";
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

/** @returns What a change costs with more viewers, against one, as a picture. */
export function viewersCurve(results: readonly ViewersResult[]): string {
  const names = [...new Set(results.map(({ activity }) => activity))];
  const plot = (title: string, value: (result: ViewersResult, alone: ViewersResult) => number) => ({
    title,
    xName: "viewers",
    xs: VIEWERS,
    curves: names.map((name) => {
      const of = results.filter(({ activity }) => activity === name), alone = of.find(({ viewers }) => viewers === 1)!;
      return { name, values: of.map((result) => value(result, alone)) };
    }),
  });
  return drawCurves([
    plot("CPU of the server for a change, one viewer = 1", ({ cpuMs }, alone) => cpuMs / alone.cpuMs),
    plot("CPU for a change and viewer, milliseconds", ({ cpuMs, viewers }) => cpuMs / viewers),
    plot("Memory in use, megabytes", ({ memoryMb }) => memoryMb),
  ]);
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
