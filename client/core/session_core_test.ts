import assert from "node:assert/strict";
import { CommonCap } from "../../protocol/capabilities.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { DEFAULT_LIMITS } from "../../protocol/limits.ts";
import { Ping, SetAck } from "../../protocol/messages/base.ts";
import { channels } from "../../protocol/messages/channels.ts";
import { LinkErr } from "../../protocol/messages/enums.ts";
import { InputsInit } from "../../protocol/messages/inputs.ts";
import { DisplayMark, DisplaySurfaceCreate } from "../../protocol/messages/display.ts";
import { DisplayDrawFill } from "../../protocol/messages/draw.ts";
import { MainChannelsList, MainName } from "../../protocol/messages/main.ts";
import { arbitrary } from "../../protocol/schema/arbitrary.ts";
import { Script, type ScriptOptions } from "./testing/scripted_server.ts";

const MAIN = channels.main.type, DISPLAY = channels.display.type, INPUTS = channels.inputs.type;
const CURSOR = channels.cursor.type, PLAYBACK = channels.playback.type;
const id = (type: number, id = 0) => ({ type, id });
const error = (code: "closed" | "unreachable") => new ProtocolError({ code, message: "the server", detail: "gone" });

Deno.test("A session opens main, attaches, and opens every channel of the list under its session id", () => {
  const script = new Script().begin([id(DISPLAY), id(DISPLAY, 1), id(INPUTS), id(CURSOR), id(PLAYBACK)]);
  assert.deepEqual(script.main.takeNames(), ["MAIN_ATTACH_CHANNELS"]);
  assert.equal(script.main.connectionId, 0);
  for (const { type, id: n } of [id(DISPLAY), id(DISPLAY, 1), id(INPUTS), id(CURSOR), id(PLAYBACK)]) {
    assert.equal(script.channel(type, n).connectionId, 0x5eed);
  }
  assert.deepEqual(script.channel(DISPLAY, 1).takeNames(), ["DISPLAY_INIT"]);
  assert.deepEqual(script.channel(INPUTS).takeNames(), []);
  assert.deepEqual(script.events.map(({ type }) => type), [
    ...["channel-open", "init", "mm-time", "mouse-mode", "channels"],
    ...["channel-open", "channel-open", "channel-open", "channel-open", "channel-open"],
  ]);
  assert.deepEqual([...script.core.displays.keys()], [0, 1]);
  assert.ok(script.core.main !== null && script.core.inputs !== null && script.core.cursors.has(0));
  assert.deepEqual([script.core.ready, script.core.closed], [true, false]);
});

Deno.test("A session opens a channel that is listed twice, or again, only once", () => {
  const script = new Script().begin([id(DISPLAY), id(DISPLAY)]);
  script.main.say(MainChannelsList, { channels: [id(DISPLAY), id(MAIN)] });
  assert.equal(script.outputs.filter((output) => output.do === "open").length, 2);
});

Deno.test("A session opens only the channel types that it was asked for", () => {
  const script = new Script({ session: { channelTypes: [INPUTS] } }).begin([id(DISPLAY), id(INPUTS)]);
  assert.deepEqual([script.hasOpened(DISPLAY), script.hasOpened(INPUTS)], [false, true]);
});

Deno.test("A session refuses channels of unknown types politely, and once", () => {
  const script = new Script().begin([id(77), id(INPUTS)]);
  script.main.say(MainChannelsList, { channels: [id(77)] });
  const closed = script.eventsOf("channel-closed");
  assert.deepEqual(closed.map(({ channel, error }) => [channel, error?.code]), [[id(77), "unsupported"]]);
  assert.match(closed[0]!.error!.message, /channel type 77/);
  assert.deepEqual([script.hasOpened(INPUTS), script.core.closed, script.core.ready], [true, false, true]);
});

Deno.test("A session goes on without a channel that is refused, but not without main", () => {
  const answer = ({ type }: { type: number }) => type === CURSOR ? LinkErr.CHANNEL_NOT_AVAILABLE : LinkErr.OK;
  const script = new Script({ answer }).begin([id(CURSOR), id(INPUTS)]);
  const [closed] = script.eventsOf("channel-closed");
  assert.deepEqual([closed?.channel, closed?.error?.code], [id(CURSOR), "link-refused"]);
  assert.match(closed!.error!.message, /CHANNEL_NOT_AVAILABLE/);
  assert.ok(script.outputs.some((output) => output.do === "close" && output.channel?.type === CURSOR));
  assert.deepEqual([script.core.closed, script.core.ready], [false, true]);

  const alone = new Script({ answer: () => LinkErr.NEED_SECURED }).start();
  assert.deepEqual([alone.failure.code, alone.failure.linkError], ["link-refused", LinkErr.NEED_SECURED]);
  assert.deepEqual(alone.outputs.at(-1), { do: "close", channel: null });
});

Deno.test("A session that cannot reach its server ends with the driver's error", () => {
  const script = new Script({ silent: () => true }).start();
  const unreachable = error("unreachable");
  script.main.end(unreachable);
  assert.equal(script.failure, unreachable);
});

Deno.test("A server that hangs up during the handshake, on main, and inside a message is told of", () => {
  const early = new Script({ silent: () => true }).start();
  early.main.end();
  assert.equal(early.failure.code, "closed");
  assert.match(early.failure.message, /before it said anything/);

  const polite = new Script().begin();
  polite.main.end();
  assert.match(polite.failure.message, /Cannot continue main: the server closed the connection/);

  const cut = new Script().begin([id(DISPLAY)]);
  cut.channel(DISPLAY).sayBytes(Uint8Array.of(102, 0, 9));
  cut.channel(DISPLAY).end();
  assert.match(cut.failure.message, /inside a message/);
});

Deno.test("A session goes on when the server closes another channel at a boundary", () => {
  const script = new Script().begin([id(PLAYBACK), id(INPUTS)]);
  script.channel(PLAYBACK).end();
  assert.deepEqual(script.eventsOf("channel-closed"), [{
    type: "channel-closed",
    channel: id(PLAYBACK),
    error: null,
  }]);
  assert.equal(script.core.closed, false);
  script.channel(INPUTS).say(InputsInit, { keyboardModifiers: 1 });
  assert.equal(script.core.inputs!.modifiers, 1);
});

Deno.test("A server that never answers the link is given up at the limit, not before, and the state is named", () => {
  for (const [silentType, state] of [[MAIN, "main"], [INPUTS, "inputs"]] as const) {
    const script = new Script({ silent: ({ type }) => type === silentType });
    script.nowMs = 5000;
    script.start();
    if (silentType !== MAIN) script.greet([id(INPUTS)]);
    const wakes = script.outputs.flatMap((output) => output.do === "wake" ? [output.atMs] : []);
    assert.equal(wakes.at(-1), 5000 + DEFAULT_LIMITS.handshakeMs);
    script.tick(5000 + DEFAULT_LIMITS.handshakeMs - 1);
    assert.equal(script.core.closed, false);
    script.tick(5000 + DEFAULT_LIMITS.handshakeMs);
    assert.equal(script.failure.code, "timeout");
    assert.match(script.failure.message, new RegExp(`link ${state}: .*\\(state awaitHeader\\)$`));
  }
});

Deno.test("A server that links and never says MAIN_INIT is given up; one that has, is not", () => {
  const script = new Script().start();
  script.tick(DEFAULT_LIMITS.handshakeMs);
  assert.equal(script.failure.code, "timeout");
  assert.match(script.failure.message, /MAIN_INIT/);

  const quiet = new Script().begin([id(DISPLAY)]);
  quiet.tick(DEFAULT_LIMITS.handshakeMs * 1000);
  assert.equal(quiet.core.closed, false);
});

Deno.test("A session tells its end once, whatever comes after", () => {
  const script = new Script().begin([id(DISPLAY)]);
  const display = script.channel(DISPLAY);
  display.sayBody(DisplaySurfaceCreate.id, [new Uint8Array(3)]);
  display.say(DisplayMark, {});
  script.main.say(MainName, { name: new Uint8Array(1) });
  display.end();
  script.main.end(error("closed"));
  script.tick(1e9);
  script.core.close();
  script.settle();
  assert.deepEqual([script.failure.code, script.failure.wireName], ["truncated", "DISPLAY_SURFACE_CREATE"]);
  assert.equal(script.events.at(-1)!.type, "closed");
  assert.deepEqual(script.outputs.at(-1), { do: "close", channel: null });
  assert.deepEqual([script.core.closed, script.core.ready], [true, false]);
});

Deno.test("A session that we close ends without an error", () => {
  const script = new Script().begin([id(INPUTS)]);
  script.core.close();
  script.settle();
  assert.deepEqual(script.eventsOf("closed"), [{ type: "closed", error: null }]);
});

Deno.test("A ticket that fails ends the session with its error", () => {
  const script = new Script({ keepQuestions: true }).start();
  const [asked] = script.outputs.filter((output) => output.do === "ask");
  const failed = new ProtocolError({ code: "bad-value", message: "ticket", detail: "too long" });
  script.core.answer(asked!.id, { kind: "failed", error: failed }, 0);
  script.settle();
  assert.equal(script.failure, failed);
});

Deno.test("A ticket that comes late goes to no channel that was opened anew meanwhile", () => {
  const script = new Script({ keepQuestions: true }).start();
  const asked = () => script.outputs.flatMap((output) => output.do === "ask" ? [output.id] : []);
  script.answer(asked()[0]!);
  script.greet([id(DISPLAY)]);
  script.channel(DISPLAY).end(error("closed"));
  script.main.say(MainChannelsList, { channels: [id(DISPLAY)] });
  assert.equal(asked().length, 3);
  script.answer(asked()[1]!);
  assert.equal(script.core.displays.size, 0);
  script.answer(asked()[2]!);
  assert.equal(script.core.displays.size, 1);
});

Deno.test("A session opens no more channels than the limit, in one list or in many", () => {
  const limits = { ...DEFAULT_LIMITS, channels: 4 };
  const many = Array.from({ length: 5 }, (_, n) => id(CURSOR, n));
  const one = new Script({ session: { limits } }).begin(many);
  assert.equal(one.failure.code, "too-large");
  const some = new Script({ session: { limits } }).begin(many.slice(0, 2));
  some.main.say(MainChannelsList, { channels: many.slice(2, 3) });
  assert.equal(some.core.closed, false);
  some.main.say(MainChannelsList, { channels: many.slice(3, 5) });
  assert.equal(some.failure.code, "too-large");
});

Deno.test("The surfaces of all display channels together keep to the limit of pixels", () => {
  const limits = { ...DEFAULT_LIMITS, totalPixels: 300 };
  const script = new Script({ session: { limits } }).begin([id(DISPLAY), id(DISPLAY, 1)]);
  const create = (display: number) =>
    script.channel(DISPLAY, display).say(DisplaySurfaceCreate, {
      surfaceId: 0,
      width: 10,
      height: 15,
      format: 32,
      flags: 1,
    });
  create(0);
  create(1);
  assert.equal(script.core.closed, false);
  // A display channel that is opened anew gives back the pixels of the one before.
  script.channel(DISPLAY, 1).end();
  script.main.say(MainChannelsList, { channels: [id(DISPLAY, 1)] });
  create(1);
  assert.equal(script.core.closed, false);
  script.channel(DISPLAY, 1).say(DisplaySurfaceCreate, { surfaceId: 1, width: 1, height: 1, format: 32, flags: 0 });
  assert.deepEqual([script.failure.code, script.failure.path], ["too-large", "width"]);
});

Deno.test("A session uses full headers when it is told to, or the server cannot do better", () => {
  const kinds = (options: ScriptOptions) => new Script(options).begin([id(INPUTS)]).channel(INPUTS).header;
  assert.equal(kinds({}), "mini");
  assert.equal(kinds({ session: { miniHeader: false } }), "full");
  assert.equal(kinds({ commonCaps: [CommonCap.AUTH_SPICE] }), "full");
});

/** A whole session with a bit of everything, good and bad. */
function play(options: ScriptOptions, ending: "bad" | "good"): Script {
  const script = new Script(options).begin([id(DISPLAY), id(INPUTS), id(CURSOR), id(99)]);
  const display = script.channel(DISPLAY);
  script.main.say(MainName, { name: new TextEncoder().encode("vm\0") });
  display.say(SetAck, { generation: 1, window: 3 });
  display.say(DisplaySurfaceCreate, { surfaceId: 0, width: 20, height: 10, format: 32, flags: 1 });
  for (let seed = 0; seed < 30; seed++) {
    const fill = arbitrary(DisplayDrawFill.wire, seed);
    const box = { top: seed - 5, left: seed % 7, bottom: seed, right: 15 };
    const clip = seed % 3 === 0 ? fill.base.clip : { shape: { is: "NONE", value: null } } as const;
    const mask = { ...fill.data.mask, bitmap: seed % 4 === 1 ? fill.data.mask.bitmap : null };
    display.say(DisplayDrawFill, { base: { surfaceId: 0, box, clip }, data: { ...fill.data, mask } });
  }
  display.say(Ping, { id: 1, timestamp: 5n, data: new Uint8Array(1000) });
  display.say(DisplayMark, {});
  script.channel(INPUTS).say(InputsInit, { keyboardModifiers: 3 });
  if (ending === "bad") display.sayBody(DisplayDrawFill.id, [Uint8Array.of(0, 0, 0, 0, 1)]);
  return script;
}

for (const ending of ["good", "bad"] as const) {
  for (const miniHeader of [true, false]) {
    Deno.test(`A session does the same for any split of the bytes: ${ending} end, mini header ${miniHeader}`, () => {
      const whole = play({ session: { miniHeader } }, ending);
      assert.equal(whole.core.closed, ending === "bad");
      assert.ok(whole.eventsOf("draw").length > 5 && whole.unsupported.length > 0);
      for (const step of [1, 2, 5, 17, 400]) {
        const split = play({ session: { miniHeader }, step }, ending);
        assert.deepEqual(split.outputs, whole.outputs, `step ${step}`);
        assert.deepEqual(split.core.displays.get(0)!.primary!.pixels, whole.core.displays.get(0)!.primary!.pixels);
      }
    });
  }
}
