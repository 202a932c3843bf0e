import assert from "node:assert/strict";
import { LinkSpeed } from "./link_speed.ts";

/** Deliveries of so many bytes one after the other, at so many bytes a millisecond. */
function deliver(link: LinkSpeed, bytes: number, rate: number, roundMs = 40, times = 8, pixels = bytes): void {
  for (let i = 0; i < times; i++) {
    link.sent(bytes, pixels);
    link.marked(i);
    link.arrived(i, roundMs + bytes / rate, roundMs);
  }
}

Deno.test("LinkSpeed finds a link of 4 Mbit/s slow, and none of 100 Mbit/s", () => {
  const slow = new LinkSpeed(), fast = new LinkSpeed();
  deliver(slow, 50_000, 500, 40, 1);
  assert.equal(slow.isSlow, false, "one delivery says little");
  deliver(slow, 50_000, 500);
  deliver(fast, 50_000, 12_500);
  assert.deepEqual([slow.isSlow, fast.isSlow], [true, false]);
  deliver(slow, 50_000, 12_500, 40, 1);
  assert.equal(slow.isSlow, false, "it got faster");
});

Deno.test("LinkSpeed counts what was under way already", () => {
  const link = new LinkSpeed();
  // Four messages in a queue: the last one's answer takes as long as all four.
  for (let i = 0; i < 4; i++) {
    link.sent(100_000, 100_000);
    link.marked(i);
  }
  for (let i = 0; i < 4; i++) link.arrived(i, 10 + (i + 1) * 100_000 / 5000, 10);
  assert.equal(link.isSlow, false);
});

Deno.test("LinkSpeed takes no slow end for a slow link", () => {
  const local = new LinkSpeed(), decoder = new LinkSpeed(), small = new LinkSpeed(), odd = new LinkSpeed();
  deliver(local, 50_000, 500, 0.5);
  deliver(decoder, 50_000, 500, 40, 8, 2_000_000);
  deliver(small, 1000, 5);
  odd.arrived(7, 1000, 10);
  for (const link of [local, decoder, small, odd]) assert.equal(link.isSlow, false);
});
