import assert from "node:assert/strict";
import { repositoryRoot } from "./files.ts";
import { notYet } from "./not_yet.ts";

Deno.test("notYet() names the task and the part that brings it", () => {
  assert.equal(notYet("codec"), "deno task codec: not in this version, it comes with the codecs");
  assert.equal(notYet("x"), "deno task x: not in this version, it comes with a later part");
});

Deno.test("not_yet.ts prints one line and exits 2", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "_tools/not_yet.ts", "codec", "--help"],
    cwd: repositoryRoot,
  });
  const { code, stdout, stderr } = await child.output();
  assert.equal(code, 2);
  assert.equal(new TextDecoder().decode(stdout), "");
  assert.equal(new TextDecoder().decode(stderr).trimEnd(), notYet("codec"));
});
