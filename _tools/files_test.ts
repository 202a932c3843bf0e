import assert from "node:assert/strict";
import { readText, repositoryFiles, repositoryRoot } from "./files.ts";

Deno.test("repositoryFiles() lists this file and nothing that git ignores", async () => {
  const files = await repositoryFiles();
  assert.ok(files.includes("_tools/files_test.ts"));
  assert.ok(files.every((file) => !file.startsWith(".git/") && !file.includes("node_modules/")));
});

Deno.test("repositoryFiles() walks a folder that git does not know", async () => {
  const root = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${root}/a/node_modules`, { recursive: true });
    await Deno.writeTextFile(`${root}/a/b.txt`, "b");
    await Deno.writeTextFile(`${root}/a/node_modules/c.txt`, "c");
    assert.deepEqual(await repositoryFiles(root), ["a/b.txt"]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("readText() gives null for bytes that are not text", async () => {
  const root = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${root}/zero`, Uint8Array.of(65, 0, 66));
    await Deno.writeFile(`${root}/latin1`, Uint8Array.of(65, 0xe9, 66));
    assert.equal(await readText("zero", root), null);
    assert.equal(await readText("latin1", root), null);
    assert.match(await readText("LICENSE", repositoryRoot) ?? "", /^MIT License/);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
