/** What our server does for a viewer behind a slow line: spice-gtk behind a relay that lets few bytes through. */
import assert from "node:assert/strict";
import { PixelsMachine, SpiceServer } from "../../mod.ts";
import { copiesOf } from "../peers/copies_of.ts";
import { pictureDifference } from "../peers/picture.ts";
import { peerTest } from "../peers/require_peer.ts";
import { startSlowLink } from "../peers/slow_link.ts";
import { startSpiceGtk } from "../peers/spice_gtk.ts";
import { startTap } from "../peers/tap.ts";
import { pause, waitUntil } from "../peers/wait_until.ts";

const GTK = ["gir1.2-spiceclientglib-2.0", "python3-gi"];
const SIZE = { width: 640, height: 480 };
const portOf = (uri: string) => Number(new URL(uri).port);

/** Frames of text and a photograph to spice-gtk behind a line. @returns Kinds of images that came, sorted. */
async function kindsBehind(bitsPerSecond: number, delayMs: number): Promise<string> {
  const machine = new PixelsMachine(SIZE);
  await using server = new SpiceServer({ machine, jpeg: "auto", zlibGlz: "auto" });
  await using tap = await startTap(await server.listen({ port: 0 }));
  {
    await using line = startSlowLink(portOf(tap.uri), { bitsPerSecond, delayMs });
    await using gtk = await startSpiceGtk({ port: line.port });
    for (let frame = 0; frame < 12; frame++) {
      paintFrame(machine, frame);
      await pause(150);
    }
    const shows = async () => pictureDifference(await gtk.shot(), machine) === null;
    await waitUntil("every pixel of the last frame", shows, { timeoutMs: 20_000 });
  }
  const kinds = new Set(copiesOf(await tap.finish()).map(({ image }) => image.body.is));
  return [...kinds].sort().join(" ");
}

peerTest({
  name: "Behind 4 Mbit/s, spice-gtk is sent JPEG and GLZ inside zlib, and has every pixel in the end",
  needs: GTK,
  fn: async () => {
    const kinds = await kindsBehind(4e6, 20);
    for (const kind of ["JPEG", "ZLIB_GLZ_RGB", "QUIC"]) assert.ok(kinds.includes(kind), kinds);
  },
});

peerTest({
  name: "Behind 100 Mbit/s with the same delay, it is sent neither",
  needs: GTK,
  fn: async () => assert.equal(await kindsBehind(100e6, 20), "GLZ_RGB QUIC"),
});

/** Left what is like text, right what is like a photograph, apart; both anew in each frame. */
function paintFrame(machine: PixelsMachine, frame: number): void {
  const { width, height, pixels } = machine;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const text = (x * 7 ^ y * 5 + frame * 3) % 11 < 4 && y % 12 < 9 ? 0x202020 : 0xfafafa - frame;
      const red = 128 + 100 * Math.sin(x / 31 + y / 57 + frame), green = 128 + 90 * Math.sin(y / 23 - frame);
      const photo = red << 16 | green << 8 | (x + y >> 2 & 127) + (x * 31 + y * 17) % 3;
      if (x < 256 || x >= 320) pixels[y * width + x] = x < 256 ? text : photo;
    }
  }
  machine.damage({ left: 0, top: 0, right: 256, bottom: height });
  machine.damage({ left: 320, top: 0, right: width, bottom: height });
}
