import assert from "node:assert/strict";
import { channels } from "../protocol/messages/channels.ts";
import { compareAll, markdownReport, plainReport } from "./compare_with_spec.ts";
import { HEADER_DEVIATIONS, SPEC_DEVIATIONS } from "./spec_deviations.ts";

const EMPTY = "protocol Spice { };";
const NAMES = { reference: "a definition", header: "a header" };

Deno.test("compareAll() misses every channel and deviation in an empty definition", () => {
  const { spec, header } = compareAll(EMPTY, null);
  const missing = spec.differences.filter(({ kind }) => kind === "channel").map(({ at }) => at);
  assert.deepEqual(missing, Object.keys(channels));
  assert.equal(spec.differences.filter(({ kind }) => kind === "unused").length, SPEC_DEVIATIONS.length);
  assert.equal(header, null);
});

Deno.test("plainReport() and markdownReport() show every difference of both files", () => {
  const found = compareAll(EMPTY, "enum { SPICE_MSG_MAIN_INIT = 104 };");
  const plain = plainReport(found), markdown = markdownReport(found, NAMES);
  for (const text of [plain, markdown]) {
    assert.match(text, /display: channel: ours type 2, theirs none/);
    assert.match(text, /SPICE_MSG_MAIN_INIT: value: ours 103, theirs 104/);
  }
  assert.match(plain, new RegExp(`${SPEC_DEVIATIONS.length + HEADER_DEVIATIONS.length} deviations on purpose`));
  for (const { reason } of SPEC_DEVIATIONS) assert.ok(markdown.includes(reason), reason);
  assert.match(markdown, /`spice.proto` of a definition by/);
});

Deno.test("compare_with_spec.ts ends with 1 for differences and 2 for wrong usage", async () => {
  const file = await Deno.makeTempFile({ suffix: ".proto" });
  try {
    await Deno.writeTextFile(file, EMPTY);
    assert.equal(await run(file), 1);
    assert.equal(await run(), 2);
    assert.equal(await run("--unknown", file), 2);
  } finally {
    await Deno.remove(file);
  }
});

async function run(...args: string[]): Promise<number> {
  const script = new URL("compare_with_spec.ts", import.meta.url).pathname;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read", script, ...args],
    stdout: "null",
    stderr: "null",
  });
  return (await command.output()).code;
}
