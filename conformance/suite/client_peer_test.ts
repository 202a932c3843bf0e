import assert from "node:assert/strict";
import { ClientPeer } from "./client_peer.ts";

const peerOf = (script: string, speaks: boolean) => new ClientPeer({ command: ["sh", "-c", script], speaks });

Deno.test("mustNotCrash() tells a crash from an end, and waits for neither when the program answers", async () => {
  await using crashed = peerOf(`read line; echo so it ends >&2; kill -s SEGV $$`, true);
  await crashed.start();
  await assert.rejects(
    () => crashed.mustNotCrash(),
    /failed: its program is ended by SIGSEGV; its last words: so it ends/,
  );
  await using shell = peerOf(`read line; exit 139`, true), ended = peerOf(`read line; exit 1`, true);
  await shell.start();
  await assert.rejects(() => shell.mustNotCrash(), /signal 11/);
  await ended.start();
  await ended.mustNotCrash();
  await using well = peerOf(`read line; echo '{"id": 1, "ok": false}'; read line`, true);
  await well.start();
  await well.mustNotCrash();
});

Deno.test("mustNotCrash() does not wait for a program that cannot be asked and has no connection that is over", async () => {
  await using peer = peerOf(`read line`, false);
  await peer.start();
  await peer.mustNotCrash();
});
