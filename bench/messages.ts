/** Decoding and encoding of messages: time and allocations of an operation. */
import type { MessageMeasurement } from "./measure_message.ts";
import { messageCases } from "./message_cases.ts";
import { summarize, type Summary } from "./summarize.ts";

/** One line of the table. */
export interface MessageResult {
  readonly name: string;
  readonly what: string;
  /** Bytes of the message's body. */
  readonly bytes: number;
  /** Nanoseconds an operation, over the medians of the processes. */
  readonly ns: Summary;
  /** Bytes on V8's heap an operation, the median of the processes. */
  readonly heapBytes: number;
  /** Bytes of array buffers outside the heap an operation. */
  readonly bufferBytes: number;
}

/**
 * Measures every case in `runs` fresh processes; the processes of the cases alternate.
 *
 * @param runs Processes for each case, at least 1.
 * @param progress Told after each round.
 */
export async function benchMessages(runs: number, progress: (text: string) => void): Promise<MessageResult[]> {
  const cases = messageCases().map((one) => ({ ...one, found: [] as MessageMeasurement[] }));
  for (let run = 0; run < runs; run++) {
    for (const one of run % 2 === 0 ? cases : cases.toReversed()) one.found.push(await measure(one.name));
    progress(`messages: round ${run + 1} of ${runs}`);
  }
  return cases.map(({ name, what, bytes, found }) => ({
    name,
    what,
    bytes,
    ns: summarize(found.map(({ nsPerOp }) => summarize(nsPerOp).median)),
    heapBytes: summarize(found.map(({ heapBytesPerOp }) => heapBytesPerOp)).median,
    bufferBytes: summarize(found.map(({ bufferBytesPerOp }) => bufferBytesPerOp)).median,
  }));
}

/** @returns A table in Markdown. */
export function messageTable(results: readonly MessageResult[]): string {
  const rows = results.map(({ name, what, bytes, ns, heapBytes, bufferBytes }) =>
    `| ${name} | ${what} | ${bytes} | ${count(ns.median)} | ${count(ns.best)} | ${count(heapBytes)} | ${
      count(bufferBytes)
    } |`
  );
  return [
    "| Case | Message | Bytes | ns, median | ns, best | Heap bytes | Buffer bytes |",
    "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ...rows,
  ].join("\n");
}

async function measure(name: string): Promise<MessageMeasurement> {
  const program = new URL("./measure_message.ts", import.meta.url).pathname;
  const args = ["run", "--no-prompt", "--allow-read", program, name];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  if (code !== 0) throw new Error(`Measuring ${name} ended with code ${code}:\n${new TextDecoder().decode(stderr)}`);
  // What measure_message.ts prints.
  return JSON.parse(new TextDecoder().decode(stdout)) as MessageMeasurement;
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}
