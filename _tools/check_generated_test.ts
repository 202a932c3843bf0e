import assert from "node:assert/strict";
import { checkGenerated } from "./check_generated.ts";

const LIST = [{ file: "list.md", command: ["run", "make.ts"] }];

/** A folder with a generator of a list. */
async function withGenerator(code: string, body: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${root}/make.ts`, code);
    await body(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("checkGenerated() catches a missing and a changed file, and writes them", async () => {
  await withGenerator('console.log("# List\\n* one\\n* two");', async (root) => {
    const check = (write = false) => checkGenerated(LIST, { root, write });
    assert.deepEqual((await check()).map(({ line }) => line), [1]);
    assert.deepEqual(await check(true), []);
    assert.equal(await Deno.readTextFile(`${root}/list.md`), "# List\n\n- one\n- two\n");
    assert.deepEqual(await check(), []);
    await Deno.writeTextFile(`${root}/list.md`, "# List\n\n- one\n- three\n");
    assert.deepEqual((await check()).map(({ line }) => line), [4]);
    await Deno.writeTextFile(`${root}/list.md`, "# List\n\n- one\n- two\n- three\n");
    assert.deepEqual((await check()).map(({ line }) => line), [5]);
  });
});

Deno.test("checkGenerated() catches a command that fails", async () => {
  await withGenerator("Deno.exit(1);", async (root) => {
    assert.match((await checkGenerated(LIST, { root, write: true }))[0]?.text ?? "", /failed/);
  });
});

Deno.test("checkGenerated() catches files of a folder that are missing, changed or too many, and puts it right", async () => {
  await withGenerator('console.log(JSON.stringify({ "a.json": "1\\n", "b/c.json": "2\\n" }));', async (root) => {
    const check = (write = false) => checkGenerated([{ folder: "made", command: ["run", "make.ts"] }], { root, write });
    const found = async () => (await check()).map(({ file }) => file).sort();
    assert.deepEqual(await found(), ["made/a.json", "made/b/c.json"]);
    assert.deepEqual(await check(true), []);
    assert.deepEqual(await found(), []);
    await Deno.writeTextFile(`${root}/made/a.json`, "3\n");
    await Deno.writeTextFile(`${root}/made/b/d.json`, "4\n");
    assert.deepEqual(await found(), ["made/a.json", "made/b/d.json"]);
    assert.deepEqual(await check(true), []);
    assert.deepEqual(await found(), []);
  });
});
