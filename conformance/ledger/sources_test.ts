import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { captureNames } from "../capture.ts";
import { Coverage } from "./coverage.ts";
import { allItems } from "./items.ts";
import { captureSources, claimSources, peersOf, vectorSources } from "./sources.ts";

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

Deno.test("vectorSources() reads a folder, and none where there is none", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const vector = { name: "DISPLAY_MARK", channel: "display", direction: "server-to-client", type: 102, bytes: "" };
    await Deno.mkdir(`${folder}/display`);
    await Deno.writeTextFile(
      `${folder}/display/x.json`,
      JSON.stringify({ ...vector, origin: { kind: "derived" } }),
    );
    const url = pathToFileURL(`${folder}/`);
    const [source] = vectorSources(url);
    assert.deepEqual(source, { by: "display/x.json", origin: "derived", addresses: ["display/server/DISPLAY_MARK"] });
    assert.deepEqual(vectorSources(new URL("none/", url)), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
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
