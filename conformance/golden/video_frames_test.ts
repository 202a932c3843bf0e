/** The MJPEG frames of captured streams decode, also those without Huffman tables, which all but the first are. */
import assert from "node:assert/strict";
import { decodeJpeg } from "../../mod.ts";
import { DisplayStreamCreate, DisplayStreamData, DisplayStreamDataSized } from "../../protocol/messages/display.ts";
import { decode } from "../../protocol/schema/decode.ts";
import { readCapture } from "../capture.ts";

const FRAMES: Readonly<Record<string, readonly number[]>> = {
  "stream-mjpeg": [24, 0],
  "libspice-stream-sized": [20, 20],
};

for (const [name, [plain, sized]] of Object.entries(FRAMES)) {
  Deno.test(`${name}: every frame is a JPEG of the size that is said, and the first alone has Huffman tables`, () => {
    const counts = { plain: 0, sized: 0, tables: 0, streams: 0 };
    for (const { channel, messages } of readCapture(name).connections) {
      if (channel.name !== "display") continue;
      let width = 0, height = 0;
      const frame = (data: Uint8Array, size: readonly [number, number]) => {
        const image = decodeJpeg(data, { maxPixels: size[0] * size[1] });
        assert.deepEqual([image.width, image.height], size);
        if (hasHuffmanTables(data)) counts.tables++;
      };
      for (const { type, body } of messages.server) {
        if (type === DisplayStreamCreate.id) {
          ({ streamWidth: width, streamHeight: height } = decode(DisplayStreamCreate.wire, body));
          counts.streams++;
        } else if (type === DisplayStreamData.id) {
          frame(decode(DisplayStreamData.wire, body).data, [width, height]);
          counts.plain++;
        } else if (type === DisplayStreamDataSized.id) {
          const { data, width, height } = decode(DisplayStreamDataSized.wire, body);
          frame(data, [width, height]);
          counts.sized++;
        }
      }
    }
    assert.deepEqual(counts, { plain, sized, tables: counts.streams, streams: 1 });
  });
}

function hasHuffmanTables(jpeg: Uint8Array): boolean {
  for (let at = 2; jpeg[at + 1] !== 0xda; at += 2 + (jpeg[at + 2]! << 8 | jpeg[at + 3]!)) {
    if (jpeg[at + 1] === 0xc4) return true;
  }
  return false;
}
