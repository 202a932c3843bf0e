import assert from "node:assert/strict";
import { concat } from "../../protocol/schema/encode.ts";
import type { Sender } from "../../protocol/schema/message.ts";
import { type Capture, captureNames, CAPTURES, readCapture } from "../capture.ts";
import { captureReads, markCapture, type StreamRead } from "./capture_marks.ts";
import { Coverage } from "./coverage.ts";
import { allItems } from "./items.ts";

Deno.test("every capture is read to its end", () => {
  for (const name of captureNames()) {
    assert.deepEqual(markCapture(captureReads(new URL(`${name}.tar.gz`, CAPTURES).pathname)).broken, [], name);
  }
});

Deno.test("a message that is taken out of a capture takes its coverage along", () => {
  const capture = readCapture("surfaces");
  const whole = coverage(readsOf(capture, () => true));
  const without = coverage(readsOf(capture, (type) => type !== 315));
  assert.equal(whole.origin("display/server/DISPLAY_SURFACE_DESTROY"), "captured");
  const lost = whole.items.filter(({ address }) => without.origin(address) !== whole.origin(address));
  assert.deepEqual(lost.map(({ address }) => address), ["display/server/DISPLAY_SURFACE_DESTROY"]);
});

Deno.test("a session that comes from another server brings what it has cached", () => {
  const reads = captureReads(new URL("libspice-migration-two-displays.tar.gz", CAPTURES).pathname);
  const dropped = "cache/image/dropped-by-INVAL_ALL_PIXMAPS";
  assert.equal(coverage(reads).origin(dropped), "captured");
  assert.equal(coverage(reads.filter(({ connection }) => connection >= "06")).origin(dropped), "none");
});

/** The bytes of a capture, one read a side, with only those of the display's messages that are kept. */
function readsOf({ connections }: Capture, keep: (type: number) => boolean): StreamRead[] {
  return connections.flatMap(({ name, channel, streams, link, messages }) =>
    (["client", "server"] as const).map((from: Sender): StreamRead => ({
      time: 0,
      connection: name,
      from,
      bytes: concat([
        streams[from].subarray(0, link.bytes[from]),
        ...messages[from].filter(({ type }) => channel.name !== "display" || from === "client" || keep(type))
          .map(({ offset, end }) => streams[from].subarray(offset, end)),
      ]),
    }))
  );
}

function coverage(reads: readonly StreamRead[]): Coverage {
  const addresses = markCapture(reads).marks.map(({ address }) => address);
  return new Coverage(allItems(), [{ by: "test", origin: "captured", addresses }]);
}
