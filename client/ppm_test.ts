import assert from "node:assert/strict";
import { PictureError, type PictureErrorCode } from "../cli/picture_error.ts";
import { decodePpm, encodePpm } from "./ppm.ts";

const PICTURE = { width: 2, height: 1, rgba: Uint8ClampedArray.of(1, 2, 3, 255, 4, 5, 6, 255) };

Deno.test("encodePpm() writes P6", () => {
  assert.deepEqual(encodePpm(PICTURE), bytesOf("P6\n2 1\n255\n\x01\x02\x03\x04\x05\x06"));
});

Deno.test("decodePpm() reads what encodePpm() writes, and comments", () => {
  assert.deepEqual(decodePpm(encodePpm(PICTURE)), PICTURE);
  assert.deepEqual(decodePpm(bytesOf("P6 # a comment\n#another\n2\t1\r\n255\n\x01\x02\x03\x04\x05\x06")), PICTURE);
  // Pixels that look like white space are pixels.
  const spaces = decodePpm(bytesOf("P6\n1 1\n255\n\n  "));
  assert.deepEqual([...spaces.rgba], [10, 32, 32, 255]);
});

Deno.test("decodePpm() refuses what it cannot read", () => {
  refuses("", "bad-format");
  refuses("P6\n2 1\n255\n\x01\x02\x03\x04\x05", "bad-format", /need 6 bytes, 5 are there/);
  refuses("P6\n0 1\n255\n", "bad-format");
  refuses("P5\n2 1\n255\n\x01\x02", "unsupported");
  refuses("P6\n2 1\n65535\n\x01\x02", "unsupported");
  refuses("P6\n99999999 99999999\n255\n", "too-large");
});

function refuses(text: string, code: PictureErrorCode, message = /^Cannot read PPM: /): void {
  assert.throws(() => decodePpm(bytesOf(text)), (error) => {
    assert.ok(error instanceof PictureError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
