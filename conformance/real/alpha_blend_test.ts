/** The same ALPHA_BLEND messages to spice-gtk and to our client: the pictures are the same to the last bit. */
import assert from "node:assert/strict";
import { DisplaySurfaceCreate } from "../../protocol/messages/display.ts";
import { DisplayDrawAlphaBlend } from "../../protocol/messages/draw.ts";
import { AlphaFlags, BitmapFmt, SurfaceFmt } from "../../protocol/messages/enums.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import { judgePeer } from "../matrix/judge_peer.ts";
import { PEERS } from "../matrix/peers.ts";
import { peerTest } from "../peers/require_peer.ts";
import type { Case } from "../suite/case.ts";
import { ClientScreen } from "../suite/client_screen.ts";
import { bitmapOf, surfaceImage } from "../suite/draws.ts";
import { boxAt, noise, type Picture } from "../suite/pictures.ts";

const SIZE = { width: 600, height: 440 }, ALL = boxAt(0, 0, SIZE.width, SIZE.height);

/** Off-screen surfaces to blend from and upon. */
const SURFACES = [[1, "32_xRGB"], [2, "32_ARGB"], [3, "16_555"]] as const;
const FORMATS = ["16BIT", "24BIT", "32BIT", "RGBA"] as const;
/** Width and height of surfaces and images. */
const SIDE = 40;
/** Blends of each of them. */
const TIMES = 12;
const NO_CLIP = { shape: { is: "NONE", value: null } } as const;

/** Draws all the blends, then everything that shows what came of them. @returns What the client shows. */
async function blends(screen: ClientScreen): Promise<Picture> {
  const whole = boxAt(0, 0, SIDE, SIDE);
  await screen.copy(ALL, bitmapOf(noise(SIZE.width, SIZE.height, 1)), null);
  for (const [surfaceId, format] of SURFACES) {
    await screen.send(DisplaySurfaceCreate, {
      surfaceId,
      width: SIDE,
      height: SIDE,
      format: SurfaceFmt[format],
      flags: 0,
    });
    await screen.copy(whole, translucentImage(surfaceId), null, { surfaceId });
  }
  let state = 7;
  const upTo = (most: number) => {
    state = Math.imul(state, 1103515245) + 12345 >>> 0;
    return (state >>> 16) % (most + 1);
  };
  const blend = async (surfaceId: number, left: number, top: number, srcBitmap: SpiceImage, alphaFlags: number) => {
    const size = [1 + upTo(SIDE), 1 + upTo(SIDE)] as const, box = boxAt(left, top, ...size);
    const srcSize = upTo(1) === 0 ? size : [1 + upTo(SIDE), 1 + upTo(SIDE)] as const;
    const srcArea = boxAt(upTo(9) - 3, upTo(9) - 3, ...srcSize);
    const clips = [boxAt(left + upTo(20), top, 30, 9), boxAt(left, top + upTo(20), 12, 30)];
    const shape = upTo(2) === 0 ? { is: "RECTS", value: { rects: clips } } as const : NO_CLIP.shape;
    await screen.send(DisplayDrawAlphaBlend, {
      base: { surfaceId, box, clip: { shape } },
      data: { alphaFlags, alpha: upTo(2) === 0 ? 255 : upTo(255), srcBitmap, srcArea },
    });
  };
  const images = [
    ...FORMATS.map((format, i) => {
      const highByte = i % 2 === 0 ? 0x80 : 0;
      return format === "RGBA"
        ? translucentImage(9)
        : bitmapOf(noise(SIDE, SIDE, i), { format: BitmapFmt[format], highByte });
    }),
    ...SURFACES.map(([id]) => surfaceImage(id, SIDE, SIDE)),
  ];
  const { DEST_HAS_ALPHA, SRC_SURFACE_HAS_ALPHA } = AlphaFlags;
  for (const [i, image] of images.entries()) {
    for (let n = 0; n < TIMES; n++) {
      await blend(0, 45 * n + upTo(9), 45 * i + upTo(9), image, n % 2 === 0 ? SRC_SURFACE_HAS_ALPHA : 0);
    }
  }
  for (const [i, [id, format]] of SURFACES.entries()) {
    // Without the flag, the alpha of a 32_xRGB surface is afterwards what spice-gtk's processor left there.
    const flags = format === "32_xRGB" ? [DEST_HAS_ALPHA] : [DEST_HAS_ALPHA, 0];
    for (const image of images.slice(0, FORMATS.length)) {
      for (let n = 0; n < 4; n++) await blend(id, upTo(9), upTo(9), image, flags[n % flags.length]!);
    }
    // What surfaces have become, with and without their alpha. spice-gtk copies none of another depth.
    const srcBitmap = surfaceImage(id, SIDE, SIDE);
    for (const [row, alphaFlags] of [0, SRC_SURFACE_HAS_ALPHA].entries()) {
      await screen.send(DisplayDrawAlphaBlend, {
        base: { surfaceId: 0, box: boxAt(50 * i, 340 + 50 * row, SIDE, SIDE), clip: NO_CLIP },
        data: { alphaFlags, alpha: 255, srcBitmap, srcArea: whole },
      });
    }
  }
  return await screen.shot();
}

/** Noise, multiplied by noise. */
function translucentImage(seed: number): SpiceImage {
  const colours = noise(SIDE, SIDE, seed), alphas = noise(SIDE, SIDE, seed + 50);
  const pixels = colours.pixels.map((colour, i) => {
    const alpha = i % 5 === 0 ? 255 : alphas.pixels[i]! & 255;
    const by = (shift: number) => Math.floor((colour >> shift & 255) * alpha / 255) << shift;
    return (alpha << 24 | by(16) | by(8) | by(0)) >>> 0;
  });
  return bitmapOf({ width: SIDE, height: SIDE, pixels }, { format: BitmapFmt.RGBA });
}

/** What a peer of the matrix shows. */
async function shownBy(id: string): Promise<Picture> {
  let shown: Picture | undefined;
  const one: Case = {
    address: "display/alpha_blend/all",
    judges: "client",
    title: "blends",
    requirement: "The client MUST blend as the reference does",
    source: "spice-common canvas_base.c canvas_draw_alpha_blend",
    level: "must",
    run: async (peer) => {
      shown = await blends(await ClientScreen.open(peer, { size: SIZE }));
    },
  };
  const { results } = await judgePeer(PEERS.find((peer) => peer.id === id)!, [one]);
  assert.deepEqual(results.map(({ verdict, reason }) => [verdict, reason]), [["ok", ""]]);
  return shown!;
}

peerTest({
  name: "ALPHA_BLEND of images and surfaces: ours shows what spice-gtk shows",
  needs: ["gir1.2-spiceclientglib-2.0", "python3-gi"],
  fn: async () => {
    const [theirs, ours] = [await shownBy("spice-gtk"), await shownBy("saffron-client")];
    const different: string[] = [];
    theirs.pixels.forEach((pixel, i) => {
      if (pixel === ours.pixels[i]) return;
      const place = `${i % theirs.width},${Math.floor(i / theirs.width)}`;
      different.push(`${place} ${ours.pixels[i]!.toString(16)} ${pixel.toString(16)}`);
    });
    assert.deepEqual(different.slice(0, 5), [], `${different.length} pixels differ`);
  },
});
