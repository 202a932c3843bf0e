/** Other people's peers against the suite: what they fail is known, with its reason, and nothing else. */
import assert from "node:assert/strict";
import { expectedOf, judgePeer } from "../matrix/judge_peer.ts";
import { PEERS } from "../matrix/peers.ts";
import { peerTest } from "../peers/require_peer.ts";
import { surprises } from "../suite/expected.ts";

for (const peer of PEERS) {
  // Our own ends are judged without any real peer, in `conformance/golden/own_ends_test.ts`.
  if (!peer.inCi || peer.id.startsWith("saffron")) continue;
  peerTest({
    name: `the suite finds of ${peer.peer} what is known, and nothing else`,
    needs: [...peer.needs],
    timeoutMs: 500_000,
    fn: async () => {
      const { results } = await judgePeer(peer);
      assert.deepEqual(surprises(results, await expectedOf(peer), false, true), []);
    },
  });
}
