import assert from "node:assert/strict";
import { updateRequest } from "./rfb_messages.ts";
import { RfbUpdateRequests } from "./rfb_update_requests.ts";

/** Requests, and what they sent since the last look. */
function make() {
  const sent: Uint8Array[] = [];
  const requests = new RfbUpdateRequests((bytes) => void sent.push(bytes));
  requests.resized(40, 30);
  return { requests, sent: () => sent.splice(0) };
}

const WHOLE = updateRequest(false, 40, 30), CHANGES = updateRequest(true, 40, 30);

Deno.test("RfbUpdateRequests asks for the whole picture first and after a new size, for changes otherwise", () => {
  const { requests, sent } = make();
  requests.request();
  requests.updated();
  assert.deepEqual(sent(), [WHOLE, CHANGES]);
  requests.resized(50, 20);
  assert.deepEqual(sent(), []);
  requests.updated();
  requests.updated();
  assert.deepEqual(sent(), [updateRequest(false, 50, 20), updateRequest(true, 50, 20)]);
});

Deno.test("RfbUpdateRequests holds one request back while nobody watches", () => {
  const { requests, sent } = make();
  requests.watch(false);
  requests.request();
  assert.deepEqual(sent(), [WHOLE], "what is asked for by command goes out");
  requests.watch(true);
  assert.deepEqual(sent(), [], "that request is on its way");
  requests.watch(false);
  requests.updated();
  requests.watch(false);
  assert.deepEqual(sent(), []);
  requests.watch(true);
  requests.watch(true);
  assert.deepEqual(sent(), [CHANGES]);
});
