/** A session with display channels, whose server draws what a test says. */
import { DEFAULT_LIMITS, type Limits } from "../../../protocol/limits.ts";
import { channels } from "../../../protocol/messages/channels.ts";
import { DisplaySurfaceCreate } from "../../../protocol/messages/display.ts";
import { DisplayDrawAlphaBlend, DisplayDrawCopy, DisplayDrawFill } from "../../../protocol/messages/draw.ts";
import {
  BitmapFlags,
  BitmapFmt,
  ImageScaleMode,
  Ropd,
  SurfaceFlags,
  SurfaceFmt,
} from "../../../protocol/messages/enums.ts";
import type { BitmapData, SpiceImage } from "../../../protocol/messages/image.ts";
import type { ValueOf } from "../../../protocol/schema/message.ts";
import { Script } from "./scripted_server.ts";

const DISPLAY = channels.display.type, INPUTS = channels.inputs.type;
const { OP_PUT } = Ropd;

export type Box = readonly [left: number, top: number, right: number, bottom: number];

export const rect = ([left, top, right, bottom]: Box) => ({ top, left, bottom, right });
export const noMask = { flags: 0, pos: { x: 0, y: 0 }, bitmap: null };
export const base = (box: Box, surfaceId = 0, clips?: readonly Box[]): ValueOf<typeof DisplayDrawFill>["base"] => ({
  surfaceId,
  box: rect(box),
  clip: clips === undefined
    ? { shape: { is: "NONE", value: null } }
    : { shape: { is: "RECTS", value: { rects: clips.map(rect) } } },
});

/** A session with one display channel, and a shorthand for what its server draws. */
export class Display {
  readonly script: Script;

  constructor(limits: Partial<Limits> = {}, preferredCompression?: number) {
    this.script = new Script({
      session: {
        limits: { ...DEFAULT_LIMITS, ...limits },
        ...(preferredCompression === undefined ? {} : { preferredCompression }),
      },
    }).begin([{ type: DISPLAY, id: 0 }, { type: INPUTS, id: 0 }]);
  }

  get server() {
    return this.script.channel(DISPLAY);
  }

  get core() {
    return this.script.core.displays.get(0)!;
  }

  /** Events from now on. */
  clear(): this {
    this.script.events.length = 0;
    return this;
  }

  create(width: number, height: number, surfaceId = 0, format: number = SurfaceFmt["32_xRGB"]): this {
    const flags = surfaceId === 0 ? SurfaceFlags.PRIMARY : 0;
    this.server.say(DisplaySurfaceCreate, { surfaceId, width, height, format, flags });
    return this;
  }

  fill(box: Box, value: number, options: { surfaceId?: number; clips?: Box[]; rop?: number } = {}): this {
    this.server.say(DisplayDrawFill, {
      base: base(box, options.surfaceId, options.clips),
      data: { brush: { paint: { is: "SOLID", value } }, ropDescriptor: options.rop ?? OP_PUT, mask: noMask },
    });
    return this;
  }

  copy(
    box: Box,
    srcBitmap: SpiceImage | null,
    area: Box = [0, 0, box[2] - box[0], box[3] - box[1]],
    surfaceId = 0,
  ): this {
    const srcArea = rect(area), scaleMode = ImageScaleMode.NEAREST;
    this.server.say(DisplayDrawCopy, {
      base: base(box, surfaceId),
      data: { srcBitmap, srcArea, ropDescriptor: OP_PUT, scaleMode, mask: noMask },
    });
    return this;
  }

  /** @param options Which surface, the alpha of the message, and its flags. */
  alphaBlend(
    box: Box,
    srcBitmap: SpiceImage | null,
    { surfaceId = 0, alpha = 255, alphaFlags = 0, area = [0, 0, box[2] - box[0], box[3] - box[1]] }: {
      surfaceId?: number;
      alpha?: number;
      alphaFlags?: number;
      area?: Box;
    } = {},
  ): this {
    const srcArea = rect(area);
    this.server.say(DisplayDrawAlphaBlend, {
      base: base(box, surfaceId),
      data: { alphaFlags, alpha, srcBitmap, srcArea },
    });
    return this;
  }

  /** Colours of a surface, row by row. */
  pixels(surfaceId = 0): number[][] {
    const { pixels, width } = this.core.surface(surfaceId)!;
    const rows: number[][] = [];
    for (let at = 0; at < pixels.length; at += width) {
      rows.push([...pixels.subarray(at, at + width)].map((pixel) => pixel & 0xffffff));
    }
    return rows;
  }

  /** Code, path and message of the error that ended the session. */
  get failure(): readonly string[] {
    const { code, path, wireName } = this.script.failure;
    return [code, path, wireName];
  }
}

export interface Kept {
  readonly id?: bigint;
  readonly flags?: number;
}

export const image = (width: number, height: number, body: SpiceImage["body"], { id = 1n, flags = 0 }: Kept = {}) => ({
  id,
  flags,
  width,
  height,
  body,
});

/** A 32-bit bitmap, top-down. */
export function bitmap(
  width: number,
  colours: readonly number[],
  kept: Kept = {},
  format: number = BitmapFmt["32BIT"],
): SpiceImage {
  const data = new Uint8Array(Uint32Array.from(colours).buffer), y = colours.length / width;
  const value: BitmapData = {
    format,
    flags: BitmapFlags.TOP_DOWN,
    x: width,
    y,
    stride: 4 * width,
    palette: { is: "otherwise", value: null },
    data,
  };
  return image(width, y, { is: "BITMAP", value }, kept);
}

/** A row of palette indexes. */
export function indexed(indexes: readonly number[], palette: BitmapData["palette"], flags = 0): SpiceImage {
  const value: BitmapData = {
    format: BitmapFmt["8BIT"],
    flags: BitmapFlags.TOP_DOWN | flags,
    x: indexes.length,
    y: 1,
    stride: indexes.length,
    palette,
    data: Uint8Array.from(indexes),
  };
  return image(indexes.length, 1, { is: "BITMAP", value });
}

export const fromCache = (id: bigint) => image(1, 1, { is: "FROM_CACHE", value: null }, { id });
export const lz = (data: Uint8Array, width: number, height: number) =>
  image(width, height, { is: "LZ_RGB", value: { data } });
