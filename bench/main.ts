/** Measures: `deno task bench [NAME]… [--runs N] [--reference PROGRAM] [--json]`. */
import { parseArgs } from "node:util";
import { benchChoices, choicesTable } from "./choices.ts";
import { benchCodecs, codecsTable } from "./codecs.ts";
import { benchMessages, messageTable } from "./messages.ts";
import { benchPicture, pictureTable } from "./picture.ts";
import { REFERENCE_USAGE } from "./reference_program.ts";
import { benchServer, serverTable } from "./server.ts";
import { benchWorkers, workersTable } from "./worker_scaling.ts";
import { benchViewers, viewersCurve, viewersTable } from "./viewers.ts";

const USAGE = `deno task bench [NAME]… [--runs N] [--curve F] [--reference PROGRAM] [--json]

  codecs     every image codec, beside spice-html5's and those of a reference program: speed, bytes, allocations
  choices    bytes of screens whose parts go to QUIC or LZ: by our choice, by the reference's, by the better one
  workers    large images decoded on the main thread, by one worker, and by two: wall time
  messages   decode and encode of display messages: time, allocations
  picture    from connecting to a 1080p picture, beside spicy-screenshot (needs QEMU, grub-mkrescue, spice-client-gtk)
  server     one guest through our server and through QEMU's own SPICE: latency, bytes, CPU (needs QEMU with SPICE)
  viewers    our server with 1 to 16 viewers: CPU, bytes, latency, memory for typing, scrolling, photographs

  --runs N   rounds of all codecs, with and without workers, fresh processes for each message case, pictures for each client, machines for each
             server; default: 9
  --curve F  the curves of viewers as SVG, into the file F
  --reference PROGRAM
             another implementation's codecs, for codecs
  --json     results as JSON on standard output instead of tables

${REFERENCE_USAGE}`;

/** Name → what measures it and what prints it. */
const BENCHES = {
  codecs: async (runs: number, reference?: string) => {
    const results = await benchCodecs(runs, reference, progress);
    return { results, table: codecsTable(results) };
  },
  choices: (runs: number) => {
    const results = benchChoices(runs);
    return Promise.resolve({ results, table: choicesTable(results) });
  },
  workers: async (runs: number) => {
    const results = await benchWorkers(runs);
    return { results, table: workersTable(results) };
  },
  messages: async (runs: number) => {
    const results = await benchMessages(runs, progress);
    return { results, table: messageTable(results) };
  },
  picture: async (runs: number) => {
    const results = await benchPicture(runs, progress);
    return { results, table: pictureTable(results) };
  },
  server: async (runs: number) => {
    const results = await benchServer(runs, progress);
    return { results, table: serverTable(results) };
  },
  viewers: async (runs: number) => {
    const results = await benchViewers(runs, progress);
    return { results, table: viewersTable(results), curve: viewersCurve(results) };
  },
};

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  const asked = readArgs(args);
  if (typeof asked === "string") {
    if (asked === USAGE) console.log(asked);
    else console.error(asked);
    return asked === USAGE ? 0 : 2;
  }
  const { names, runs, json, curve, reference } = asked;
  const machine = await describeMachine();
  const all: Record<string, unknown> = {};
  if (!json) console.log(`${machine.join("\n")}\n`);
  for (const name of names) {
    const found = await BENCHES[name](runs, reference), { results, table } = found;
    all[name] = results;
    if (curve !== undefined && "curve" in found) await Deno.writeTextFile(curve, found.curve);
    if (!json) console.log(`${name}, ${runs} runs\n\n${table}\n`);
  }
  if (json) console.log(JSON.stringify({ machine, runs, ...all }, null, 2));
  return 0;
}

type Name = keyof typeof BENCHES;

const ALL: readonly Name[] = ["codecs", "choices", "workers", "messages", "picture", "server", "viewers"];

function isName(name: string): name is Name {
  return Object.hasOwn(BENCHES, name);
}

/** What the command line says. */
interface Asked {
  readonly names: readonly Name[];
  readonly runs: number;
  readonly json: boolean;
  readonly curve: string | undefined;
  readonly reference: string | undefined;
}

/** @returns What to do, or what to say to the user. */
function readArgs(
  args: readonly string[],
): Asked | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: "boolean" },
        json: { type: "boolean" },
        curve: { type: "string" },
        reference: { type: "string" },
        runs: { type: "string", default: "9" },
      },
    });
    if (values.help) return USAGE;
    const runs = Number(values.runs);
    if (!(Number.isInteger(runs) && runs >= 1)) return `--runs ${values.runs}: need a whole number from 1 on`;
    const unknown = positionals.find((name) => !isName(name));
    if (unknown !== undefined) return `There is no bench ${unknown}\n\n${USAGE}`;
    const names = positionals.filter(isName);
    const { json = false, curve, reference } = values;
    return { names: names.length > 0 ? names : ALL, runs, json, curve, reference };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return `${error.message}\n\n${USAGE}`;
  }
}

async function describeMachine(): Promise<string[]> {
  const cpu = /^model name\s*: (.*)$/m.exec(await Deno.readTextFile("/proc/cpuinfo"))?.[1] ?? "unknown";
  return [
    `date     ${new Date().toISOString().slice(0, 10)}`,
    `machine  ${navigator.hardwareConcurrency} × ${cpu}, Linux ${Deno.osRelease()}`,
    `deno     ${Deno.version.deno}, V8 ${Deno.version.v8}`,
  ];
}

function progress(text: string): void {
  console.error(text);
}
