import assert from "node:assert/strict";
import { captureNames } from "../capture.ts";
import { Coverage } from "./coverage.ts";
import { allItems } from "./items.ts";
import { captureSources, claimSources, peersOf, vectorSource } from "./sources.ts";

Deno.test("captureSources() tells for every capture who sent what", () => {
  const sources = captureSources();
  assert.deepEqual([...new Set(sources.map(({ by }) => by))], captureNames());
  for (const { by, peer } of sources) assert(peer !== undefined && peer !== "", by);
});

Deno.test("peersOf() reads the table beside the captures", () => {
  const page = `| name | client and server | what |
| --- | --- | --- |
| ops-off (+png) | spice-gtk, libspice-server | all |
| grub | scripted client, QEMU (tcg, qxl-vga) | menu |`;
  assert.deepEqual([...peersOf(page)], [
    ["ops-off", { client: "spice-gtk", server: "libspice-server" }],
    ["grub", { client: "scripted client", server: "QEMU (tcg, qxl-vga)" }],
  ]);
});

Deno.test("vectorSource() marks a message", () => {
  const vector = { channel: "main", direction: "server", type: 105, bytes: "03000200" } as const;
  const source = vectorSource("x.json", { ...vector, origin: { kind: "derived" } });
  assert.deepEqual([...source.addresses], [
    "main/server/MAIN_MOUSE_MODE",
    "main/server/MAIN_MOUSE_MODE/supportedModes=SERVER",
    "main/server/MAIN_MOUSE_MODE/supportedModes=CLIENT",
    "main/server/MAIN_MOUSE_MODE/currentMode=CLIENT",
  ]);
  assert.throws(() => vectorSource("y.json", { ...vector, type: 9999, origin: { kind: "derived" } }), RangeError);
});

Deno.test("claimSources() opens patterns, and a pattern that fits nothing is a stray", () => {
  const items = allItems();
  const sources = claimSources([
    { address: "link/refused", covers: ["link/server/SpiceLinkReply/error=*", "link/no-such-thing"] },
    { address: "link/silent" },
  ], items);
  const coverage = new Coverage(items, sources);
  assert.equal(coverage.origin("link/server/SpiceLinkReply/error=NEED_SECURED"), "derived");
  assert.equal(coverage.count(({ name }) => name === "link").derived, 10);
  assert.deepEqual(coverage.strays, [{ by: "link/refused", address: "link/no-such-thing" }]);
});
