import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { BitmapFlags, BitmapFmt } from "../../protocol/messages/enums.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import { imageForm, imageForms } from "./image_forms.ts";

const image = (body: SpiceImage["body"]): SpiceImage => ({ id: 1n, flags: 0, width: 1, height: 1, body });
const bytes = (length: number, at: Readonly<Record<number, number>>) => Object.assign(new Uint8Array(length), at);

Deno.test("imageForm() of bitmaps by format, order of rows and palette", () => {
  const bitmap = (format: number, flags: number, palette: { is: "otherwise" | "PAL_FROM_CACHE"; value: unknown }) =>
    // The two halves of the palette's type are tried together.
    image({ is: "BITMAP", value: { format, flags, palette, x: 1, y: 1, stride: 1, data: bytes(1, {}) } } as never);
  const none = { is: "otherwise", value: null } as const, ents = { unique: 7n, ents: [0] };
  const { PAL_CACHE_ME, TOP_DOWN } = BitmapFlags;
  const forms = [
    bitmap(BitmapFmt["32BIT"], TOP_DOWN, none),
    bitmap(BitmapFmt["1BIT_BE"], 0, none),
    bitmap(BitmapFmt["8BIT"], 0, { is: "otherwise", value: ents }),
    bitmap(BitmapFmt["8BIT"], PAL_CACHE_ME, { is: "otherwise", value: ents }),
    bitmap(BitmapFmt["4BIT_BE"], TOP_DOWN, { is: "PAL_FROM_CACHE", value: 7n }),
    bitmap(BitmapFmt["8BIT"], 0, none),
    bitmap(99, 0, none),
  ].map(imageForm);
  assert.deepEqual(forms, [
    "image/BITMAP/32BIT/top-down",
    "image/BITMAP/1BIT_BE/bottom-up/palette=absent",
    "image/BITMAP/8BIT/bottom-up/palette=inline",
    "image/BITMAP/8BIT/bottom-up/palette=inline-kept",
    "image/BITMAP/4BIT_BE/top-down/palette=from-cache",
    null,
    null,
  ]);
});

Deno.test("imageForm() reads the headers of codecs", () => {
  const glz = bytes(33, { 8: 0x19 });
  const forms = [
    image({ is: "LZ_RGB", value: { data: bytes(28, { 11: 8, 27: 1 }) } }),
    image({ is: "LZ_RGB", value: { data: bytes(28, { 11: 6 }) } }),
    image({ is: "GLZ_RGB", value: { data: glz } }),
    image({ is: "ZLIB_GLZ_RGB", value: { glzDataSize: 33, data: new Uint8Array(deflateSync(glz)) } }),
    image({ is: "QUIC", value: { data: bytes(20, { 8: 5 }) } }),
    image({ is: "LZ4", value: { data: bytes(8, { 0: 1, 1: 8 }) } }),
    image({ is: "JPEG", value: { data: bytes(0, {}) } }),
    image({ is: "QUIC", value: { data: bytes(5, {}) } }),
    image({ is: "ZLIB_GLZ_RGB", value: { glzDataSize: 9, data: bytes(9, {}) } }),
  ].map(imageForm);
  assert.deepEqual(forms, [
    "image/LZ_RGB/RGB32/top-down",
    "image/LZ_RGB/RGB16/bottom-up",
    "image/GLZ_RGB/RGBA/top-down",
    "image/ZLIB_GLZ_RGB/RGBA/top-down",
    "image/QUIC/RGBA",
    "image/LZ4/32BIT/top-down",
    "image/JPEG",
    null,
    null,
  ]);
  for (const form of forms) assert(form === null || imageForms().includes(form), String(form));
});
