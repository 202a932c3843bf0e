import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyImage } from "./copy.ts";
import { CanvasError } from "./errors.ts";
import { planScaling, ScaleMode, scaleSpan } from "./scale.ts";
import { createSurface, type Surface, type SurfaceFormat, surfaceSource } from "./surface.ts";

interface Case {
  format: SurfaceFormat;
  mode: keyof typeof ScaleMode;
  seed: number;
  source: [number, number];
  srcArea: [number, number, number, number];
  box: [number, number, number, number];
  surface: [number, number];
  sha256: string;
}

const { cases }: { cases: Case[] } = JSON.parse(
  Deno.readTextFileSync(new URL("../conformance/vectors/canvas/scale.json", import.meta.url)),
);

const rectOf = ([left, top, width, height]: Case["box"]) => ({ left, top, right: left + width, bottom: top + height });

function noise(surface: Surface, seed: number): void {
  const mask = { "32_xRGB": -1, "32_ARGB": -1, "16_555": 0x7fff, "8_A": 0xff }[surface.format];
  for (let i = 0, s = seed; i < surface.pixels.length; i++) {
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    surface.pixels[i] = s & mask;
  }
}

Deno.test("copyImage() scales as pixman does, nearest and bilinear, in every format", () => {
  const seen = new Set<string>();
  for (const { format, mode, seed, source: [w, h], srcArea, box, surface: [width, height], sha256 } of cases) {
    const from = createSurface(w, h, format, 1 << 20), to = createSurface(width, height, format, 1 << 20);
    noise(from, seed);
    const [source, scaleMode] = [surfaceSource(from), ScaleMode[mode]];
    copyImage(to, { box: rectOf(box), clip: null, source, srcArea: rectOf(srcArea), scaleMode });
    const bytes = new DataView(new ArrayBuffer(to.pixels.length * 4));
    const mask = format === "32_xRGB" ? 0xffffff : -1;
    to.pixels.forEach((pixel, i) => bytes.setUint32(i * 4, pixel & mask, true));
    const got = createHash("sha256").update(new Uint8Array(bytes.buffer)).digest("hex");
    assert.equal(got, sha256, JSON.stringify({ format, mode, seed, srcArea, box }));
    seen.add(`${format} ${mode}`);
  }
  assert.equal(seen.size, 8);
});

Deno.test("scaleSpan() of a part gives the same pixels as of the whole row", () => {
  const from = createSurface(13, 7, "32_ARGB", 100);
  noise(from, 99);
  for (const mode of Object.values(ScaleMode)) {
    const scaling = planScaling(surfaceSource(from), rectOf([2, 1, 9, 5]), 40, 21, mode);
    const whole = new Uint32Array(40), part = new Uint32Array(11);
    for (let y = 0; y < 21; y++) {
      scaleSpan(scaling, 0, y, whole);
      scaleSpan(scaling, 17, y, part);
      assert.deepEqual(part, whole.slice(17, 28));
    }
  }
});

Deno.test("planScaling() refuses another scale mode", () => {
  const source = surfaceSource(createSurface(2, 2, "32_xRGB", 4));
  assert.throws(
    () => planScaling(source, rectOf([0, 0, 2, 2]), 4, 4, 2),
    (error) => error instanceof CanvasError && error.code === "bad-value",
  );
});
