/** Alpha of images, which only blending shows. */
import { DisplayDrawAlphaBlend } from "../../protocol/messages/draw.ts";
import { BitmapFmt } from "../../protocol/messages/enums.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import type { ClientScreen } from "./client_screen.ts";
import { bitmapOf } from "./draws.ts";
import { mustBeNear } from "./near.ts";
import { blank, type Box, boxAt, paint, type Picture, pictureOf, pixelAt } from "./pictures.ts";
import { lacks } from "./verdict.ts";

/** A rounding more or less, at each of two steps. */
const ROUNDING = 2;

/** A picture whose colours are multiplied by its alpha, and that alpha. */
export interface Translucent {
  readonly colours: Picture;
  readonly alpha: Picture;
}

/** Multiplies colours by alpha. */
export function translucent(colours: Picture, alpha: (x: number, y: number) => number): Translucent {
  const { width, height } = colours, alphas = pictureOf(width, height, alpha);
  return {
    alpha: alphas,
    colours: pictureOf(width, height, (x, y) => {
      return channels(pixelAt(colours, x, y), (one) => Math.floor(one * pixelAt(alphas, x, y) / 255));
    }),
  };
}

/** Sends ALPHA_BLEND of a whole image, and paints what it should show. */
export async function blend(screen: ClientScreen, box: Box, image: SpiceImage, shown: Translucent): Promise<void> {
  const shape = { is: "NONE", value: null } as const;
  const srcArea = boxAt(0, 0, box.right - box.left, box.bottom - box.top);
  await screen.send(DisplayDrawAlphaBlend, {
    base: { surfaceId: 0, box, clip: { shape } },
    data: { alphaFlags: 0, alpha: 255, srcBitmap: image, srcArea },
  });
  paint(screen.expected, box, (x, y, before) => {
    const colour = pixelAt(shown.colours, x - box.left, y - box.top);
    const alpha = pixelAt(shown.alpha, x - box.left, y - box.top);
    let pixel = 0;
    for (const shift of [0, 8, 16]) {
      const under = Math.round((before >> shift & 255) * (255 - alpha) / 255);
      pixel |= Math.min(255, (colour >> shift & 255) + under) << shift;
    }
    return pixel;
  });
}

/** Ends the case unless the client blends a plain bitmap. */
export async function needsBlending(screen: ClientScreen): Promise<void> {
  const white = { top: 0, left: 0, bottom: screen.expected.height, right: screen.expected.width };
  await screen.fill(white, 0xffffff);
  const image = bitmapOf(blank(4, 4, 0x2030), { format: BitmapFmt.RGBA, highByte: 255 });
  await blend(screen, boxAt(0, 0, 4, 4), image, { colours: blank(4, 4, 0x2030), alpha: blank(4, 4, 255) });
  if (pixelAt(await screen.shot(), 1, 1) === 0xffffff) lacks("it does not draw ALPHA_BLEND");
}

/** Fails unless the client shows what blending gives. */
export async function mustShowBlended(screen: ClientScreen): Promise<void> {
  mustBeNear(await screen.shot(), screen.expected, ROUNDING, "the client");
}

function channels(pixel: number, to: (one: number) => number): number {
  return to(pixel >> 16 & 255) << 16 | to(pixel >> 8 & 255) << 8 | to(pixel & 255);
}
