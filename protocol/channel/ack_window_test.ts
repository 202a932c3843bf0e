import assert from "node:assert/strict";
import { AckWindow } from "./ack_window.ts";

/** Which of `n` messages are answered by an ACK, counted from 1. */
function acked(window: AckWindow, n: number): number[] {
  return Array.from({ length: n }, (_, i) => window.count() ? i + 1 : 0).filter((at) => at > 0);
}

Deno.test("AckWindow asks for no ACK before SET_ACK", () => {
  assert.deepEqual(acked(new AckWindow(), 1000), []);
});

Deno.test("AckWindow asks for one ACK every window", () => {
  const window = new AckWindow();
  window.set(20);
  assert.deepEqual(acked(window, 65), [20, 40, 60]);
  const every = new AckWindow();
  every.set(1);
  assert.deepEqual(acked(every, 3), [1, 2, 3]);
});

Deno.test("AckWindow counts anew with every SET_ACK, and 0 turns it off", () => {
  const window = new AckWindow();
  window.set(5);
  assert.deepEqual(acked(window, 4), []);
  window.set(3);
  assert.deepEqual(acked(window, 7), [3, 6]);
  window.set(0);
  assert.deepEqual(acked(window, 1000), []);
  window.set(0xffffffff);
  assert.deepEqual(acked(window, 1000), []);
});
