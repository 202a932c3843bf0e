import assert from "node:assert/strict";
import { readArguments } from "../../cli/arguments.ts";
import { PixelsMachine } from "../machines/pixels_machine.ts";
import { chooseMachine, type MachineKind } from "./machines.ts";
import { SERVE_OPTIONS } from "./options.ts";

const make = () => new PixelsMachine({ width: 64, height: 64 });
const KINDS: readonly MachineKind[] = [
  { name: "demo", about: "", options: ["heads", "size"], make },
  { name: "qemu", about: "", options: ["attach"], command: true, make },
  { name: "rfb", about: "", options: ["vnc-password-file"], target: "vnc://HOST:PORT", make },
  { name: "relay", about: "", options: [], target: "spice://HOST:PORT" },
];

async function choose(words: string[], command: string[] | null = null) {
  const stdin = () => Promise.resolve(new TextEncoder().encode("secret\n"));
  const { kind, request } = await chooseMachine(readArguments(words, SERVE_OPTIONS), command, KINDS, stdin);
  return { name: kind.name, ...request };
}

const NOTHING = { heads: null, size: null, target: null, command: null, attach: null, vncPassword: null };

Deno.test("chooseMachine() takes the demo, or QEMU where a command follows", async () => {
  assert.deepEqual(await choose([]), { name: "demo", ...NOTHING });
  const size = { width: 1280, height: 720 };
  assert.deepEqual(await choose(["--heads", "2", "--size", "1280x720"]), { ...NOTHING, name: "demo", heads: 2, size });
  assert.deepEqual(await choose([], ["qemu-kvm", "--x"]), { ...NOTHING, name: "qemu", command: ["qemu-kvm", "--x"] });
  assert.deepEqual(await choose(["--attach", "qmp=/x"]), { ...NOTHING, name: "qemu", attach: "qmp=/x" });
  assert.deepEqual(await choose(["--machine", "RFB", "vnc://h:1", "--vnc-password-file", "-"]), {
    ...{ ...NOTHING, name: "rfb" },
    ...{ target: "vnc://h:1", vncPassword: "secret" },
  });
});

Deno.test("chooseMachine() says what does not fit", async () => {
  const refuses = (message: RegExp, words: string[], command: string[] | null = null) =>
    assert.rejects(choose(words, command), { name: "UsageError", message });
  await refuses(/^the relay machine does not come with this version$/, ["--machine", "relay", "spice://h:1"]);
  await refuses(/^--machine: want demo, qemu, rfb, relay, not "vm"$/, ["--machine", "vm"]);
  await refuses(/^--heads is for demo, not for qemu$/, ["--heads", "2"], ["qemu"]);
  await refuses(/^--vnc-password-file is for rfb, not for demo$/, ["--vnc-password-file", "-"]);
  await refuses(/^--attach is for qemu, not for demo$/, ["--machine", "demo", "--attach", "x"]);
  await refuses(/"qemu-system-x86_64" .*a command goes behind --/, ["qemu-system-x86_64"]);
  await refuses(/"vnc:\/\/…@h:1" .*want --machine rfb/, ["vnc://:pw@h:1"]);
  await refuses(/^--machine rfb wants vnc:\/\/HOST:PORT$/, ["--machine", "rfb"]);
  await refuses(/"b" is one argument too many/, ["--machine", "rfb", "a", "b"]);
  await refuses(/takes no command behind --/, ["--machine", "demo"], ["qemu"]);
  await refuses(/wants a command/, ["--machine", "qemu"]);
  await refuses(/wants a command/, [], []);
  await refuses(/not both/, ["--attach", "x"], ["qemu"]);
  for (const size of ["", "1024", "319x200", "320x199", "320x4097", "-1x640", "1e3x640"]) {
    await refuses(/^--size: want/, [`--size=${size}`]);
  }
  await refuses(/^--heads: want a whole number from 1 to 4/, ["--heads", "5"]);
});
