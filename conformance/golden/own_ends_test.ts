/** Our own server and client against every case: nothing that must or should hold fails, and what they lack is listed. */
import assert from "node:assert/strict";
import { expectedOf, judgePeer } from "../matrix/judge_peer.ts";
import { type MatrixPeer, PEERS } from "../matrix/peers.ts";
import { CASES } from "../suite/all_cases.ts";
import { surprises } from "../suite/expected.ts";
import { fits } from "../suite/glob.ts";

for (const id of ["saffron-server", "saffron-client"]) {
  const peer = PEERS.find((one) => one.id === id)!;
  Deno.test(`${peer.peer} passes the suite`, () => passes(peer));
}

Deno.test("Saffron's server refuses a ticket that has expired", async () => {
  const peer = PEERS.find(({ id }) => id === "saffron-server")!,
    cases = CASES.filter(({ address }) => {
      return address === "link/ticket/expired";
    });
  const program = [...peer.program, "--ticket-seconds", "0"];
  const { results } = await judgePeer({ ...peer, program, password: "sesame", expired: true }, cases);
  assert.deepEqual(results.map(({ verdict, reason }) => [verdict, reason]), [["ok", ""]]);
});

async function passes(peer: MatrixPeer): Promise<void> {
  const expected = await expectedOf(peer), { results } = await judgePeer(peer);
  assert.ok(results.length > 200);
  assert.deepEqual(surprises(results, expected, true, true), []);
  const lacks = results.filter(({ verdict }) => verdict === "unimplemented").map(({ address }) => address);
  assert.deepEqual(lacks.filter((address) => !expected.known.some(({ cases }) => fits(address, cases))), []);
}
