/**
 * Makes captures of real peers anew: `deno run --allow-all conformance/recordings/main.ts [NAME]…`, all of them when no
 * name is given. Each becomes `conformance/vectors/streams/NAME.tar.gz` and, when spice-gtk was the client, `NAME.png`.
 */

import { type Capture, CAPTURES } from "../capture.ts";
import { packFiles } from "../capture_files.ts";
import { clearedText } from "../cleared.ts";
import { mustRunProcess } from "../peers/process.ts";
import { encodePng } from "../../cli/png.ts";
import { DISPLAY_RECORDINGS } from "./display.ts";
import { LIBSPICE_RECORDINGS } from "./libspice.ts";
import { LINK_RECORDINGS } from "./links.ts";
import { MIGRATION_RECORDINGS } from "./migration.ts";
import { OPERAND_RECORDINGS } from "./operands.ts";
import { QEMU_RECORDINGS } from "./qemu.ts";
import { SESSION_RECORDINGS } from "./sessions.ts";
import { XSPICE_RECORDINGS } from "./xspice.ts";

/** Versions of the peers in the captures that are kept with the source. Change them with all captures. */
const PINNED: Readonly<Record<string, string>> = {
  "libspice-server1": "0.15.1-1",
  "libspice-client-glib-2.0-8": "0.42-1",
  "qemu-system-x86": "1:7.2+dfsg-7+deb12u18+b3",
  "xserver-xspice": "0.1.5+git20200331-3",
};

if (import.meta.main) {
  await checkVersions();
  const all = [
    ...LIBSPICE_RECORDINGS,
    ...DISPLAY_RECORDINGS,
    ...LINK_RECORDINGS,
    ...SESSION_RECORDINGS,
    ...MIGRATION_RECORDINGS,
    ...OPERAND_RECORDINGS,
    ...XSPICE_RECORDINGS,
    ...QEMU_RECORDINGS,
  ];
  const names = Deno.args.length > 0 ? Deno.args : all.map(({ name }) => name);
  for (const name of names) {
    const recording = all.find((one) => one.name === name);
    if (recording === undefined) throw new RangeError(`Cannot record ${name}: there is no such recording`);
    const { capture, picture } = await recording.record();
    const archive = new URL(`${name}.tar.gz`, CAPTURES).pathname;
    await packFiles(filesOf(capture), archive);
    if (picture !== null) Deno.writeFileSync(new URL(`${name}.png`, CAPTURES), encodePng(picture));
    console.log(`${name}: ${messagesIn(capture)} messages, ${Deno.statSync(archive).size} bytes`);
  }
}

async function checkVersions(): Promise<void> {
  for (const [name, pinned] of Object.entries(PINNED)) {
    const { stdout } = await mustRunProcess("dpkg-query", ["--show", "--showformat", "${Version}", name]);
    if (stdout !== pinned) throw new Error(`Cannot record: ${name} is ${stdout}, not ${pinned}`);
  }
}

/** The files of a capture, its times counted from its begin. */
function filesOf({ connections, handshakes }: Capture): Map<string, Uint8Array> {
  const all = [...connections, ...handshakes];
  const begin = Math.min(...all.flatMap(({ reads }) => reads.map(({ time }) => time)));
  return new Map(all.flatMap(({ name, streams, reads, cleared }) => {
    const lines = reads.map(({ time, from, length }) =>
      `${(time - begin).toFixed(6)} ${from === "client" ? ">" : "<"} ${length}\n`
    );
    const files: [string, Uint8Array][] = [
      [`${name}.c2s`, streams.client],
      [`${name}.s2c`, streams.server],
      [`${name}.idx`, new TextEncoder().encode(lines.join(""))],
    ];
    if (cleared.length > 0) files.push([`${name}.alt`, new TextEncoder().encode(clearedText(cleared))]);
    return files;
  }));
}

function messagesIn({ connections }: Capture): number {
  return connections.reduce((sum, { messages }) => sum + messages.client.length + messages.server.length, 0);
}
