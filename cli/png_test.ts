import assert from "node:assert/strict";
import { crc32, deflateSync } from "node:zlib";
import { concat } from "../protocol/schema/encode.ts";
import { PictureError, type PictureErrorCode } from "./picture_error.ts";
import { decodePng, encodePng, type ReadPng } from "./png.ts";

Deno.test("decodePng() gives back what encodePng() was given", () => {
  for (const [width, height] of [[1, 1], [3, 2], [65, 40]] as const) {
    for (const picture of [noise(width, height), noise(width, height, true)]) {
      assert.deepEqual(decodePng(encodePng(picture)), picture);
    }
  }
});

Deno.test("decodePng() reads interlaced files of another program", () => {
  // ImageMagick 6.9.11: convert -size 11x7 gradient:red-blue +noise Random -crop 5x3+0+0, RGB and with a palette of 4.
  const rgb = fromBase64(
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADCAIAAAGjU2I5AAAAP0lEQVQI1wE0AMv/AM55CQDYco4AGYutABxWqoJdRdCz2wMTrFlr2OoAiutM6w7L" +
      "AYuAMU+wLjHEHCCiJgHmYjOmFZECBYMdAAAAAElFTkSuQmCC",
  );
  assert.equal(
    hex(decodePng(rgb)),
    "ce790913ac59198bad742e16d8728e8b8031da305f0bf47b2b96a12c7c031c56aa8aeb4c825d45eb0ecbd0b3db",
  );
  const palette = fromBase64(
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADAgMAAAFRXx39AAAADFBMVEW4VzlQVQxiiaCKtT4qjBPOAAAAFklEQVQI12NgAIIGhhUMAQwPGE45AAAR" +
      "gwNjJ0s5IAAAAABJRU5ErkJggg==",
  );
  assert.equal(
    hex(decodePng(palette)),
    "b8573950550c6289a050550cb857398ab53eb857396289a06289a050550c6289a08ab53e6289a06289a06289a0",
  );
});

Deno.test("decodePng() undoes every filter", () => {
  // Two pixels a row. Each row says how it differs from what its filter guesses.
  const rows = [
    [0, 10, 20, 30, 40, 50, 60],
    [1, 1, 2, 3, 5, 5, 5], // left
    [2, 255, 0, 1, 0, 0, 0], // above, modulo 256
    [3, 0, 0, 0, 0, 0, 0], // mean of left and above
    [4, 1, 1, 1, 1, 1, 1], // Paeth
  ];
  const picture = decodePng(png({ width: 2, height: 5, depth: 8, colourType: 2 }, rows.flat()));
  assert.equal(hex(picture), "0a141e28323c" + "010203060708" + "000204060708" + "000102030405" + "010203040506");
});

Deno.test("decodePng() reads every kind of sample", () => {
  const grey = (depth: number, ...row: number[]) =>
    hex(decodePng(png({ width: 3, height: 1, depth, colourType: 0 }, [0, ...row])));
  assert.equal(grey(1, 0b10100000), "ffffff000000ffffff");
  assert.equal(grey(2, 0b00011100), "000000555555ffffff");
  assert.equal(grey(4, 0x08, 0xf0), "000000888888ffffff");
  assert.equal(grey(8, 1, 2, 3), "010101020202030303");
  assert.equal(grey(16, 1, 255, 2, 255, 3, 255), "010101020202030303");
  const one = (depth: number, colourType: number, ...row: number[]) =>
    hex(decodePng(png({ width: 1, height: 1, depth, colourType }, [0, ...row])));
  assert.equal(one(8, 4, 7, 0), "070707");
  assert.equal(one(8, 6, 1, 2, 3, 0), "010203");
  assert.equal(one(16, 2, 1, 0, 2, 0, 3, 0), "010203");
  const pixel = (depth: number, colourType: number, ...row: number[]) =>
    decodePng(png({ width: 1, height: 1, depth, colourType }, [0, ...row])).pixels[0];
  assert.equal(pixel(8, 4, 7, 9), 0x09070707);
  assert.equal(pixel(8, 6, 1, 2, 3, 255), 0xff010203);
  assert.equal(pixel(16, 6, 1, 0, 2, 0, 3, 0, 4, 0), 0x04010203);
});

Deno.test("decodePng() refuses what is damaged", () => {
  const good = encodePng(noise(5, 4));
  for (let length = 0; length < good.length; length++) refuses(good.subarray(0, length), "bad-format");
  for (let at = 0; at < good.length; at++) {
    const bytes = Uint8Array.from(good);
    bytes[at]! ^= 1;
    // Every bit is under a checksum, or is one.
    refuses(bytes, "bad-format");
  }
});

Deno.test("decodePng() refuses what its header does not fit", () => {
  const size = { width: 2, height: 2, depth: 8, colourType: 0 };
  const rows = [0, 1, 2, 0, 3, 4];
  assert.equal(hex(decodePng(png(size, rows))), "010101020202030303040404");
  refuses(png(size, [...rows, 0]), "bad-format", /more than its size needs/);
  refuses(png(size, rows.slice(1)), "bad-format", /take 5 bytes, its size needs 6/);
  refuses(png(size, [5, ...rows.slice(1)]), "bad-format", /filter 5/);
  refuses(png({ ...size, width: 0 }, []), "bad-format", /0 × 2 pixels/);
  refuses(png({ ...size, depth: 3 }, rows), "bad-format", /colour type 0 with 3 bits/);
  refuses(png({ ...size, colourType: 3 }, rows), "bad-format", /colour 1 is not in its palette of 0/);
});

Deno.test("decodePng() allocates nothing for a picture over the limit", () => {
  refuses(png({ width: 0x7fffffff, height: 0x7fffffff, depth: 8, colourType: 2 }, []), "too-large");
  // A megabyte of zeros packs into a kilobyte: no more of it is unpacked than the header asks for.
  refuses(png({ width: 1, height: 1, depth: 8, colourType: 0 }, new Array(1 << 20).fill(0)), "bad-format", /more than/);
  assert.throws(() => decodePng(encodePng(noise(5, 4)), 19), { code: "too-large" });
  assert.equal(decodePng(encodePng(noise(5, 4)), 20).width, 5);
});

function refuses(bytes: Uint8Array, code: PictureErrorCode, text = /^Cannot read PNG: /): void {
  assert.throws(() => decodePng(bytes), (error) => {
    assert.ok(error instanceof PictureError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, text);
    return true;
  });
}

function noise(width: number, height: number, alpha = false): ReadPng {
  let seed = width * 31 + height;
  const pixels = new Uint32Array(width * height).map(() => {
    seed = (seed * 1103515245 + 12345) >>> 0;
    return alpha ? seed : seed >>> 8;
  });
  return { width, height, pixels, alpha };
}

function hex({ pixels }: ReadPng): string {
  return [...pixels].map((pixel) => (pixel & 0xffffff).toString(16).padStart(6, "0")).join("");
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

function png(
  { width, height, depth, colourType }: { width: number; height: number; depth: number; colourType: number },
  rows: readonly number[],
): Uint8Array {
  const chunk = (type: string, body: Uint8Array) => {
    const typed = concat([new TextEncoder().encode(type), body]);
    return concat([u32(body.length), typed, u32(crc32(typed))]);
  };
  const header = concat([u32(width), u32(height), Uint8Array.of(depth, colourType, 0, 0, 0)]);
  return concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Uint8Array.from(rows))),
    chunk("IEND", new Uint8Array()),
  ]);
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}
