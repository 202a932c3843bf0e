import assert from "node:assert/strict";
import { missingPackages, readPackageList } from "../peers/require_peer.ts";
import { CASES } from "../suite/all_cases.ts";
import { fits } from "../suite/glob.ts";
import { expectedOf } from "./judge_peer.ts";
import { PEERS } from "./peers.ts";

Deno.test("PEERS have names of their own, packages that can be installed, and lists whose entries fit cases", async () => {
  assert.equal(new Set(PEERS.map(({ id }) => id)).size, PEERS.length);
  for (const peer of PEERS) {
    // Throws for a package that is in no list.
    missingPackages(peer.needs, readPackageList());
    const { peer: name, known } = await expectedOf(peer);
    assert.equal(name, peer.peer);
    const cases = CASES.filter(({ judges }) => judges === peer.judges);
    for (const entry of known) {
      assert.ok(cases.some(({ address }) => fits(address, entry.cases)), `${peer.id}: no case fits ${entry.cases}`);
    }
  }
});
