import assert from "node:assert/strict";
import { ByteWindow } from "./byte_window.ts";

/** Sends as much as the window lets through over a link of `bytesPerMs` and a round trip of `roundMs`. */
function run(bytesPerMs: number, roundMs: number, ms: number): { window: ByteWindow; delivered: number } {
  const window = new ByteWindow();
  const marks: { id: number; at: number }[] = [];
  const chunk = 16 * 1024;
  let freeAt = 0, delivered = 0;
  for (let now = 0; now < ms; now++) {
    while (marks.length > 0 && marks[0]!.at <= now) window.pong(marks.shift()!.id, now);
    while (!window.full) {
      window.sent(chunk);
      freeAt = Math.max(freeAt, now) + chunk / bytesPerMs;
      if (freeAt + roundMs <= ms) delivered += chunk;
      const id = window.mark(now);
      if (id !== null) marks.push({ id, at: freeAt + roundMs });
    }
  }
  return { window, delivered };
}

Deno.test("ByteWindow fills a link, and keeps little more than two round trips under way", () => {
  // 10 Mbit/s and 80 ms carry 100 kB in a round trip.
  const slow = run(1250, 80, 5000);
  assert.ok(slow.delivered > 0.85 * 1250 * 5000, `delivered ${slow.delivered}`);
  assert.ok(slow.window.underWay < 350 * 1024, `under way ${slow.window.underWay}`);
  // 1 Gbit/s and 10 ms carry 1.25 MB.
  const fast = run(125_000, 10, 3000);
  assert.ok(fast.delivered > 0.85 * 125_000 * 3000, `delivered ${fast.delivered}`);
});

Deno.test("ByteWindow passes over PONGs that it does not wait for", () => {
  const window = new ByteWindow();
  window.pong(7, 1);
  assert.equal(window.mark(0), null, "nothing was sent");
  window.sent(100);
  const id = window.mark(0)!;
  assert.equal(window.mark(0), null, "nothing new was sent");
  window.pong(id + 1, 1);
  assert.equal(window.underWay, 100);
  window.pong(id, 5);
  window.pong(id, 9);
  assert.equal(window.underWay, 0);
  assert.equal(window.roundTripMs, 5);
});
