import assert from "node:assert/strict";
import { ByteQueue } from "./byte_queue.ts";

Deno.test("ByteQueue gives back what came, in sizes of the taker", () => {
  const queue = new ByteQueue();
  const source = Uint8Array.of(1, 2, 3);
  queue.push(source);
  source.fill(9);
  queue.push(Uint8Array.of(4));
  assert.equal(queue.length, 4);
  assert.deepEqual([...queue.peek(2)], [1, 2]);
  assert.deepEqual([...queue.peek(20)], [1, 2, 3, 4]);
  assert.equal(queue.take(5), null);
  assert.deepEqual([...queue.take(3)!], [1, 2, 3]);
  assert.deepEqual([...queue.take(0)!], []);
  assert.deepEqual([...queue.rest()], [4]);
  assert.equal(queue.length, 0);
  assert.deepEqual([...queue.rest()], []);
});
