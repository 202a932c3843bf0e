/** How a viewer's pictures are compressed: what may be asked for, and what that comes to for one area. */

import { ImageCompression } from "../../protocol/messages/enums.ts";

/**
 * Compression of pictures: `auto`, what the protocol's members of `image_compression` name, and nothing else.
 *
 * - `off`: bitmaps.
 * - `lz`, `glz`, `quic`, `lz4`: always that. GLZ refers to earlier pictures, so text that was there before costs little.
 * - `auto-lz`, `auto-glz`: QUIC for what is like a photograph, that for all else.
 * - `auto`: `auto-glz` for a viewer that is alone or has a slow link, else `auto-lz`, which is encoded once for all.
 */
export type PictureCompression = "auto" | "off" | "auto-glz" | "auto-lz" | "quic" | "glz" | "lz" | "lz4";

/** All of them, in the order of the help. */
export const IMAGE_COMPRESSIONS: readonly PictureCompression[] = [
  "auto",
  "off",
  "auto-glz",
  "auto-lz",
  "quic",
  "glz",
  "lz",
  "lz4",
];

/** Whether something is done for slow links: on those, on all, or never. */
export type SlowLinkChoice = "auto" | "always" | "never";

/** All of them. */
export const SLOW_LINK_CHOICES: readonly SlowLinkChoice[] = ["auto", "always", "never"];

/** How pictures are coded: those that are drawn, and those like a photograph. */
export interface Coding {
  readonly drawings: "bitmap" | "lz" | "glz" | "lz4" | "quic";
  /** JPEG loses something. */
  readonly photos: "bitmap" | "lz" | "glz" | "lz4" | "quic" | "jpeg";
  /** Whether GLZ goes inside zlib. */
  readonly zlib: boolean;
}

/** What {@link codingFor} needs to know of a viewer and its link. */
export interface CodingCase {
  readonly compression: PictureCompression;
  /** Whether nobody else watches. */
  readonly alone: boolean;
  readonly slowLink: boolean;
  /** Whether it has a window for GLZ. */
  readonly glz: boolean;
  /** Whether it has said that it decodes LZ4. */
  readonly lz4: boolean;
  readonly jpeg: SlowLinkChoice;
  readonly zlibGlz: SlowLinkChoice;
}

/**
 * How a viewer's pictures are coded now. What it cannot decode becomes LZ, and JPEG takes the place of QUIC only.
 *
 * Source: spice-server server/dcc.cpp get_compression_for_bitmap, dcc_compress_image.
 */
export function codingFor(given: CodingCase): Coding {
  const { slowLink } = given;
  const zlib = isOn(given.zlibGlz, slowLink), photos = isOn(given.jpeg, slowLink) ? "jpeg" : "quic";
  const auto = given.alone || slowLink ? "auto-glz" : "auto-lz";
  const glz = given.glz ? "glz" : "lz", lz4 = given.lz4 ? "lz4" : "lz";
  const compression = given.compression === "auto" ? auto : given.compression;
  switch (compression) {
    case "off":
      return { drawings: "bitmap", photos: "bitmap", zlib };
    case "auto-glz":
      return { drawings: glz, photos, zlib };
    case "auto-lz":
      return { drawings: "lz", photos, zlib };
    case "quic":
      return { drawings: "quic", photos, zlib };
    case "glz":
      return { drawings: glz, photos: glz, zlib };
    case "lz":
      return { drawings: "lz", photos: "lz", zlib };
    case "lz4":
      return { drawings: lz4, photos: lz4, zlib };
  }
}

/**
 * What a viewer prefers.
 *
 * @param preferred Of DISPLAY_PREFERRED_COMPRESSION.
 * @returns `undefined` for a number that is none: what held goes on, as in the reference.
 */
export function preferredCompression(preferred: number): PictureCompression | undefined {
  return PREFERRED.get(preferred);
}

const PREFERRED: ReadonlyMap<number, PictureCompression> = new Map([
  [ImageCompression.OFF, "off"],
  [ImageCompression.AUTO_GLZ, "auto-glz"],
  [ImageCompression.AUTO_LZ, "auto-lz"],
  [ImageCompression.QUIC, "quic"],
  [ImageCompression.GLZ, "glz"],
  [ImageCompression.LZ, "lz"],
  [ImageCompression.LZ4, "lz4"],
]);

function isOn(choice: SlowLinkChoice, slowLink: boolean): boolean {
  return choice === "always" || choice === "auto" && slowLink;
}
