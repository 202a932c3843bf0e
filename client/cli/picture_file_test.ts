import assert from "node:assert/strict";
import type { Picture } from "../picture.ts";
import { encodePicture, formatOf, readPicture, writeFile } from "./picture_file.ts";

const PICTURE: Picture = { width: 1, height: 2, rgba: Uint8ClampedArray.of(1, 2, 3, 255, 4, 5, 6, 255) };

Deno.test("formatOf() goes by the name", () => {
  assert.equal(formatOf("a.PNG"), "png");
  assert.equal(formatOf("dir.png/a.ppm"), "ppm");
  assert.equal(formatOf("-"), "png");
  for (const path of ["a", "a.jpg", "png", ""]) assert.throws(() => formatOf(path), { name: "UsageError" });
});

Deno.test("readPicture() goes by the content, and names the file in its errors", async () => {
  const dir = await Deno.makeTempDir();
  try {
    for (const format of ["png", "ppm"] as const) {
      await writeFile(`${dir}/picture`, encodePicture(PICTURE, format));
      assert.deepEqual(await readPicture(`${dir}/picture`), PICTURE);
    }
    await writeFile(`${dir}/junk`, Uint8Array.of(1, 2, 3));
    await assert.rejects(readPicture(`${dir}/junk`), {
      name: "FileError",
      message: `Cannot read ${dir}/junk: it does not begin as a PNG file does`,
    });
    await assert.rejects(readPicture(`${dir}/none`), { message: `Cannot read ${dir}/none: no such file or folder` });
    await assert.rejects(writeFile(dir, new Uint8Array()), { message: new RegExp(`^Cannot write ${dir}: `) });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
