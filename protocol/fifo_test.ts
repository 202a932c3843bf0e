import assert from "node:assert/strict";
import { Fifo } from "./fifo.ts";

Deno.test("Fifo gives items back in order, however pushes and shifts mix", () => {
  const fifo = new Fifo<number>();
  const plain: number[] = [];
  let next = 0;
  for (const [pushes, shifts] of [[3, 5], [2000, 1500], [10, 600], [5000, 3000], [1, 4000], [2, 0]] as const) {
    for (let i = 0; i < pushes; i++, next++) {
      fifo.push(next);
      plain.push(next);
    }
    for (let i = 0; i < shifts; i++) {
      assert.equal(fifo.shift(), plain.shift());
      assert.equal(fifo.length, plain.length);
    }
  }
  assert.equal(fifo.length, 2);
});

Deno.test("Fifo takes 500,000 items out in less time than Array.shift needs for a tenth", () => {
  const fifo = new Fifo<number>();
  for (let i = 0; i < 500_000; i++) fifo.push(i);
  const start = performance.now();
  for (let i = 0; i < 500_000; i++) assert.equal(fifo.shift(), i);
  assert.ok(performance.now() - start < 1500, "Array.shift would take minutes");
});
