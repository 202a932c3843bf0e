import assert from "node:assert/strict";
import { AREAS } from "./areas.ts";
import { ledgerCommand } from "./command.ts";
import { Coverage } from "./coverage.ts";

const item = (address: string, name: string) => ({ address, area: AREAS.find((area) => area.name === name)! });
const items = [item("link/one", "link"), item("link/two", "link"), item("sound/one", "sound")];
const source = { by: "ops", origin: "captured", peer: "QEMU", addresses: ["link/one"] } as const;

Deno.test("ledgerCommand() prints a table of all areas", () => {
  const { code, out } = run([]);
  assert.equal(code, 0);
  assert.match(
    out,
    /^area +captured +derived +none +total +covered +from real peers +no peer sends +captured of the rest$/m,
  );
  assert.match(out, /^link +1 +0 +1 +2 +50 % +50 % +0 +50 %$/m);
  assert.match(out, /^all +1 +0 +2 +3 +33 % +33 % +0 +33 %$/m);
});

Deno.test("ledgerCommand() lists the items of an area, or what is missing", () => {
  assert.match(run(["--area", "link"]).out, /^captured +link\/one +ops \(QEMU\)\nnone +link\/two\n/);
  assert.doesNotMatch(run(["--area", "link"]).out, /sound|all/);
  assert.match(run(["--missing"]).out, /^none +link\/two\nnone +sound\/one\n\narea/);
});

Deno.test("ledgerCommand() prints JSON and the page", () => {
  const { areas, items } = JSON.parse(run(["--json", "--area", "link"]).out);
  assert.equal(areas[0].captured, 1);
  assert.deepEqual(items[0], {
    address: "link/one",
    area: "link",
    origin: "captured",
    by: [{ by: "ops", origin: "captured", peer: "QEMU" }],
  });
  assert.match(run(["--markdown"]).out, /### link\n\n- `link`: `two`\n\n## What no peer sends\n/);
});

Deno.test("ledgerCommand() refuses what it does not know, and tells of strays", () => {
  assert.equal(run(["--areas"]).code, 2);
  assert.match(run(["--area", "lin"]).err, /no area fits lin: there are link, auth/);
  const stray = run([], ["link/three"]);
  assert.deepEqual([stray.code, stray.err], [1, "ops covers link/three, which is no item"]);
});

function run(args: readonly string[], addresses: readonly string[] = source.addresses) {
  const out: string[] = [], err: string[] = [];
  const output = { log: (text: string) => out.push(text), error: (text: string) => err.push(text) };
  const code = ledgerCommand(args, output, () => new Coverage(items, [{ ...source, addresses }]));
  return { code, out: out.join("\n"), err: err.join("\n") };
}
