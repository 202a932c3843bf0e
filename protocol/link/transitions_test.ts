import assert from "node:assert/strict";
import { CLIENT_LINK, SERVER_LINK, step, type Transitions, transitions } from "./transitions.ts";

Deno.test("step() follows the table and refuses what it does not have", () => {
  const table = transitions({ open: { shut: "closed" }, closed: { lock: "locked" }, locked: {} });
  assert.equal(step(table, "open", "shut"), "closed");
  assert.equal(step(table, "closed", "lock"), "locked");
  assert.throws(() => step(table, "locked", "shut"), new TypeError("No transition from locked on shut"));
});

for (const [name, table] of Object.entries({ CLIENT_LINK, SERVER_LINK })) {
  Deno.test(`${name}: every state is reached, and linked and closed are the only ends`, () => {
    const reached = new Set(["awaitHeader"]);
    const all: Transitions = table;
    for (const state of reached) for (const target of Object.values(all[state]!)) reached.add(target);
    assert.deepEqual([...reached].sort(), Object.keys(table).sort());
    const ends = Object.entries(table).filter(([, events]) => Object.keys(events).length === 0).map(([state]) => state);
    assert.deepEqual(ends, ["linked", "closed"]);
  });
}
