/** Other people's peers against the suite: what they fail is known, with its reason, and nothing else. */
import assert from "node:assert/strict";
import { expectedOf, judgePeer } from "../matrix/judge_peer.ts";
import { PEERS } from "../matrix/peers.ts";
import { peerTest } from "../peers/require_peer.ts";
import { CASES } from "../suite/all_cases.ts";
import { surprises } from "../suite/expected.ts";
import { fits } from "../suite/glob.ts";

for (const peer of PEERS) {
  // Our own ends are judged without any real peer, in `conformance/golden/own_ends_test.ts`.
  if (!peer.inCi || peer.id.startsWith("saffron")) continue;
  peerTest({
    name: `the suite finds of ${peer.peer} what is known, and nothing else`,
    needs: [...peer.needs],
    timeoutMs: 500_000,
    fn: async () => {
      const expected = await expectedOf(peer), { results } = await judgePeer(peer);
      const once = surprises(results, expected, false, true);
      if (once.length === 0) return;
      // Some peers read memory that is not theirs: what they do then changes from run to run, and must be seen twice.
      const again = CASES.filter((one) => {
        return one.judges === peer.judges && once.some(({ about }) => fits(one.address, about));
      });
      const twice = surprises((await judgePeer(peer, again)).results, expected, false, false);
      assert.deepEqual(once.filter(({ about }) => twice.some((other) => other.about === about)), []);
    },
  });
}
