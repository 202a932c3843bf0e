import assert from "node:assert/strict";
import { ControlProgram } from "./control.ts";

const sh = (script: string, speaks = true) => new ControlProgram(["sh", "-c", script], speaks);

Deno.test("ask() gives what stands under ok, and fails with the error", async () => {
  await using program = sh(
    `read line; echo noise; echo '{"id": 1, "ok": 7}'; read line; echo '{"id": 2, "error": "no"}'`,
  );
  assert.equal(await program.ask("shot"), 7);
  await assert.rejects(() => program.ask("shot"), /failed: .*could not "shot": no/);
});

Deno.test("ask() finds that a program ends, or has ended, when it is asked", async () => {
  await using program = sh(`read line; kill -s SEGV $$`);
  await assert.rejects(() => program.ask("ended"), /failed: its program ended when asked/);
  await assert.rejects(() => program.ask("ended"), /failed: its program has ended/);
  // It no longer reads, and its end is not known yet.
  await using closed = sh(`exec <&-; sleep 0.3`);
  await new Promise((done) => setTimeout(done, 150));
  await assert.rejects(() => closed.ask("ended"), /failed: its program ended when asked/);
});

Deno.test("answers() takes any answer, and no end or silence", async () => {
  await using able = sh(`read line; echo '{"id": 1, "unsupported": true}'; read line`);
  assert.equal(await able.answers(), true);
  await using ending = sh(`read line; exit 3`), silent = sh(`read line; read line`), mute = sh(`read line`, false);
  assert.equal(await ending.answers(), false);
  assert.equal(await silent.answers(50), false);
  assert.equal(await mute.answers(), false);
});
