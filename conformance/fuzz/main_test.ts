import assert from "node:assert/strict";
import { main } from "./main.ts";

/** What a run says, and its exit code. */
async function said(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  const { log, error } = console, lines = { out: "", error: "" };
  console.log = (line: string) => void (lines.out += `${line}\n`);
  console.error = (line: string) => void (lines.error += `${line}\n`);
  try {
    return { code: await main(args), ...lines };
  } finally {
    Object.assign(console, { log, error });
  }
}

Deno.test("fuzz --target gives all inputs to the targets that are named", async () => {
  const { code, out } = await said("--target", "quic", "--target", "bitmap", "--inputs", "300", "--seed", "7");
  assert.equal(code, 0, out);
  const counts = [...out.matchAll(/^(\S+) +(\d+) inputs, /gm)].map(([, name, count]) => [name, Number(count)]);
  assert.deepEqual(counts.map(([name]) => name).sort(), ["bitmap", "quic"]);
  assert.equal(counts.reduce((sum, [, count]) => sum + Number(count), 0), 300);
});

Deno.test("fuzz refuses a target that is none and names those that are, and options that say nothing", async () => {
  const unknown = await said("--target", "quick");
  assert.equal(unknown.code, 2);
  assert.match(
    unknown.error,
    /^There is no target quick: .*\blz, quic, glz, zlib-glz, lz4, jpeg, jpeg-alpha, bitmap\b/,
  );
  for (const args of [["--seed", "x"], ["--target"], ["--inputs", "-1"], ["--wrong"]]) {
    const { code, error } = await said(...args);
    assert.deepEqual([code, error.startsWith("usage: ")], [2, true], args.join(" "));
  }
});
