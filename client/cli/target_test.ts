import assert from "node:assert/strict";
import { UsageError } from "../../cli/usage_error.ts";
import { readTarget, showTarget } from "./target.ts";

Deno.test("readTarget() deletes a .vv file that says so, and no other", async () => {
  const dir = await Deno.makeTempDir();
  try {
    for (const [line, left] of [["delete-this-file=1", false], ["delete-this-file=0", true]] as const) {
      const file = `${dir}/machine.vv`;
      await Deno.writeTextFile(file, `[virt-viewer]\ntype=spice\nhost=example.org\nport=5930\n${line}\n`);
      assert.deepEqual(await readTarget(file), { host: "example.org", port: 5930 });
      assert.equal((await Array.fromAsync(Deno.readDir(dir))).length === 1, left);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("readTarget() guesses what a bare address means, and repeats nothing else", async () => {
  await assert.rejects(readTarget("vm:5930"), (error) => {
    return error instanceof UsageError && /did you mean spice:\/\/vm:5930/.test(error.message);
  });
  await assert.rejects(readTarget("s3cret"), (error) => error instanceof UsageError && !/s3cret/.test(error.message));
});

Deno.test("showTarget() leaves the password out", async () => {
  assert.equal(showTarget(await readTarget("spice://vm:5930?password=s3cret")), "vm:5930");
});
