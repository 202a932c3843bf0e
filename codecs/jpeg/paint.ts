/** JPEG: from samples to pixels, with the colours brought to full size. */

import type { Component, Frame } from "./segments.ts";

/**
 * Make pixels of samples.
 *
 * @param frame The frame.
 * @param planes Of all its components.
 * @param rgb Whether three components are R, G, B, not luminance, blue, red.
 * @param pixels width × height pixels, 0x00RRGGBB, rows from the top down.
 */
export function paint(frame: Frame, planes: readonly Uint8ClampedArray[], rgb: boolean, pixels: Uint32Array): void {
  const { width, height, components, mostH, mostV } = frame;
  if (components.length === 1) {
    const { stride } = components[0]!, plane = planes[0]!;
    for (let y = 0, out = 0; y < height; y++) {
      for (let x = 0, at = y * stride; x < width; x++) pixels[out++] = Math.imul(plane[at++]!, 0x010101);
    }
    return;
  }
  const [first, second, third] = components as readonly [Component, Component, Component];
  const halved = [second, third].every(({ h, v }) => h * 2 === mostH && v * 2 === mostV);
  if (!rgb && halved && first.h === mostH && first.v === mostV && second.width > 2) {
    paint420(frame, planes, pixels);
    return;
  }
  const lines = components.map(() => new Uint8Array(width + 8));
  const [a, b, c] = lines as [Uint8Array, Uint8Array, Uint8Array];
  for (let y = 0; y < height; y++) {
    components.forEach((component, i) => upsampleRow(component, planes[i]!, mostH, mostV, y, lines[i]!));
    if (rgb) {
      for (let x = 0, out = y * width; x < width; x++) pixels[out++] = a[x]! << 16 | b[x]! << 8 | c[x]!;
    } else {
      for (let x = 0, out = y * width; x < width; x++) pixels[out++] = toRgb(a[x]!, b[x]!, c[x]!);
    }
  }
}

/** One row of a component at full size. Source: libjpeg-turbo jdsample.c jinit_upsampler and what it chooses. */
function upsampleRow(
  { h, v, width, height, stride }: Component,
  plane: Uint8ClampedArray,
  mostH: number,
  mostV: number,
  y: number,
  line: Uint8Array,
): void {
  const across = mostH / h, down = mostV / v, row = Math.floor(y / down), near = row * stride;
  if (across === 1 && down === 1) {
    line.set(plane.subarray(near, near + width));
    return;
  }
  const other = Math.min(Math.max(y & 1 ? row + 1 : row - 1, 0), height - 1), far = other * stride;
  if (across === 1 && down === 2) {
    const bias = y & 1 ? 2 : 1;
    for (let x = 0; x < width; x++) line[x] = plane[near + x]! * 3 + plane[far + x]! + bias >> 2;
  } else if (across === 2 && down === 1 && width > 2) {
    for (let x = 0, at = near; x < width; x++, at++) {
      const here = plane[at]! * 3;
      const left = plane[x > 0 ? at - 1 : at]!, right = plane[x < width - 1 ? at + 1 : at]!;
      putSample(line, x * 2, here + left + 1 >> 2);
      putSample(line, x * 2 + 1, here + right + 2 >> 2);
    }
  } else if (across === 2 && down === 2 && width > 2) {
    for (let x = 0; x < width; x++) {
      const l = x > 0 ? x - 1 : x, r = x < width - 1 ? x + 1 : x;
      const here = (plane[near + x]! * 3 + plane[far + x]!) * 3;
      putSample(line, x * 2, here + plane[near + l]! * 3 + plane[far + l]! + 8 >> 4);
      putSample(line, x * 2 + 1, here + plane[near + r]! * 3 + plane[far + r]! + 7 >> 4);
    }
  } else {
    for (let x = 0; x < line.length; x++) line[x] = plane[near + Math.min(Math.floor(x / across), width - 1)]!;
  }
}

/** Store a sample, unless it is one too many for the row. */
function putSample(line: Uint8Array, x: number, value: number): void {
  if (x < line.length) line[x] = value;
}

/**
 * 4:2:0 with the colours between their samples: 9/16 of the nearest, 3/16 of two, 1/16 of the one across.
 *
 * Both colours go through the filter as the halves of one number.
 */
function paint420(
  { width, height, components }: Frame,
  planes: readonly Uint8ClampedArray[],
  pixels: Uint32Array,
): void {
  const [luma, blue, red] = planes as readonly [Uint8ClampedArray, Uint8ClampedArray, Uint8ClampedArray];
  const [{ stride }, { width: half, height: halfRows, stride: halfStride }] = components as readonly [
    Component,
    Component,
  ];
  const pair = (row: number, into: Int32Array): Int32Array => {
    const from = Math.min(Math.max(row, 0), halfRows - 1) * halfStride;
    for (let x = 0; x < half; x++) into[x] = blue[from + x]! | red[from + x]! << 16;
    into[half] = into[half - 1]!;
    return into;
  };
  let above: Int32Array = pair(-1, new Int32Array(half + 1)), here: Int32Array = pair(0, new Int32Array(half + 1));
  let below: Int32Array = new Int32Array(half + 1);
  for (let y = 0; y < height; y += 2) {
    pair(y / 2 + 1, below);
    paintRow(luma, y * stride, here, above, pixels, y * width, width);
    if (y + 1 < height) paintRow(luma, (y + 1) * stride, here, below, pixels, (y + 1) * width, width);
    [above, here, below] = [here, below, above];
  }
}

function paintRow(
  luma: Uint8ClampedArray,
  at: number,
  near: Int32Array,
  far: Int32Array,
  pixels: Uint32Array,
  out: number,
  width: number,
): void {
  let here = near[0]! * 3 + far[0]! | 0, left = here;
  const end = out + (width & ~1);
  for (let x = 1; out < end; x++, out += 2, at += 2) {
    const right = near[x]! * 3 + far[x]! | 0, three = here * 3 | 0;
    pixels[out] = toRgb2(luma[at]!, three + left + 0x80008 >> 4);
    pixels[out + 1] = toRgb2(luma[at + 1]!, three + right + 0x70007 >> 4);
    left = here;
    here = right;
  }
  if (width & 1) pixels[out] = toRgb2(luma[at]!, here * 3 + left + 0x80008 >> 4);
}

/** A pixel of luminance and both colours, blue in bits 0 to 7, red in bits 16 to 23. */
function toRgb2(y: number, colours: number): number {
  return toRgb(y, colours & 255, colours >> 16 & 255);
}

/** Source: libjpeg jdcolor.c build_ycc_rgb_table, whose rounding this has. */
function toRgb(y: number, cb: number, cr: number): number {
  let r = y + (Math.imul(cr, 91881) - 11728000 >> 16);
  let g = y + (8910336 - Math.imul(cb, 22554) - Math.imul(cr, 46802) >> 16);
  let b = y + (Math.imul(cb, 116130) - 14831872 >> 16);
  if ((r | g | b) >>> 8 !== 0) {
    r = r < 0 ? 0 : r > 255 ? 255 : r;
    g = g < 0 ? 0 : g > 255 ? 255 : g;
    b = b < 0 ? 0 : b > 255 ? 255 : b;
  }
  return r << 16 | g << 8 | b;
}
