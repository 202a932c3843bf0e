/** Comparison of pictures that need not be the same to the last bit. */
import { colorText, mustBeSame, type Picture } from "./pictures.ts";
import { fail } from "./verdict.ts";

/**
 * Compares two pictures.
 * @param most How far a channel may be off.
 * @param who Whose picture is judged, as "the client".
 */
export function mustBeNear(actual: Picture, expected: Picture, most: number, who: string): void {
  if (actual.width !== expected.width || actual.height !== expected.height) return mustBeSame(actual, expected, who);
  for (const [i, pixel] of expected.pixels.entries()) {
    const off = distance(actual.pixels[i]!, pixel);
    if (Math.max(...off) <= most) continue;
    const { width } = expected, place = `${i % width},${Math.floor(i / width)}`;
    fail(`${who} shows ${colorText(actual.pixels[i]!)} at ${place}, not ${colorText(pixel)} or nearly so`);
  }
}

/**
 * Compares a picture that was packed with loss, which decoders undo each in its own way.
 * @param most How far the channels may be off on average.
 */
export function mustBeAlike(actual: Picture, expected: Picture, most: number, who: string): void {
  if (actual.width !== expected.width || actual.height !== expected.height) return mustBeSame(actual, expected, who);
  let sum = 0;
  for (const [i, pixel] of expected.pixels.entries()) for (const off of distance(actual.pixels[i]!, pixel)) sum += off;
  const mean = sum / (3 * expected.pixels.length);
  if (mean > most) fail(`${who} shows channels that are off by ${mean.toFixed(1)} on average, more than ${most}`);
}

function distance(a: number, b: number): number[] {
  return [0, 8, 16].map((shift) => Math.abs((a >> shift & 255) - (b >> shift & 255)));
}
