import assert from "node:assert/strict";
import { CAPTURES, readConnectionsAt } from "./capture.ts";
import { readCaptureFiles } from "./capture_files.ts";
import { makeTempDir } from "./peers/temp_dir.ts";
import { roundTripLine, roundTrips } from "./round_trip.ts";
import { below, prng } from "../protocol/schema/prng.ts";

const SURFACES = new URL("surfaces.tar.gz", CAPTURES).pathname;

/** Lines of what did not pass, once some files of a capture are damaged. */
async function linesOf(damage: (files: Map<string, Uint8Array>) => void): Promise<string[]> {
  await using dir = await makeTempDir("round-trip");
  const files = new Map([...readCaptureFiles(SURFACES)].map(([name, bytes]) => [name, bytes.slice()]));
  damage(files);
  for (const [name, bytes] of files) await Deno.writeFile(`${dir.path}/${name}`, bytes);
  return [...roundTrips(readConnectionsAt(dir.path))].filter(({ verdict }) => verdict !== "passed").map(roundTripLine);
}

Deno.test("roundTrips() finds nothing in a whole capture", async () => {
  assert.deepEqual(await linesOf(() => {}), []);
});

Deno.test("roundTrips() skips a message that is cut off, and tells that the index says more", async () => {
  const lines = await linesOf((files) => files.set("01.s2c", files.get("01.s2c")!.subarray(0, -3)));
  assert.equal(lines.length, 2);
  assert.match(lines[0]!, /^01 display 0 server byte \d+ end of the stream: skipped: the last \d+ bytes are no whole/);
  assert.match(lines[1]!, /: failed: Cannot read capture: the index tells of \d+ bytes, the stream has \d+$/);
});

Deno.test("roundTrips() names the message that cannot be decoded, and goes on", async () => {
  const lines = await linesOf((files) => {
    const stream = files.get("00.s2c")!, at = 16 + 178 + 8 + 4;
    // The first message gets an id that main does not have.
    stream[at] = 0xee;
  });
  assert.deepEqual(lines, ["00 main 0 server byte 206 message 238: failed: the main channel has no message 238"]);
});

Deno.test("roundTrips() leaves other connections alone when one cannot be read", async () => {
  const lines = await linesOf((files) => {
    files.delete("00.idx");
    files.get("01.c2s")![0] = 0x16;
    files.get("02.c2s")![20] = 77;
    files.set("03.s2c", files.get("03.s2c")!.subarray(0, 20));
  });
  assert.equal(lines.length, 4);
  assert.match(lines[0]!, /^00: failed: Cannot read capture: no 00\.idx$/);
  assert.match(lines[1]!, /^01: failed: Cannot decode SpiceLinkHeader at byte 0 \(magic\): .* is this TLS\?$/);
  assert.match(lines[2]!, /^02: skipped: Cannot read capture: no channel of type 77$/);
  assert.match(lines[3]!, /^03: failed: Cannot decode SpiceLinkReply at byte 4 \(pubKey\): need 162 bytes, 0 left$/);
});

Deno.test("roundTrips() gives results and no other errors, whatever bytes are damaged", async () => {
  const random = prng(4);
  for (let round = 0; round < 60; round++) {
    await linesOf((files) => {
      const names = [...files.keys()];
      for (let n = 0; n < 20; n++) {
        const bytes = files.get(names[below(random, names.length)]!)!;
        bytes[below(random, Math.min(bytes.length, 4096))] = below(random, 256);
      }
    });
  }
});
