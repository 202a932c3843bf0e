/** Our client on images of every type: that they come, as QEMU and libspice-server send them, and the pixels. */
import assert from "node:assert/strict";
import { connect, decodeGlz, decodeJpegAlpha, GlzWindow, ImageCompression } from "../../mod.ts";
import { JpegAlphaFlags } from "../../protocol/messages/enums.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import type { Capture } from "../capture.ts";
import { copiesOf } from "../peers/copies_of.ts";
import { makeGrubIso } from "../peers/grub_iso.ts";
import { LIBSPICE, type LibspiceOptions, startLibspice } from "../peers/libspice_generator.ts";
import { type Picture, pictureDifference, pictureOfRgba } from "../peers/picture.ts";
import { parsePpm } from "../peers/ppm.ts";
import { startQemu, type Vga } from "../peers/qemu.ts";
import { peerTest } from "../peers/require_peer.ts";
import { startTap } from "../peers/tap.ts";
import { waitUntil } from "../peers/wait_until.ts";
import { runClient } from "./client_command.ts";
import { playScene, sceneOfSpiceGtk } from "./played_scene.ts";

const QEMU = ["qemu-system-x86", "qemu-system-common"];
const GRUB = ["grub-common", "grub-pc-bin", "xorriso", "mtools"];
const GTK = ["gir1.2-spiceclientglib-2.0", "python3-gi"];

type ImageKind = SpiceImage["body"]["is"];

/** A way to send images, and the types that come of it. */
interface Way {
  /** QEMU's `-spice`. */
  readonly spice: string;
  /** What the client asks for; nothing unless given. */
  readonly asks?: Extract<keyof typeof ImageCompression, string>;
  /** Types that must come, of GRUB with its photograph. */
  readonly must: readonly ImageKind[];
  /** Others that may: small images are not compressed, and GLZ has no whole screens. */
  readonly may?: readonly ImageKind[];
  readonly vga?: Vga;
}

const LOSSLESS: readonly Way[] = [
  { spice: "image-compression=auto_glz", must: ["GLZ_RGB", "QUIC"], may: ["LZ_RGB", "BITMAP"] },
  { spice: "image-compression=auto_glz", must: ["GLZ_RGB", "QUIC"], may: ["LZ_RGB", "BITMAP"], vga: "std" },
  { spice: "image-compression=auto_lz", must: ["LZ_RGB", "QUIC"], may: ["BITMAP"] },
  { spice: "image-compression=quic", must: ["QUIC"], may: ["BITMAP"] },
  { spice: "image-compression=glz", must: ["GLZ_RGB"], may: ["LZ_RGB", "BITMAP"] },
  { spice: "image-compression=lz", must: ["LZ_RGB"], may: ["BITMAP"] },
  { spice: "image-compression=off", must: ["BITMAP"] },
  // QEMU 7.2 has no word for it, but its SPICE server does what the client asks for.
  { spice: "image-compression=off", asks: "LZ4", must: ["LZ4"], may: ["BITMAP"] },
  {
    spice: "image-compression=glz,zlib-glz-wan-compression=always",
    must: ["ZLIB_GLZ_RGB"],
    may: ["GLZ_RGB", "LZ_RGB", "BITMAP"],
  },
];

for (const way of LOSSLESS) {
  const asks = way.asks === undefined ? "" : `, asked for ${way.asks}`;
  peerTest({
    name: `GRUB on ${way.vga ?? "qxl"}, ${way.spice}${asks}: ${way.must.join(" and ")}, pixel for pixel`,
    needs: [...QEMU, ...GRUB],
    fn: async () => {
      const { shots, capture } = await driveGrub(way);
      for (const { ours, expected } of shots) assert.equal(pictureDifference(ours, expected), null);
      mustBeOf(capture, way);
    },
  });
}

peerTest({
  name: "GRUB where JPEG is allowed: JPEG, near the pixels; the same where something lossless was drawn last",
  needs: [...QEMU, ...GRUB],
  fn: async () => {
    const spice = "image-compression=auto_glz,jpeg-wan-compression=always";
    const way: Way = { spice, must: ["JPEG", "GLZ_RGB"], may: ["QUIC", "LZ_RGB", "BITMAP"] };
    const { shots, capture } = await driveGrub(way);
    for (const { ours, expected } of shots) {
      const { mean, max } = lossOf(ours, expected);
      // Measured: means of 0.22 to 1.59 over the screen, at most 112 on the edges of letters.
      assert.ok(mean > 0 && mean < 3 && max < 160, `mean ${mean}, max ${max}`);
    }
    const { ours, expected } = shots.at(-1)!, lossy = new Uint8Array(expected.pixels.length);
    for (const { box: { left, top, right, bottom }, image } of copiesOf(capture)) {
      const value = image.body.is === "JPEG" ? 1 : 0;
      for (let y = top; y < bottom; y++) lossy.fill(value, y * ours.width + left, y * ours.width + right);
    }
    const exact = lossy.filter((value) => value === 0).length;
    assert.ok(exact > 100_000 && exact < lossy.length, `${exact} pixels are lossless`);
    for (const { pixels } of [ours, expected]) for (let i = 0; i < lossy.length; i++) if (lossy[i] === 1) pixels[i] = 0;
    assert.equal(pictureDifference(ours, expected), null);
    mustBeOf(capture, way);
  },
});

for (const spice of ["image-compression=auto_glz", "image-compression=glz,zlib-glz-wan-compression=always"]) {
  peerTest({
    name: `memtest86+ while it draws, ${spice}: pixel for pixel`,
    needs: [...QEMU, "memtest86+"],
    fn: async () => {
      await using qemu = await startQemu({ vga: "std", boot: { kind: "memtest" }, spice });
      await using session = await connect(qemu.uri);
      for (let times = 0; times < 3; times++) {
        const expected = await qemu.stopStill({ stillMs: 40 });
        assert.equal(pictureDifference(pictureOfRgba(await session.screen.screenshot()), expected), null);
        await qemu.cont();
      }
      assert.deepEqual(session.unsupported, []);
    },
  });
}

peerTest({
  name: "client screenshot --compression asks for each; without, the server chooses",
  needs: [...QEMU, ...GRUB],
  fn: async () => {
    await using iso = await makeGrubIso();
    const spice = "image-compression=quic";
    await using qemu = await startQemu({ vga: "qxl", boot: { kind: "iso", ...iso }, spice });
    const expected = await qemu.stopStill();
    const ways: readonly (readonly [string | null, ImageKind])[] = [
      [null, "QUIC"],
      ["off", "BITMAP"],
      ["lz", "LZ_RGB"],
      ["lz4", "LZ4"],
      ["quic", "QUIC"],
      // What is there already is no operation, so GLZ could not retain it.
      ["glz", "LZ_RGB"],
    ];
    for (const [compression, kind] of ways) {
      await using tap = await startTap(qemu.uri);
      const options = compression === null ? [] : ["--compression", compression];
      const result = await runClient(["screenshot", tap.uri, "-", "--format", "ppm", ...options]);
      assert.equal(result.code, 0, result.err.join("\n"));
      assert.equal(pictureDifference(parsePpm(result.stdout), expected), null);
      const kinds = new Set(copiesOf(await tap.finish()).map(({ image }) => image.body.is));
      assert.deepEqual([...kinds], [kind], `${compression}`);
    }
  },
});

/** How libspice sends a scene where JPEG or zlib is allowed, and the types that must come. */
const LIBSPICE_WAYS: readonly { readonly options: LibspiceOptions; readonly must: readonly ImageKind[] }[] = [
  { options: { scene: "photos", compression: "quic", jpeg: "always" }, must: ["JPEG", "JPEG_ALPHA"] },
  { options: { scene: "bitmaps", compression: "auto_glz", jpeg: "always", zlib: "always" }, must: ["ZLIB_GLZ_RGB"] },
  { options: { scene: "bitmaps", compression: "quic", jpeg: "always" }, must: ["JPEG", "JPEG_ALPHA"] },
  { options: { scene: "cache", compression: "glz", zlib: "always" }, must: ["ZLIB_GLZ_RGB", "FROM_CACHE"] },
];

for (const { options, must } of LIBSPICE_WAYS) {
  const { scene, ...rest } = options;
  peerTest({
    name: `${scene}, ${JSON.stringify(rest)}: ${must.join(" and ")}, as spice-gtk shows it`,
    needs: [...LIBSPICE, ...GTK],
    fn: async () => {
      const [theirs] = await sceneOfSpiceGtk(options);
      const { pictures, capture } = await sceneOfOurs(options);
      assert.equal(pictureDifference(pictures[0]!, theirs!), null);
      const kinds = new Set(copiesOf(capture).map(({ image }) => image.body.is));
      for (const kind of must) assert.ok(kinds.has(kind), `only ${[...kinds].join(", ")} come`);
    },
  });
}

peerTest({
  name: "the alpha of JPEG_ALPHA is that of the bitmap",
  needs: LIBSPICE,
  fn: async () => {
    const bitmaps = copiesOf((await sceneOfOurs({ scene: "photos", compression: "off" })).capture);
    const jpegs = copiesOf((await sceneOfOurs({ scene: "photos", compression: "quic", jpeg: "always" })).capture);
    let compared = 0;
    for (const { image, box } of jpegs) {
      if (image.body.is !== "JPEG_ALPHA") continue;
      const { data, jpegSize: jpegBytes, flags } = image.body.value;
      const topDown = (flags & JpegAlphaFlags.TOP_DOWN) !== 0;
      const ours = decodeJpegAlpha(data, { jpegBytes, topDown }, { maxPixels: 1 << 20 });
      const body = bitmaps.find((copy) => JSON.stringify(copy.box) === JSON.stringify(box))!.image.body;
      assert(body.is === "BITMAP");
      const { x, y, stride, flags: how } = body.value;
      const alpha = Uint8Array.from({ length: x * y }, (_, i) => {
        const row = Math.floor(i / x), line = (how & 4) !== 0 ? row : y - 1 - row;
        return body.value.data[line * stride + i % x * 4 + 3]!;
      });
      assert.ok(new Set(alpha).size > 10, "the alpha is flat");
      assert.deepEqual(Uint8Array.from(ours.pixels, (pixel) => pixel >>> 24), alpha);
      compared++;
    }
    assert.ok(compared > 0, "no JPEG_ALPHA comes");
  },
});

for (const zlib of ["never", "always"] as const) {
  peerTest({
    name: `two displays share a GLZ window, zlib ${zlib}: both are as spice-gtk shows them`,
    needs: [...LIBSPICE, ...GTK],
    fn: async () => {
      const options: LibspiceOptions = { scene: "heads", displays: 2, compression: "glz", zlib };
      const theirs = await sceneOfSpiceGtk(options), { pictures, capture } = await sceneOfOurs(options);
      for (const display of [0, 1]) assert.equal(pictureDifference(pictures[display]!, theirs[display]!), null);
      const kind: ImageKind = zlib === "always" ? "ZLIB_GLZ_RGB" : "GLZ_RGB";
      for (const display of [0, 1]) {
        assert.ok(copiesOf(capture, display).some(({ image }) => image.body.is === kind), `${kind} on ${display}`);
      }
      if (zlib === "always") return;
      // Each display alone lacks what the other brought.
      const waits = [0, 1].map((display) => {
        const window = new GlzWindow(1 << 24);
        return copiesOf(capture, display).filter(({ image: { body } }) =>
          body.is === "GLZ_RGB" && "waitsFor" in decodeGlz(body.value.data, window, { maxPixels: 1 << 20 })
        ).length;
      });
      assert.ok(waits.some((count) => count > 0), "no image refers to one of the other display");
    },
  });
}

interface Shot {
  readonly ours: Picture;
  /** QEMU's screendump. */
  readonly expected: Picture;
}

/** Marks entries of GRUB's menu, and writes a page on its command line; pictures of all three. */
async function driveGrub({ spice, asks, vga = "qxl" }: Way): Promise<{ shots: Shot[]; capture: Capture }> {
  await using iso = await makeGrubIso();
  await using qemu = await startQemu({ vga, boot: { kind: "iso", ...iso }, spice });
  await using tap = await startTap(qemu.uri);
  const shots: Shot[] = [];
  {
    await using session = await connect(
      tap.uri,
      asks === undefined ? {} : { preferredCompression: ImageCompression[asks] },
    );
    const shoot = async () => {
      const expected = await qemu.stopStill();
      shots.push({ ours: pictureOfRgba(await session.screen.screenshot()), expected });
      await qemu.cont();
    };
    await shoot();
    for (const key of ["down", "down", "up"]) {
      const before = await session.screen.screenshot();
      await session.keyboard.press(key);
      await session.screen.waitFor(before, "different");
    }
    await shoot();
    const from = (await qemu.serial()).length;
    await session.keyboard.press("c");
    await qemu.waitSerial("grub>", { from });
    await session.keyboard.type("help\n");
    await session.screen.waitQuiet({ quietMs: 300 });
    await shoot();
    assert.deepEqual(session.unsupported, []);
  }
  return { shots, capture: await tap.finish() };
}

async function sceneOfOurs(options: LibspiceOptions): Promise<{ pictures: Picture[]; capture: Capture }> {
  await using server = await startLibspice(options);
  await using tap = await startTap(server.uri);
  const pictures: Picture[] = [];
  {
    await using session = await connect(tap.uri);
    await session.screen.screenshot();
    await playScene(server);
    await waitUntil("the displays", () => session.screen.heads.length === (options.displays ?? 1));
    await session.screen.waitQuiet({ quietMs: 300 });
    for (let head = 0; head < (options.displays ?? 1); head++) {
      pictures.push(pictureOfRgba(await session.screen.screenshot({ head, quietMs: 300 })));
    }
    assert.deepEqual(session.unsupported, []);
  }
  return { pictures, capture: await tap.finish() };
}

function mustBeOf(capture: Capture, { must, may = [] }: Way): void {
  const counts = new Map<ImageKind, number>();
  for (const { image: { body } } of copiesOf(capture)) counts.set(body.is, (counts.get(body.is) ?? 0) + 1);
  const text = [...counts].map(([kind, count]) => `${count} ${kind}`).join(", ");
  for (const kind of must) assert.ok((counts.get(kind) ?? 0) > 10, text);
  assert.deepEqual([...counts.keys()].filter((kind) => !must.includes(kind) && !may.includes(kind)), [], text);
}

/** Differences of the colours of all pixels. */
function lossOf(actual: Picture, expected: Picture): { mean: number; max: number } {
  let sum = 0, max = 0;
  for (let i = 0; i < expected.pixels.length; i++) {
    for (const shift of [0, 8, 16]) {
      const difference = Math.abs((actual.pixels[i]! >> shift & 0xff) - (expected.pixels[i]! >> shift & 0xff));
      sum += difference;
      max = Math.max(max, difference);
    }
  }
  return { mean: sum / expected.pixels.length / 3, max };
}
