import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { CaptureError } from "./capture_error.ts";
import { CAPTURES } from "./capture.ts";
import { captureName, connectionNames, packFiles, packFolder, readCaptureFiles } from "./capture_files.ts";
import { makeTempDir } from "./peers/temp_dir.ts";

const SURFACES = new URL("surfaces.tar.gz", CAPTURES).pathname;

Deno.test("captureName() and connectionNames() name what they are given", () => {
  assert.deepEqual(["a/b.tar.gz", "b/", "/x/b"].map(captureName), ["b", "b", "b"]);
  assert.deepEqual(connectionNames(new Map([["100.c2s", 0], ["11.idx", 0], ["11.c2s", 0]])), ["11", "100"]);
});

Deno.test("packFolder() and packFiles() write the same archive, without times", async () => {
  await using dir = await makeTempDir("files");
  const folder = `${dir.path}/a`, files = readCaptureFiles(SURFACES);
  await Deno.mkdir(folder);
  for (const [name, bytes] of files) await Deno.writeFile(`${folder}/${name}`, bytes);
  await Deno.writeFile(`${folder}/notes.txt`, new Uint8Array(9));
  await packFolder(folder, `${dir.path}/a.tar.gz`);
  await packFiles(files, `${dir.path}/b.tar.gz`);
  const [a, b] = [Deno.readFileSync(`${dir.path}/a.tar.gz`), Deno.readFileSync(`${dir.path}/b.tar.gz`)];
  assert.deepEqual(a, b);
  assert.deepEqual([...a.subarray(4, 8)], [0, 0, 0, 0], "the time in the gzip header");
  assert.equal(new TextDecoder().decode(gunzipSync(a).subarray(136, 147)), "00000000000");
  assert.deepEqual(readCaptureFiles(`${dir.path}/a.tar.gz`), files);
});

Deno.test("readCaptureFiles() refuses what is no capture with a typed error", async () => {
  await using dir = await makeTempDir("files");
  const cases: [string, (path: string) => void, string][] = [
    ["none", () => {}, "unreadable"],
    ["empty", (path) => Deno.mkdirSync(path), "missing-file"],
    ["noise.tar.gz", (path) => Deno.writeFileSync(path, new Uint8Array(9)), "unreadable"],
    ["cut.tar.gz", (path) => Deno.writeFileSync(path, Deno.readFileSync(SURFACES).subarray(0, 900)), "unreadable"],
  ];
  for (const [name, make, code] of cases) {
    make(`${dir.path}/${name}`);
    assert.throws(
      () => readCaptureFiles(`${dir.path}/${name}`),
      (error) => error instanceof CaptureError && error.code === code,
      name,
    );
  }
});
