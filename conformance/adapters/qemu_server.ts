/**
 * QEMU with its own SPICE server, for the suite to judge: it speaks the control protocol, `uri` included. What reaches
 * the machine is seen in QEMU's trace; a QEMU that ends is started anew on its port.
 *
 * qemu_server.ts [--password P] [--vga qxl|std|virtio|cirrus] [--tablet] [--boot none|memtest] [--name N] [--uuid U]
 */
import { parseArgs } from "node:util";
import { chordToKeys, layoutByName, parseChord } from "../../mod.ts";
import { type Qemu, type QemuOptions, startQemu, type Vga } from "../peers/qemu.ts";
import { pictureDifference } from "../peers/picture.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { pause } from "../peers/wait_until.ts";
import { answerLines, type Verbs, writePicture } from "./lines.ts";

/** Wire names of the buttons that QEMU's trace names. */
const BUTTONS: Readonly<Record<string, string>> = {
  left: "LEFT",
  middle: "MIDDLE",
  right: "RIGHT",
  "wheel-up": "UP",
  "wheel-down": "DOWN",
  side: "SIDE",
  extra: "EXTRA",
};

/** Brings the smartcard channel; the tablet brings the USB controller. */
const CARD_READER: readonly string[] = [
  ...["-device", "usb-ccid", "-chardev", "spicevmc,id=card,name=smartcard"],
  ...["-device", "ccid-card-passthru,chardev=card"],
];

if (import.meta.main) await main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      password: { type: "string" },
      vga: { type: "string", default: "qxl" },
      tablet: { type: "boolean", default: false },
      boot: { type: "string", default: "none" },
      name: { type: "string", default: "judged" },
      uuid: { type: "string", default: "00112233-4455-6677-8899-aabbccddeeff" },
    },
  });
  await using dir = await makeTempDir("qemu-judged");
  const trace = `${dir.path}/trace`;
  const traced = ["key_qcode", "rel", "abs", "btn", "sync"].flatMap((name) => ["-trace", `input_event_${name}`]);
  const options: QemuOptions = {
    vga: values.vga as Vga,
    boot: values.boot === "memtest" ? { kind: "memtest" } : { kind: "none" },
    // It is there, and the machine uses its mouse until told otherwise.
    tablet: true,
    ...(values.password !== undefined && { ticket: values.password }),
    extraArgs: ["-name", values.name, "-uuid", values.uuid, "-D", trace, ...traced, ...CARD_READER],
  };
  const start = async (port?: number) => {
    const qemu = await startQemu(port === undefined ? options : { ...options, port });
    if (values.tablet) await usePointer(qemu, true);
    // Its start screen stands still for some seconds.
    for (let i = 0; values.boot === "memtest" && i < 3; i++) await waitChange(qemu, 20_000);
    return qemu;
  };
  let qemu = await start(), over = false;
  const keeping = (async () => {
    for (; !over; await pause(100)) {
      const ended = qemu.process.ended();
      if (ended === undefined) continue;
      console.error(`QEMU ended, ${ended.signal ?? ended.code}:\n${qemu.process.output().slice(-1000)}`);
      await qemu[Symbol.asyncDispose]();
      qemu = await start(qemu.port);
    }
  })();
  await answerLines(verbsOf(() => qemu, trace, values.boot === "memtest"));
  over = true;
  await keeping;
  await qemu[Symbol.asyncDispose]();
}

function verbsOf(qemu: () => Qemu, trace: string, paints: boolean): Verbs {
  let read = 0;
  return {
    uri: () => qemu().uri,
    picture: async () => writePicture(await qemu().screendump()),
    // memtest86+ draws by itself: the next change is waited for.
    ...(paints && { paint: () => waitChange(qemu()) }),
    inputs: async () => {
      const { width, height } = await qemu().screendump();
      const text = await Deno.readTextFile(trace).catch(() => "");
      if (text.length < read) read = 0;
      const lines = text.slice(read).split("\n");
      read = text.length;
      return inputsOf(lines, width, height);
    },
    pointer: (args) => usePointer(qemu(), args["absolute"] === true),
  };
}

async function waitChange(qemu: Qemu, timeoutMs = 4000): Promise<void> {
  const before = await qemu.screendump();
  await qemu.waitScreen("another picture", (now) => pictureDifference(now, before) !== null, { timeoutMs });
}

/** Has the machine use its tablet or its mouse: whichever is used last counts. Source: QEMU ui/input.c do_mouse_set. */
async function usePointer({ qmp }: Qemu, absolute: boolean): Promise<void> {
  const mice = await qmp.execute("query-mice") as { readonly index: number; readonly absolute: boolean }[];
  const mouse = mice.find((one) => one.absolute === absolute);
  if (mouse === undefined) throw new Error("there is no such pointer device");
  await qmp.execute("human-monitor-command", { "command-line": `mouse_set ${mouse.index}` });
}

/** Lines of QEMU's trace as what a machine is given. Source: QEMU ui/trace-events input_event_…. */
function inputsOf(lines: readonly string[], width: number, height: number): Record<string, unknown>[] {
  const inputs: Record<string, unknown>[] = [];
  let moved: { rel: boolean; x: number; y: number } | null = null;
  for (const line of lines) {
    const [, name, rest = ""] = /input_event_(\w+) (.*)/.exec(line) ?? [];
    const down = rest.endsWith("down 1"), value = /(?:qcode|button|value) ([\w-]+)/.exec(rest)?.[1] ?? "";
    switch (name) {
      case "key_qcode":
        inputs.push({ kind: "key", scancode: scancodeOf(value), down });
        break;
      case "btn":
        inputs.push({ kind: "button", button: BUTTONS[value] ?? value, down });
        break;
      case "rel":
      case "abs": {
        const axis = rest.includes("axis x") ? "x" : "y", size = axis === "x" ? width : height;
        const at: { rel: boolean; x: number; y: number } = moved ?? { rel: name === "rel", x: 0, y: 0 };
        at[axis] = name === "rel" ? Number(value) : Math.round(Number(value) * (size - 1) / 0x7fff);
        moved = at;
        break;
      }
      case "sync":
        if (moved === null) break;
        if (moved.rel && (moved.x !== 0 || moved.y !== 0)) inputs.push({ kind: "motion", dx: moved.x, dy: moved.y });
        if (!moved.rel) inputs.push({ kind: "position", head: 0, x: moved.x, y: moved.y });
        moved = null;
    }
  }
  return inputs;
}

/** QEMU's names of keys are among those that our client knows; 0 for a code that QEMU does not know itself. */
function scancodeOf(qcode: string): number {
  return qcode === "unmapped" ? 0 : chordToKeys(parseChord(qcode, layoutByName("us")))[0]!.scancode;
}
