import assert from "node:assert/strict";
import { MessageSize } from "./message_size.ts";

/** Sends full messages over a link, one after the other. @returns Pixels of each. */
function over(link: { readonly bytesPerMs: number; readonly delayMs: number }, messages: number): number[] {
  const size = new MessageSize();
  return Array.from({ length: messages }, (_, mark) => {
    const { pixels } = size;
    size.sent(mark, pixels);
    size.arrived(mark, link.delayMs + 3 * pixels / link.bytesPerMs, link.delayMs);
    return pixels;
  });
}

Deno.test("MessageSize grows on a fast link and shrinks on a slow one, whatever the delay", () => {
  assert.deepEqual(over({ bytesPerMs: 1e6, delayMs: 0.2 }, 8).slice(-2), [4194304, 4194304]);
  // 10 Mbit/s: 100 ms are 125 kB.
  assert.deepEqual(over({ bytesPerMs: 1250, delayMs: 80 }, 8).slice(-2), [32768, 32768]);
  const steady = over({ bytesPerMs: 20_000, delayMs: 30 }, 20).at(-1)!;
  assert(steady >= 128 * 1024 && steady <= 1024 * 1024, `${steady}`);
});

Deno.test("MessageSize learns nothing from small messages and marks that it does not know", () => {
  const size = new MessageSize(), before = size.pixels;
  size.sent(1, 10);
  size.sent(2, before / 4);
  size.arrived(2, 1, 1);
  size.arrived(1, 1, 1);
  size.arrived(7, 1000, 1);
  assert.equal(size.pixels, before);
});
