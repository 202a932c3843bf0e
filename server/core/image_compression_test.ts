import assert from "node:assert/strict";
import { ImageCompression as Wire } from "../../protocol/messages/enums.ts";
import { type CodingCase, codingFor, IMAGE_COMPRESSIONS, preferredCompression } from "./image_compression.ts";

const ABLE = { alone: true, slowLink: false, glz: true, lz4: true, jpeg: "never", zlibGlz: "never" } as const;

function coding(given: Partial<CodingCase>): string {
  const { drawings, photos, zlib } = codingFor({ compression: "auto", ...ABLE, ...given });
  return `${drawings} ${photos}${zlib ? " zlib" : ""}`;
}

Deno.test("codingFor() obeys every name", () => {
  const all = IMAGE_COMPRESSIONS.map((compression) => `${compression}: ${coding({ compression })}`);
  assert.deepEqual(all, [
    ...["auto: glz quic", "off: bitmap bitmap", "auto-glz: glz quic", "auto-lz: lz quic", "quic: quic quic"],
    ...["glz: glz glz", "lz: lz lz", "lz4: lz4 lz4"],
  ]);
});

Deno.test("codingFor() takes LZ where a viewer cannot decode what is asked for", () => {
  assert.equal(coding({ compression: "lz4", lz4: false }), "lz lz");
  assert.equal(coding({ compression: "glz", glz: false }), "lz lz");
  assert.equal(coding({ compression: "auto-glz", glz: false }), "lz quic");
  assert.equal(coding({ glz: false }), "lz quic");
});

Deno.test("codingFor() shares the work between viewers whose links are fast", () => {
  assert.equal(coding({ alone: false }), "lz quic");
  assert.equal(coding({ alone: false, slowLink: true }), "glz quic");
  assert.equal(coding({ alone: false, compression: "auto-glz" }), "glz quic");
});

Deno.test("codingFor() loses nothing and deflates nothing unless told, or on slow links", () => {
  assert.equal(coding({ jpeg: "auto", zlibGlz: "auto" }), "glz quic");
  assert.equal(coding({ jpeg: "auto", zlibGlz: "auto", slowLink: true }), "glz jpeg zlib");
  assert.equal(coding({ jpeg: "always", zlibGlz: "always" }), "glz jpeg zlib");
  assert.equal(coding({ slowLink: true }), "glz quic");
  assert.equal(coding({ jpeg: "always", compression: "lz" }), "lz lz", "JPEG stands in for QUIC alone");
});

Deno.test("preferredCompression() knows the protocol's names, and nothing else", () => {
  const names = Object.values(Wire).map((number) => preferredCompression(number));
  assert.deepEqual(names, [undefined, "off", "auto-glz", "auto-lz", "quic", "glz", "lz", "lz4"]);
  assert.equal(preferredCompression(99), undefined);
});
