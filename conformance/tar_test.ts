import assert from "node:assert/strict";
import { readTar, tarChunks } from "./tar.ts";

Deno.test("readTar() reads files, joins prefix and name, and passes over folders", () => {
  const archive = join(
    entry("folder/", 0x35, ""),
    entry("a.txt", 0x30, "one"),
    entry("b.txt", 0x30, "x".repeat(513), "folder"),
    new Uint8Array(1024),
  );
  const files = readTar(archive);
  assert.deepEqual([...files.keys()], ["a.txt", "folder/b.txt"]);
  assert.equal(new TextDecoder().decode(files.get("a.txt")), "one");
  assert.equal(files.get("folder/b.txt")!.length, 513);
});

Deno.test("readTar() refuses an archive that is cut off", () => {
  const archive = entry("a.txt", 0x30, "x".repeat(600));
  assert.throws(() => readTar(archive.subarray(0, 1024)), RangeError);
});

function entry(name: string, type: number, text: string, prefix = ""): Uint8Array {
  const bytes = new Uint8Array(512 + Math.ceil(text.length / 512) * 512);
  const put = (at: number, field: string) => bytes.set(new TextEncoder().encode(field), at);
  put(0, name);
  put(124, text.length.toString(8).padStart(11, "0"));
  bytes[156] = type;
  put(345, prefix);
  put(512, text);
  return bytes;
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

Deno.test("tarChunks() writes what readTar() reads, and notices a file that changed", async () => {
  const file = { name: "00.c2s", size: 600, open: () => [new Uint8Array(500).fill(1), new Uint8Array(100).fill(2)] };
  const chunks = await Array.fromAsync(tarChunks([file, { name: "empty", size: 0, open: () => [] }]));
  const archive = new Uint8Array(await new Blob(chunks).arrayBuffer());
  assert.equal(archive.length, 512 * 6);
  const files = readTar(archive);
  assert.deepEqual([...files.keys()], ["00.c2s", "empty"]);
  assert.equal(files.get("00.c2s")!.reduce((sum, byte) => sum + byte, 0), 700);
  await assert.rejects(Array.fromAsync(tarChunks([{ ...file, size: 599 }])), RangeError);
  await assert.rejects(Array.fromAsync(tarChunks([{ ...file, name: "a b" }])), RangeError);
});

Deno.test("readTar() refuses a size below zero, which would lead back", () => {
  const archive = new Uint8Array(2048);
  archive.set(new TextEncoder().encode("name"), 0);
  archive.set(new TextEncoder().encode("-1750"), 124);
  assert.throws(() => readTar(archive), RangeError);
});
