/** Portable pixmaps (P6, 8 bits a sample): what QEMU, spicy-screenshot and xwd converters write. */

import type { Picture } from "./picture.ts";

/**
 * Read a P6 file.
 *
 * @param bytes The whole file.
 * @returns Its pixels, 0x00RRGGBB.
 * @throws {Error} When it is not P6, has another depth than 255, or is cut short.
 *
 * Source: netpbm ppm(5).
 */
export function parsePpm(bytes: Uint8Array): Picture {
  // Four fields parted by white space, comments from # to the end of the line, then exactly one white space.
  const fields: string[] = [];
  let at = 0;
  while (fields.length < 4) {
    while (isSpace(bytes[at]) || bytes[at] === 0x23) {
      if (bytes[at] === 0x23) { while (at < bytes.length && bytes[at] !== 0x0a) at++; }
      at++;
    }
    const from = at;
    while (at < bytes.length && !isSpace(bytes[at])) at++;
    if (from === at) throw new Error(`Cannot read PPM: header ends at byte ${at}`);
    fields.push(new TextDecoder().decode(bytes.subarray(from, at)));
  }
  at++;
  const [magic, width, height, depth] = [fields[0], Number(fields[1]), Number(fields[2]), Number(fields[3])];
  if (magic !== "P6" || depth !== 255) {
    throw new Error(`Cannot read PPM: ${magic} with depth ${depth}, need P6 and 255`);
  }
  if (bytes.length - at !== width * height * 3) {
    throw new Error(
      `Cannot read PPM: ${width}x${height} needs ${width * height * 3} bytes, ${bytes.length - at} there`,
    );
  }
  const pixels = new Uint32Array(width * height);
  for (let out = 0; out < pixels.length; out++, at += 3) {
    pixels[out] = bytes[at]! << 16 | bytes[at + 1]! << 8 | bytes[at + 2]!;
  }
  return { width, height, pixels };
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
