import assert from "node:assert/strict";
import { decodePng, encodePng } from "../../cli/png.ts";
import { makeTempDir } from "../../conformance/peers/temp_dir.ts";
import { run } from "./run.ts";

const REFERENCE = new URL("../../conformance/vectors/codecs/reference/", import.meta.url).pathname;

async function tried(...words: string[]): Promise<{ code: number; out: string[]; err: string[] }> {
  const out: string[] = [], err: string[] = [];
  const code = await run(words, {
    out: (bytes) => {
      out.push(...new TextDecoder().decode(bytes).replace(/\n$/, "").split("\n"));
      return Promise.resolve();
    },
    err: (line) => err.push(line),
    stdin: () => Promise.resolve(new Uint8Array()),
    env: () => undefined,
    isTerminal: false,
    signal: new AbortController().signal,
  });
  return { code, out, err };
}

Deno.test("codec verify: every reference stream decodes to its hash, and what has only a hash is encoded to it", async () => {
  const { code, out } = await tried("verify", `${REFERENCE}manifest.json`);
  assert.deepEqual([code, out.at(-1)], [0, "289 passed, 0 failed, 2 skipped"]);
  assert.ok(out.slice(0, -1).every((line) => /^skipped \w+-\w+\.lz4: /.test(line)), out.join("\n"));
  const some = await tried("verify", `${REFERENCE}manifest.json`, "docs.quic", "type", "--json");
  assert.equal(some.out.at(-1), "25 passed, 0 failed, 0 skipped");
  assert.deepEqual(JSON.parse(some.out[0]!), { name: "docs.quic", verdict: "passed" });
});

Deno.test("codec verify tells what does not decode as the manifest says", async () => {
  await using dir = await makeTempDir("codec");
  const manifest = JSON.parse(await Deno.readTextFile(`${REFERENCE}manifest.json`));
  const [docs] = manifest.streams;
  await Deno.mkdir(`${dir.path}/streams`);
  await Deno.copyFile(`${REFERENCE}${docs.file}`, `${dir.path}/${docs.file}`);
  const streams = [{ ...docs, decodedSha256: "00" }, { ...docs, codec: "jpg" }, { ...docs, encodedSha256: "11" }];
  await Deno.writeTextFile(`${dir.path}/manifest.json`, JSON.stringify({ streams }));
  const { code, out } = await tried("verify", `${dir.path}/manifest.json`);
  assert.deepEqual([code, out.at(-1)], [1, "0 passed, 3 failed, 0 skipped"]);
  assert.match(out[0]!, /^failed docs\.quic: expected 00, found [0-9a-f]{64}$/);
});

Deno.test("codec encode and decode: each codec and type gives its picture back", async () => {
  await using dir = await makeTempDir("codec");
  const path = (name: string) => `${dir.path}/${name}`;
  // Sixteen colours of five bits a channel, so that every lossless type can hold them.
  const colours = Uint32Array.from({ length: 16 }, (_, i) => (i * 0x081018 & 0xf8f8f8) * 0x101 >>> 8 & 0xf8f8f8);
  const widened = colours.map((colour) => colour | colour >> 5 & 0x070707);
  const pixels = Uint32Array.from({ length: 37 * 11 }, (_, i) => widened[i * 7 % 16]!);
  await Deno.writeFile(path("in.png"), encodePng({ width: 37, height: 11, pixels }));
  await Deno.writeTextFile(path("palette"), [...widened].map((c) => c.toString(16).padStart(6, "0")).join("\n"));
  const kinds: [codec: string, ...types: string[]][] = [
    ["quic", "rgb16", "rgb24", "rgb32", "rgba"],
    ["lz", "plt4_le", "plt4_be", "plt8", "rgb16", "rgb24", "rgb32", "rgba"],
    ["glz", "rgb16", "rgb24", "rgb32", "rgba"],
    ["lz4", "16bit", "24bit", "32bit", "rgba"],
    ["bitmap", "4bit_le", "4bit_be", "8bit", "16bit", "24bit", "32bit", "rgba"],
  ];
  for (const [codec, ...types] of kinds) {
    for (const type of types) {
      for (const order of [[], ["--bottom-up"]]) {
        const said = ["--codec", codec, "--palette", path("palette"), ...order];
        const encoded = await tried("encode", ...said, "--type", type, path("in.png"), path("stream"));
        assert.deepEqual([encoded.code, encoded.err], [0, []], `${codec} ${type}`);
        const size = ["--width", "37", "--height", "11", "--type", type];
        const decoded = await tried("decode", ...said, ...size, path("stream"), path("out.png"));
        assert.deepEqual([decoded.code, decoded.err], [0, []], `${codec} ${type}`);
        const back = decodePng(await Deno.readFile(path("out.png"))).pixels.map((pixel) => pixel & 0xffffff);
        assert.deepEqual(back, pixels, `${codec} ${type} ${order}`);
        if (codec === "bitmap" || codec === "lz4") continue;
        const { out } = await tried("info", "--json", path("stream"));
        const facts = JSON.parse(out[0]!);
        assert.deepEqual([facts.codec, facts.type, facts.width, facts.height], [codec, type.toUpperCase(), 37, 11]);
      }
    }
  }
});

Deno.test("codec decode: GLZ images of one call share a window, raw pixels have the layout of their type", async () => {
  await using dir = await makeTempDir("codec");
  const path = (name: string) => `${dir.path}/${name}`;
  const pixels = Uint32Array.from({ length: 64 * 64 }, (_, i) => (i * 0x9e3779b1 >>> 0) % 0x1000000);
  await Deno.writeFile(path("in.png"), encodePng({ width: 64, height: 64, pixels }));
  const again = [path("in.png"), path("1.glz"), path("in.png"), path("2.glz")];
  assert.equal((await tried("encode", "--codec", "glz", ...again)).code, 0);
  assert.ok((await Deno.stat(path("2.glz"))).size < 200);
  const decode = ["decode", "--codec", "glz"];
  const both = await tried(...decode, path("1.glz"), path("1.raw"), path("2.glz"), path("2.raw"));
  assert.deepEqual([both.code, both.err], [0, []]);
  assert.deepEqual(await Deno.readFile(path("1.raw")), new Uint8Array(pixels.buffer));
  assert.deepEqual(await Deno.readFile(path("2.raw")), new Uint8Array(pixels.buffer));
  const alone = await tried(...decode, path("2.glz"), path("2.raw"));
  assert.equal(alone.code, 1);
  assert.match(alone.err[0]!, /2\.glz: .*it refers to image 0, which has not come/);
  const frames = await tried(...decode, "--sequence", `${REFERENCE}manifest.json`, "type");
  const { sequences } = JSON.parse(await Deno.readTextFile(`${REFERENCE}manifest.json`));
  const expected = sequences[0].frames.map((frame: { id: number; decodedSha256: string }) => {
    return `${frame.id} ${frame.decodedSha256}`;
  });
  assert.deepEqual(frames.out, expected);
});

Deno.test("codec encode and decode: GLZ inside zlib, where that is shorter", async () => {
  await using dir = await makeTempDir("codec");
  const path = (name: string) => `${dir.path}/${name}`, codec = ["--codec", "zlib-glz"];
  // Colours that return in another order: GLZ finds little, zlib some.
  const pixels = Uint32Array.from(
    { length: 64 * 64 },
    (_, i) => ((i * i >> 3) * 0x9e3779b1 >>> 24) * 0x010203 & 0xffffff,
  );
  await Deno.writeFile(path("in.png"), encodePng({ width: 64, height: 64, pixels }));
  assert.deepEqual((await tried("encode", ...codec, path("in.png"), path("stream"))).err, []);
  assert.match((await tried("info", path("stream"))).out[0]!, /codec zlib-glz, type RGB32, width 64, height 64/);
  assert.deepEqual((await tried("decode", ...codec, path("stream"), path("out.png"))).err, []);
  assert.deepEqual(decodePng(await Deno.readFile(path("out.png"))).pixels, pixels);
  await Deno.writeFile(path("one.png"), encodePng({ width: 1, height: 1, pixels: Uint32Array.of(1) }));
  const { code, err } = await tried("encode", ...codec, path("one.png"), path("stream"));
  assert.deepEqual([code, err], [2, ["error: zlib does not make the GLZ stream shorter: use --codec glz"]]);
});

Deno.test("codec decode and encode: JPEG within its loss, alpha exactly", async () => {
  await using dir = await makeTempDir("codec");
  const path = (name: string) => `${dir.path}/${name}`;
  const pixels = Uint32Array.from({ length: 32 * 24 }, (_, i) => (i % 32 * 0x08 << 24 | 0x306090 + (i >> 5)) >>> 0);
  await Deno.writeFile(path("in.png"), encodePng({ width: 32, height: 24, pixels, alpha: true }));
  for (const codec of ["jpeg", "jpeg-alpha"]) {
    const options = ["--codec", codec, "--quality", "95", "--bottom-up"];
    assert.equal((await tried("encode", ...options, path("in.png"), path("stream"))).code, 0);
    assert.match((await tried("info", path("stream"))).out[0]!, new RegExp(`codec ${codec}, width 32, height 24`));
    assert.equal((await tried("decode", "--codec", codec, path("stream"), path("out.png"))).code, 0);
    const back = decodePng(await Deno.readFile(path("out.png"))).pixels;
    for (let i = 0; i < pixels.length; i++) {
      if (codec === "jpeg-alpha") assert.equal(back[i]! >>> 24, pixels[i]! >>> 24);
      for (const shift of [0, 8, 16]) {
        assert.ok(Math.abs((back[i]! >> shift & 255) - (pixels[i]! >> shift & 255)) <= 8, `${codec} ${i}`);
      }
    }
  }
});

Deno.test("codec: a wrong command line is told in one line, with code 2", async () => {
  const cases: [string[], RegExp][] = [
    [["decoed"], /"decoed" is no command \(did you mean decode\?\)/],
    [["decode", "a", "b.png"], /say --codec: quic, lz/],
    [["decode", "--codec", "gif", "a", "b.png"], /--codec: want quic, .* not "gif"/],
    [["decode", "--codec", "lz", "a"], /"a" has no output/],
    [["decode", "--codec", "lz", "a", "b.bmp"], /ends in \.png or \.raw, not "b\.bmp"/],
    [["decode", "--codec", "lz", "--sequence", "m", "a"], /--sequence is for --codec glz/],
    [["encode", "--codec", "jpeg", "--quality", "101", "a.png", "b"], /--quality: want a whole number from 1 to 100/],
    [["verify", `${REFERENCE}manifest.json`, "nothing"], /has no entry nothing/],
  ];
  for (const [words, text] of cases) {
    const { code, err } = await tried(...words);
    assert.equal(code, 2, words.join(" "));
    assert.match(err.join("\n"), text);
  }
  const absent = await tried("info", "/nowhere/at/all");
  assert.deepEqual([absent.code, absent.err], [1, ["error: Cannot read /nowhere/at/all: no such file or folder"]]);
});
