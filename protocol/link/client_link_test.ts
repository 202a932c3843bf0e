import assert from "node:assert/strict";
import { CommonCap, MainCap, wordsOfCaps } from "../capabilities.ts";
import { ProtocolError } from "../errors.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { LinkErr } from "../messages/enums.ts";
import { LINK_HEADER_BYTES, SpiceLinkMess, SpiceLinkReply, SpiceLinkResult } from "../messages/link.ts";
import { decode } from "../schema/decode.ts";
import { concat, encodeBytes } from "../schema/encode.ts";
import { metaOf } from "../schema/enumeration.ts";
import { ClientLink, type ClientLinkOptions, type ClientLinkOutput } from "./client_link.ts";
import { withLinkHeader } from "./link_header.ts";
import { KEY, linkPair, TICKET } from "./testing/link_pair.ts";

const { PROTOCOL_AUTH_SELECTION, AUTH_SPICE, AUTH_SASL, MINI_HEADER } = CommonCap;
const OPTIONS: ClientLinkOptions = {
  connectionId: 0x01020304,
  channelType: 1,
  channelId: 0,
  commonCaps: [PROTOCOL_AUTH_SELECTION, AUTH_SPICE, MINI_HEADER],
  channelCaps: [MainCap.NAME_AND_UUID],
};

/** A link reply with its header. */
function reply(commonCaps: readonly number[], error: number = LinkErr.OK): Uint8Array {
  const caps = { common: wordsOfCaps(commonCaps), channel: [0x80000001] };
  return concat(withLinkHeader(encodeBytes(SpiceLinkReply, { error, pubKey: KEY, caps })));
}

function catching(run: () => unknown): ProtocolError {
  try {
    run();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  throw new Error("no error was thrown");
}

/** The error with which a client that has said its first words takes `bytes`: the same in any split. */
function failure(bytes: Uint8Array, options: ClientLinkOptions = OPTIONS): ProtocolError {
  const whole = new ClientLink(options);
  whole.start();
  const error = catching(() => whole.receive(bytes));
  assert.equal(whole.state, "closed");
  const single = new ClientLink(options);
  single.start();
  const again = catching(() => {
    for (const byte of bytes) single.receive(Uint8Array.of(byte));
  });
  assert.equal(again.code, error.code);
  assert.deepEqual([again.path, again.offset, again.linkError], [error.path, error.offset, error.linkError]);
  return error;
}

Deno.test("ClientLink begins with a link message that tells what it was asked for", () => {
  const bytes = concat(new ClientLink(OPTIONS).start());
  assert.equal(String.fromCharCode(...bytes.subarray(0, 4)), "REDQ");
  assert.deepEqual(decode(SpiceLinkMess, bytes.subarray(LINK_HEADER_BYTES), { exact: true }), {
    connectionId: 0x01020304,
    channelType: 1,
    channelId: 0,
    caps: { common: [0b1011], channel: [0b10] },
  });
});

Deno.test("ClientLink goes from reply to ticket to messages, in any split", () => {
  const messages = Uint8Array.of(1, 2, 3, 4, 5);
  const bytes = reply([PROTOCOL_AUTH_SELECTION, AUTH_SPICE, MINI_HEADER]);
  for (const step of [1, 3, 1000]) {
    const link = new ClientLink(OPTIONS);
    link.start();
    const outputs: ClientLinkOutput[] = [];
    for (let at = 0; at < bytes.length; at += step) outputs.push(...link.receive(bytes.subarray(at, at + step)));
    assert.deepEqual(outputs, [
      { do: "send", chunks: [Uint8Array.of(1, 0, 0, 0)] },
      { do: "encrypt", publicKey: KEY },
    ]);
    assert.deepEqual(link.ticket(TICKET), [TICKET]);
    const [linked, ...more] = link.receive(concat([new Uint8Array(4), messages]));
    assert.deepEqual(linked, {
      do: "linked",
      peer: { commonCaps: [0b1011], channelCaps: [0x80000001], header: "mini" },
      rest: messages,
    });
    assert.equal(more.length, 0);
    assert.equal(link.state, "linked");
  }
});

Deno.test("ClientLink uses the mini header only when both sides have it", () => {
  const header = (ours: readonly number[], theirs: readonly number[]) => {
    const link = new ClientLink({ ...OPTIONS, commonCaps: ours });
    link.receive(reply(theirs));
    link.ticket(TICKET);
    const [linked] = link.receive(new Uint8Array(4));
    return linked?.do === "linked" ? linked.peer.header : null;
  };
  assert.equal(header([MINI_HEADER], [MINI_HEADER]), "mini");
  assert.equal(header([MINI_HEADER], []), "full");
  assert.equal(header([], [MINI_HEADER]), "full");
});

Deno.test("ClientLink chooses no mechanism unless both sides have AUTH_SELECTION", () => {
  for (
    const [ours, theirs] of [[[AUTH_SPICE], [PROTOCOL_AUTH_SELECTION, AUTH_SPICE]], [[PROTOCOL_AUTH_SELECTION], []]]
  ) {
    const link = new ClientLink({ ...OPTIONS, commonCaps: ours! });
    assert.deepEqual(link.receive(reply(theirs!)), [{ do: "encrypt", publicKey: KEY }]);
  }
});

Deno.test("ClientLink has no answer for a server that takes SASL only", () => {
  const error = failure(reply([PROTOCOL_AUTH_SELECTION, AUTH_SASL]));
  assert.equal(error.code, "unsupported");
  assert.match(error.message, /SASL/);
});

Deno.test("ClientLink names every link_err, in the reply and in the result", () => {
  for (const [name, value] of Object.entries(metaOf(LinkErr).members).filter(([, value]) => value !== LinkErr.OK)) {
    const refused = failure(reply([], value));
    assert.deepEqual([refused.code, refused.linkError, refused.wireName], ["link-refused", value, "SpiceLinkReply"]);
    assert.match(refused.message, new RegExp(`${name}$`));
    const link = new ClientLink(OPTIONS);
    link.receive(reply([]));
    link.ticket(TICKET);
    const late = catching(() => link.receive(encodeBytes(SpiceLinkResult, { error: value })));
    assert.deepEqual([late.code, late.linkError, late.wireName], ["link-refused", value, "SpiceLinkResult"]);
    assert.match(late.message, new RegExp(`${name}$`));
    assert.equal(link.state, "closed");
  }
  assert.match(failure(reply([], 4711)).message, /4711$/);
});

Deno.test("ClientLink names the link_err of a second reply, which comes when the mechanism is refused", () => {
  const second = (bytes: Uint8Array, step: number) => {
    const link = new ClientLink(OPTIONS);
    link.receive(reply([PROTOCOL_AUTH_SELECTION, AUTH_SPICE]));
    link.ticket(TICKET);
    const error = catching(() => {
      for (let at = 0; at < bytes.length; at += step) link.receive(bytes.subarray(at, at + step));
    });
    assert.equal(link.state, "closed");
    return error;
  };
  for (const step of [1, 3, 1000]) {
    const refused = second(reply([], LinkErr.INVALID_DATA), step);
    assert.deepEqual([refused.code, refused.linkError], ["link-refused", LinkErr.INVALID_DATA]);
    assert.match(refused.message, /INVALID_DATA$/);
    assert.equal(second(reply([], LinkErr.OK), step).code, "unexpected");
    const large = reply([], LinkErr.INVALID_DATA);
    new DataView(large.buffer).setUint32(12, 0xffffffff, true);
    assert.equal(second(large, step).code, "too-large");
  }
  const link = new ClientLink(OPTIONS);
  link.receive(reply([]));
  link.ticket(TICKET);
  link.receive(reply([], LinkErr.INVALID_DATA).subarray(0, 20));
  assert.match(link.end().message, /\(state awaitReplyAgain\)$/);
});

Deno.test("ClientLink notices from its first byte that a stranger speaks, and says what it said", () => {
  const http = failure(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n"));
  assert.deepEqual([http.code, http.path, http.offset], ["bad-magic", "magic", 0]);
  const link = new ClientLink(OPTIONS);
  assert.equal(catching(() => link.receive(Uint8Array.of(0x16))).code, "bad-magic");
  const whole = new ClientLink(OPTIONS);
  assert.match(
    catching(() => whole.receive(new TextEncoder().encode("RFB 003.008\n"))).message,
    /"RFB 003.*the peer speaks VNC$/,
  );
});

Deno.test("ClientLink refuses another major version, and links of a size that cannot be", () => {
  const header = (major: number, size: number) => {
    const bytes = new Uint8Array(16), view = new DataView(bytes.buffer);
    bytes.set(new TextEncoder().encode("REDQ"));
    view.setUint32(4, major, true);
    view.setUint32(8, 2, true);
    view.setUint32(12, size, true);
    return bytes;
  };
  for (const major of [0, 1, 3, 0xffffffff]) {
    const error = failure(header(major, 200));
    assert.deepEqual([error.code, error.path, error.offset], ["bad-version", "majorVersion", 4]);
  }
  const large = failure(header(2, DEFAULT_LIMITS.linkBytes + 1));
  assert.deepEqual([large.code, large.path, large.offset], ["too-large", "size", 12]);
  const small = failure(header(2, SpiceLinkReply.min - 1));
  assert.deepEqual([small.code, small.path, small.offset], ["truncated", "size", 12]);
  const link = new ClientLink(OPTIONS);
  assert.deepEqual(link.receive(header(2, DEFAULT_LIMITS.linkBytes)), []);
  assert.equal(link.state, "awaitReply");
});

Deno.test("ClientLink refuses capabilities that lie outside the reply", () => {
  const spoilt = (at: number, value: number) => {
    const bytes = reply([MINI_HEADER]);
    new DataView(bytes.buffer).setUint32(LINK_HEADER_BYTES + at, value, true);
    return failure(bytes);
  };
  const counts = 4 + 162, offset = counts + 8;
  for (const many of [1000, 0xffffffff]) assert.equal(spoilt(counts, many).code, "bad-count");
  for (const many of [2, 0xffffffff]) assert.equal(spoilt(counts + 4, many).code, "bad-count");
  for (const far of [10_000, 0xffffffff]) {
    const error = spoilt(offset, far);
    assert.deepEqual([error.code, error.path, error.offset], ["bad-pointer", "caps", offset]);
  }
  assert.equal(spoilt(offset, 185).code, "bad-count");
});

Deno.test("ClientLink sends its ticket also to a server that has refused it before", () => {
  const link = new ClientLink(OPTIONS);
  const outputs = link.receive(concat([reply([]), encodeBytes(SpiceLinkResult, { error: LinkErr.PERMISSION_DENIED })]));
  assert.deepEqual(outputs, [{ do: "encrypt", publicKey: KEY }]);
  assert.deepEqual(link.ticket(TICKET), [TICKET]);
  assert.equal(catching(() => link.receive(new Uint8Array(0))).linkError, LinkErr.PERMISSION_DENIED);
});

Deno.test("ClientLink stops listening to a server that talks on without end", () => {
  const limits = { ...DEFAULT_LIMITS, linkBytes: 256 };
  const link = new ClientLink({ ...OPTIONS, limits });
  link.receive(reply([MINI_HEADER]));
  let taken = 0;
  const error = catching(() => {
    for (; taken < 10_000; taken++) link.receive(Uint8Array.of(0));
  });
  assert.equal(error.code, "unexpected");
  assert.equal(taken, 2 * limits.linkBytes + 1);
});

Deno.test("ClientLink says in which state the server hung up", () => {
  const link = new ClientLink(OPTIONS);
  assert.match(link.end().message, /before it said anything \(state awaitHeader\)$/);
  link.receive(Uint8Array.of(0x52));
  assert.match(link.end().message, /closed the connection \(state awaitHeader\)$/);
  link.receive(reply([]).subarray(1));
  link.ticket(TICKET);
  assert.match(link.end().message, /\(state awaitResult\)$/);
  assert.equal(link.end().code, "closed");
});

Deno.test("ClientLink and ServerLink understand each other in every split, with every header", () => {
  for (const ours of [[], [MINI_HEADER], [PROTOCOL_AUTH_SELECTION, AUTH_SPICE, MINI_HEADER]]) {
    for (const theirs of [[], [MINI_HEADER], [PROTOCOL_AUTH_SELECTION, AUTH_SPICE, MINI_HEADER]]) {
      const pair = (step: number) =>
        linkPair({
          client: { ...OPTIONS, commonCaps: ours },
          offer: { commonCaps: theirs, channelCaps: [3] },
          step,
        });
      const whole = pair(Infinity);
      const header = ours.includes(MINI_HEADER) && theirs.includes(MINI_HEADER) ? "mini" : "full";
      assert.deepEqual(whole.client, { commonCaps: wordsOfCaps(theirs), channelCaps: [8], header });
      assert.deepEqual(whole.server, { commonCaps: wordsOfCaps(ours), channelCaps: [2], header });
      assert.deepEqual(whole.states, { client: "linked", server: "linked" });
      for (const step of [1, 2, 13]) assert.deepEqual(pair(step), whole);
    }
  }
});
