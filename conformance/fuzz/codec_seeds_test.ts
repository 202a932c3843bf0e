import assert from "node:assert/strict";
import { BitmapFormat } from "../../codecs/bitmap.ts";
import { decodeGlzHeader } from "../../codecs/glz.ts";
import { decodeJpegHeader } from "../../codecs/jpeg.ts";
import { decodeLzHeader, LzType } from "../../codecs/lz.ts";
import { decodeQuicHeader, QuicType } from "../../codecs/quic.ts";
import { prng } from "../../protocol/schema/prng.ts";
import { pick, type Pool, readCodecSeeds } from "./codec_seeds.ts";
import { Numbers, numbers } from "./numbers.ts";
import { targets } from "./targets.ts";

const seeds = readCodecSeeds();
const allOf = <Seed>({ small, medium, large }: Pool<Seed>) => [...small, ...medium, ...large];
const kinds = <Seed>(pool: Pool<Seed>, kindOf: (seed: Seed) => string) => {
  return [...new Set(allOf(pool).map(kindOf))].sort((a, b) => a < b ? -1 : 1);
};
const sorted = (values: readonly number[], orders: readonly boolean[]) =>
  values.flatMap((value) => orders.map((order) => `${value} ${order}`)).sort((a, b) => a < b ? -1 : 1);

Deno.test("readCodecSeeds() has every type of every codec", () => {
  const both = [true, false];
  assert.deepEqual(kinds(seeds.quic, ({ stream }) => `${decodeQuicHeader(stream).type}`), ["1", "2", "3", "4", "5"]);
  const lz = kinds(seeds.lz, ({ stream }) => `${decodeLzHeader(stream).type}`);
  assert.deepEqual(lz.map(Number).sort((a, b) => a - b), Object.values(LzType));
  const bitmap = kinds(seeds.bitmap, ({ said }) => `${said[0]} ${said[16] === 1}`);
  assert.deepEqual(bitmap, sorted(Object.values(BitmapFormat), both));
  assert.deepEqual(kinds(seeds.lz4, ({ stream }) => `${stream[1]} ${stream[0] !== 0}`), sorted([6, 7, 8, 9, 10], both));
  assert.deepEqual(kinds(seeds.jpeg, ({ stream }) => `${decodeJpegHeader(stream).components}`), ["1", "3"]);
  assert.deepEqual(kinds(seeds.jpegAlpha, ({ topDown }) => `${topDown}`), ["false", "true"]);
  const glz = allOf(seeds.glz).flatMap(({ images }) => images.map(({ glz }) => decodeGlzHeader(glz)));
  const types = [...new Set(glz.map(({ type, topDown }) => `${type} ${topDown}`))].sort((a, b) => a < b ? -1 : 1);
  assert.deepEqual(types, sorted([LzType.RGB16, LzType.RGB24, LzType.RGB32, LzType.RGBA], both));
  assert.equal(Object.values(QuicType).length, 5);
});

Deno.test("readCodecSeeds() has seeds that decode: an input of one without damage ends in a value", () => {
  const run = (name: string, input: readonly Uint8Array[]) => {
    const target = targets.find((one) => one.name === name)!;
    return target.run(Uint8Array.from(input.flatMap((bytes) => [...bytes])));
  };
  for (const name of ["bitmap", "quic", "lz", "lz4", "jpeg"] as const) {
    for (const { said, stream } of seeds[name].small) assert.equal(run(name, [said, stream]), "value", name);
  }
  for (const { jpeg, alpha, topDown } of seeds.jpegAlpha.small) {
    const input = [numbers(jpeg.stream.length, Number(topDown)), jpeg.stream, alpha];
    assert.equal(run("jpeg-alpha", input), "value");
  }
  for (const { windowBits, images } of seeds.glz.small) {
    const ends = ["value", "waits"];
    const plain = images.flatMap(({ glz }) => [numbers(glz.length), glz]);
    assert.ok(ends.includes(run("glz", [Uint8Array.of(windowBits), ...plain])));
    const packed = images.flatMap(({ glz, zlib }) => [numbers(glz.length, zlib.length), zlib]);
    assert.ok(ends.includes(run("zlib-glz", [Uint8Array.of(windowBits), ...packed])));
  }
});

Deno.test("pick() gives a small seed mostly, and the others now and then", () => {
  const random = prng(1), counts = { small: 0, medium: 0, large: 0 };
  const pool = { small: ["small"], medium: ["medium"], large: ["large"] } as const;
  for (let i = 0; i < 10_000; i++) counts[pick<keyof typeof counts>(random, pool)]++;
  assert.ok(counts.small > 9000 && counts.medium > 400 && counts.large > 5, JSON.stringify(counts));
  assert.equal(pick(prng(2), { small: [1], medium: [], large: [] }), 1);
});

Deno.test("Numbers reads what numbers() writes, then zeros, and bytes as far as there are any", () => {
  const read = new Numbers(numbers(1, 0xffffffff, 7));
  assert.deepEqual([read.left, read.u32(), read.i32(), read.bytes(9), read.u32(), read.left], [
    3,
    1,
    -1,
    Uint8Array.of(7, 0, 0, 0),
    0,
    0,
  ]);
});
