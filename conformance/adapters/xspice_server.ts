/**
 * Xspice with a terminal on it, for the suite to judge: of the control protocol it knows `uri`, drawing, and the picture
 * that X holds.
 */
import { waitUntil } from "../peers/wait_until.ts";
import { startXspice } from "../peers/xspice.ts";
import { answerLines, writePicture } from "./lines.ts";

// Standard input is closed first: that ends this program, with nothing left behind.
Deno.addSignalListener("SIGTERM", () => {});
await using xspice = await startXspice();
await xspice.openTerminal();
const artist = xspice.start("/usr/bin/python3", [new URL("../peers/x_draw.py", import.meta.url).pathname]);
let asked = 0;

async function draw(args: Readonly<Record<string, unknown>>): Promise<void> {
  asked++;
  await artist.write(`${JSON.stringify(args)}\n`);
  await waitUntil("what was drawn", () => {
    artist.mustRun();
    return artist.output().split("done").length > asked;
  }, { timeoutMs: 4000, everyMs: 2 });
}

await answerLines({
  uri: () => xspice.uri,
  fill: (args) => draw({ ...args, do: "fill" }),
  copy: (args) => draw({ ...args, do: "copy" }),
  paint: (args) => draw({ ...args, do: "paint" }),
  picture: async () => writePicture(await xspice.screendump()),
});
