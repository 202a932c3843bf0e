import assert from "node:assert/strict";
import { SendWindow } from "./send_window.ts";

Deno.test("SendWindow is full past two windows, and each ACK makes room for one", () => {
  const window = new SendWindow();
  for (let i = 0; i < 100; i++) window.sent();
  assert.equal(window.full, false, "there is no window yet");
  window.sync(window.set(10));
  for (let i = 0; i < 20; i++) window.sent();
  assert.equal(window.full, false);
  window.sent();
  assert.equal(window.full, true);
  window.ack();
  assert.equal(window.full, false);
});

Deno.test("SendWindow does not count ACKs of an earlier generation", () => {
  const window = new SendWindow();
  const first = window.set(4);
  window.sync(first);
  const second = window.set(4);
  assert.notEqual(first, second);
  for (let i = 0; i < 9; i++) window.sent();
  window.ack();
  assert.equal(window.full, true);
  window.sync(second);
  window.ack();
  assert.equal(window.full, false);
});
