import assert from "node:assert/strict";
import { display } from "../../protocol/messages/display.ts";
import type { SpiceImage } from "../../protocol/messages/image.ts";
import type { MessageOf } from "../../protocol/schema/message.ts";
import { arbitrary } from "../../protocol/schema/arbitrary.ts";
import { prng } from "../../protocol/schema/prng.ts";
import { drawImages } from "./draw_images.ts";

/** Every image inside a value, found by looking at all of it. */
function* imagesIn(value: unknown): Generator<SpiceImage> {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  if ("body" in value && "flags" in value && "id" in value) yield value as SpiceImage;
  else for (const part of Object.values(value)) yield* imagesIn(part);
}

Deno.test("drawImages() finds each image of every drawing message, wherever the message has it", () => {
  const random = prng(7), found = new Map<string, number>();
  for (const { name, wire } of display.server) {
    for (let i = 0; i < 50; i++) {
      const message = { name, value: arbitrary<unknown>(wire, random) } as MessageOf<typeof display.server>;
      const expected = [...imagesIn(message.value)];
      const images = drawImages(message);
      assert.deepEqual(new Set(images), new Set(expected), name);
      found.set(name, (found.get(name) ?? 0) + images.length);
    }
  }
  assert.equal([...found].filter(([, count]) => count > 0).length, 13, JSON.stringify([...found]));
});
