/** Keys and the lock lights, of servers. */
import { hasCap, InputsCap } from "../../../protocol/capabilities.ts";
import { KeyboardModifierFlags } from "../../../protocol/messages/enums.ts";
import {
  ClientInputsKeyModifiers,
  InputsInit,
  InputsKeyDown,
  InputsKeyModifiers,
  InputsKeyScancode,
  InputsKeyUp,
  InputsMouseMotion,
  InputsMouseMotionAck,
} from "../../../protocol/messages/inputs.ts";
import { mustServe } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import type { ServerPeer } from "../../suite/server_peer.ts";
import type { Talk } from "../../suite/talk.ts";
import { lacks, must, mustEqual } from "../../suite/verdict.ts";

const SOURCE = "spice-server inputs-channel.cpp InputsChannelClient::handle_message, kbd_push_scan";
const { SCROLL_LOCK, NUM_LOCK, CAPS_LOCK } = KeyboardModifierFlags;

/** What a machine is told of keys, as the control program names it. */
interface Key {
  readonly scancode: number;
  readonly down: boolean;
}

export const keys = group("inputs/keys", "Keys and lock lights")
  .server("init", {
    title: "begins the inputs channel with INPUTS_INIT",
    requirement: "The server MUST send INPUTS_INIT as the first message of the inputs channel",
    source: "spice-server inputs-channel-client.cpp InputsChannelClient::init",
    level: "must",
    covers: ["inputs/server/INPUTS_INIT"],
    run: async (peer) => {
      const talk = await (await peer.session()).open("inputs"), first = await talk.next();
      mustEqual(first?.name, InputsInit.name, "the first message");
      const { keyboardModifiers } = talk.decode(InputsInit, first!);
      must(
        (keyboardModifiers & ~(SCROLL_LOCK | NUM_LOCK | CAPS_LOCK)) === 0,
        `it tells the lights ${keyboardModifiers}`,
      );
    },
  })
  .server("plain", {
    title: "passes a key of one byte on",
    requirement: "The server MUST pass on KEY_DOWN of a make code and KEY_UP of its break code",
    source: SOURCE,
    level: "must",
    covers: ["inputs/client/INPUTS_KEY_DOWN", "inputs/client/INPUTS_KEY_UP"],
    run: async (peer) => {
      const talk = await openInputs(peer);
      await talk.send(InputsKeyDown, { code: 0x1e });
      await talk.send(InputsKeyUp, { code: 0x9e });
      mustEqual(
        await keysOf(peer, talk),
        [{ scancode: 0x1e, down: true }, { scancode: 0x1e, down: false }],
        "the keys",
      );
    },
  })
  .server("extended", {
    title: "passes a key of two bytes on, the lowest byte first",
    requirement: "The server MUST read the bytes of a code from the lowest: e0 48 is 0x48e0",
    source: SOURCE,
    level: "must",
    run: async (peer) => {
      const talk = await openInputs(peer);
      await talk.send(InputsKeyDown, { code: 0x48e0 });
      await talk.send(InputsKeyUp, { code: 0xc8e0 });
      mustEqual(
        await keysOf(peer, talk),
        [{ scancode: 0xe048, down: true }, { scancode: 0xe048, down: false }],
        "the keys",
      );
    },
  })
  .server("several", {
    title: "reads up to four bytes of a code",
    requirement: "The server MUST take all bytes of a code up to the first 0, so that one message can hold two keys",
    source: SOURCE,
    level: "must",
    run: async (peer) => {
      const talk = await openInputs(peer);
      await talk.send(InputsKeyDown, { code: 0x9e1e });
      await talk.send(InputsKeyDown, { code: 0xcde0_4de0 });
      mustEqual(await keysOf(peer, talk), [
        { scancode: 0x1e, down: true },
        { scancode: 0x1e, down: false },
        { scancode: 0xe04d, down: true },
        { scancode: 0xe04d, down: false },
      ], "the keys");
    },
  })
  .server("scancodes", {
    title: "reads a KEY_SCANCODE of many bytes",
    requirement: "The server MUST pass on all codes of KEY_SCANCODE, if it has that capability",
    source: `${SOURCE} (SPICE_MSGC_INPUTS_KEY_SCANCODE)`,
    level: "must",
    covers: ["inputs/client/INPUTS_KEY_SCANCODE", "caps/inputs/KEY_SCANCODE/server"],
    run: async (peer) => {
      const talk = await openInputs(peer);
      if (!hasCap(talk.options.channelCaps, InputsCap.KEY_SCANCODE)) lacks("it has no KEY_SCANCODE");
      await talk.send(InputsKeyScancode, { data: new Uint8Array([0x2a, 0x1e, 0x9e, 0xe0, 0x50, 0xe0, 0xd0, 0xaa]) });
      mustEqual(await keysOf(peer, talk), [
        { scancode: 0x2a, down: true },
        { scancode: 0x1e, down: true },
        { scancode: 0x1e, down: false },
        { scancode: 0xe050, down: true },
        { scancode: 0xe050, down: false },
        { scancode: 0x2a, down: false },
      ], "the keys");
    },
  })
  .server("across", {
    title: "joins a code that comes in two messages",
    requirement: "The server SHOULD read the codes as one stream: e0 in one message, 48 in the next",
    source: `${SOURCE} (push_ext_type)`,
    level: "should",
    run: async (peer) => {
      const talk = await openInputs(peer);
      await talk.send(InputsKeyDown, { code: 0xe0 });
      await talk.send(InputsKeyDown, { code: 0x48 });
      await talk.send(InputsKeyUp, { code: 0xc8e0 });
      mustEqual(
        await keysOf(peer, talk),
        [{ scancode: 0xe048, down: true }, { scancode: 0xe048, down: false }],
        "the keys",
      );
    },
  })
  .server("pause", {
    title: "knows the six bytes of Pause",
    requirement: "The server SHOULD pass on e1 1d 45 e1 9d c5 as Pause, not as Ctrl and NumLock",
    source: "QEMU ui/spice-input.c kbd_push_key (pauseseq)",
    level: "should",
    run: async (peer) => {
      const talk = await openInputs(peer);
      await talk.send(InputsKeyScancode, { data: new Uint8Array([0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5]) });
      const told = await keysOf(peer, talk);
      mustEqual(told[0], { scancode: 0xe046, down: true }, "the first key");
      must(told.every(({ scancode }) => scancode === 0xe046), `the machine is told ${JSON.stringify(told)}`);
    },
  })
  .server("repeats", {
    title: "passes a key on that repeats",
    requirement: "The server SHOULD pass on every KEY_DOWN of a key that is held",
    source: SOURCE,
    level: "should",
    run: async (peer) => {
      const talk = await openInputs(peer);
      for (let i = 0; i < 3; i++) await talk.send(InputsKeyDown, { code: 0x1e });
      await talk.send(InputsKeyUp, { code: 0x9e });
      mustEqual((await keysOf(peer, talk)).map(({ down }) => down), [true, true, true, false], "the keys go down");
    },
  })
  .server("released", {
    title: "lets go of the keys that a client held when it went",
    requirement: "The server MUST release keys that are down when the inputs channel ends",
    source: "spice-server inputs-channel-client.cpp InputsChannelClient::on_disconnect, InputsChannel::release_keys",
    level: "must",
    run: async (peer) => {
      const talk = await openInputs(peer);
      for (const code of [0x1d, 0x38e0]) await talk.send(InputsKeyDown, { code });
      mustEqual((await keysOf(peer, talk)).length, 2, "the number of keys that go down");
      talk.wire.close();
      await new Promise((done) => setTimeout(done, 400));
      const up = keysAmong(await peer.control.ask("inputs")).toSorted((a, b) => a.scancode - b.scancode);
      mustEqual(up, [{ scancode: 0x1d, down: false }, { scancode: 0xe038, down: false }], "the keys that come up");
    },
  })
  .server("lights", {
    title: "tells the lock lights",
    requirement: "The server MUST send KEY_MODIFIERS when the machine's lights change, and tell them in INPUTS_INIT",
    source: "spice-server inputs-channel.cpp spice_server_kbd_leds, push_keyboard_modifiers, pipe_add_init",
    level: "must",
    covers: ["inputs/server/INPUTS_KEY_MODIFIERS"],
    run: async (peer) => {
      const talk = await openInputs(peer);
      for (const modifiers of [CAPS_LOCK, NUM_LOCK | SCROLL_LOCK, 0, NUM_LOCK]) {
        await peer.control.ask("leds", { modifiers });
        mustEqual(await talk.expect(InputsKeyModifiers), { modifiers }, "the lights");
      }
      const later = await (await peer.session()).open("inputs");
      mustEqual((await later.expect(InputsInit)).keyboardModifiers, NUM_LOCK, "the lights in INPUTS_INIT");
      await peer.control.ask("leds", { modifiers: 0 });
    },
  })
  .server("wanted-lights", {
    title: "has the machine set its lock lights as a client wants",
    requirement: "The server SHOULD press the lock keys whose lights differ from KEY_MODIFIERS, or ask the machine to",
    source: `${SOURCE} (SPICE_MSGC_INPUTS_KEY_MODIFIERS)`,
    level: "should",
    covers: ["inputs/client/INPUTS_KEY_MODIFIERS"],
    run: async (peer) => {
      const talk = await openInputs(peer);
      await talk.send(ClientInputsKeyModifiers, { modifiers: CAPS_LOCK });
      await settle(talk);
      const told = await peer.control.ask("inputs");
      await talk.send(ClientInputsKeyModifiers, { modifiers: 0 });
      const pressed = keysAmong(told).some(({ scancode }) => scancode === 0x3a);
      const asked = JSON.stringify(told).includes('"leds"');
      must(pressed || asked, "the machine hears nothing of it");
    },
  })
  .server("impossible", {
    title: "survives codes that no keyboard sends",
    requirement:
      "The server SHOULD pass over codes of 0, prefixes alone and an empty KEY_SCANCODE, or close the channel",
    source: SOURCE,
    level: "should",
    run: async (peer) => {
      const talk = await openInputs(peer);
      for (const code of [0, 0xe0, 0xe1, 0xe0e0_e0e0, 0xffff_ffff, 0x80, 0x7f, 0xff]) {
        await talk.send(InputsKeyDown, { code });
        await talk.send(InputsKeyUp, { code });
      }
      await talk.send(InputsKeyScancode, { data: new Uint8Array(0) });
      await talk.send(InputsKeyScancode, { data: Uint8Array.from({ length: 256 }, (_, i) => i) });
      await talk.send(ClientInputsKeyModifiers, { modifiers: 0xffff });
      await talk.drain();
      talk.wire.close();
      await mustServe(peer, "codes that no keyboard sends");
    },
  });

/** An inputs channel of a machine whose control program has told all that it was given before. */
async function openInputs(peer: ServerPeer): Promise<Talk> {
  const talk = await (await peer.session()).open("inputs");
  await talk.expect(InputsInit);
  if (peer.target.control !== undefined) await peer.control.ask("inputs");
  return talk;
}

/** Waits until the server has taken all that was sent: it acknowledges motion in order with the rest. */
async function settle(talk: Talk): Promise<void> {
  for (let i = 0; i < 4; i++) await talk.send(InputsMouseMotion, { dx: 0, dy: 0, buttonsState: 0 });
  must(await talk.find(InputsMouseMotionAck) !== null, "it acknowledges no motion");
}

async function keysOf(peer: ServerPeer, talk: Talk): Promise<Key[]> {
  await settle(talk);
  return keysAmong(await peer.control.ask("inputs"));
}

function keysAmong(inputs: unknown): Key[] {
  return (inputs as { readonly kind: string; readonly scancode: number; readonly down: boolean }[])
    .filter(({ kind }) => kind === "key").map(({ scancode, down }) => ({ scancode, down }));
}
