/** Input that no mouse and no keyboard makes, and more of it than anybody can. */
import {
  ClientInputsKeyModifiers,
  InputsInit,
  InputsKeyDown,
  InputsKeyScancode,
  InputsKeyUp,
  InputsMouseMotion,
  InputsMouseMotionAck,
  InputsMousePosition,
  InputsMousePress,
  InputsMouseRelease,
} from "../../../protocol/messages/inputs.ts";
import { concat, encodeBytes } from "../../../protocol/schema/encode.ts";
import type { Message } from "../../../protocol/schema/message.ts";
import { mustServe } from "../../suite/alive.ts";
import { group, type ServerCase } from "../../suite/case.ts";
import { frameHead } from "../../suite/frame_head.ts";
import type { ServerPeer } from "../../suite/server_peer.ts";
import type { Talk } from "../../suite/talk.ts";
import { must } from "../../suite/verdict.ts";

export const input = group("hostile/input", "Hostile peers: input")
  .server("positions", {
    title: "bears positions that are nowhere",
    requirement: "The server MUST go on after positions beyond every display, and displays that there are not",
    source: "spice-server inputs-channel.cpp InputsChannelClient::handle_message",
    level: "must",
    run: async (peer) => {
      await goesOnAfter(peer, async (talk) => {
        for (const displayId of [0, 1, 255]) {
          for (const [x, y] of [[0xffffffff, 0xffffffff], [0x7fffffff, 0], [0, 0x80000000]] as const) {
            await talk.send(InputsMousePosition, { x, y, buttonsState: 0, displayId });
          }
        }
      });
    },
  })
  .server("motions", {
    title: "bears motions across the world",
    requirement: "The server MUST go on after motions of ±2³¹",
    source: "spice-server inputs-channel.cpp InputsChannelClient::handle_message",
    level: "must",
    run: async (peer) => {
      await goesOnAfter(peer, async (talk) => {
        for (const dx of [0x7fffffff, -0x80000000]) {
          for (const dy of [0x7fffffff, -0x80000000]) await talk.send(InputsMouseMotion, { dx, dy, buttonsState: 0 });
        }
      });
    },
  })
  .server("buttons", {
    title: "bears buttons that no mouse has",
    requirement: "The server MUST go on after unknown buttons and button masks",
    source: "spice-server inputs-channel.cpp RED_MOUSE_STATE_TO_LOCAL",
    level: "must",
    run: async (peer) => {
      await goesOnAfter(peer, async (talk) => {
        for (const button of [0, 8, 128, 255]) {
          await talk.send(InputsMousePress, { button, buttonsState: 0xffff });
          await talk.send(InputsMouseRelease, { button, buttonsState: 0xff80 });
        }
      });
    },
  })
  .server("scancodes", {
    title: "bears scancodes that no keyboard has",
    requirement: "The server MUST go on after scancodes that nobody has defined, and prefixes without a key",
    source: "spice-server inputs-channel.cpp kbd_push_scan",
    level: "must",
    run: async (peer) => {
      await goesOnAfter(peer, async (talk) => {
        for (const code of [0, 0xe0, 0xe0e0e0e0, 0xffffffff, 0x9d1de1, 0x00e000e0]) {
          await talk.send(InputsKeyDown, { code });
          await talk.send(InputsKeyUp, { code });
        }
        await talk.send(InputsKeyScancode, { data: Uint8Array.of(0xe0) });
        await talk.send(InputsKeyScancode, { data: Uint8Array.from({ length: 255 }, (_, i) => 0x80 | i) });
      });
    },
  })
  .server("leds", {
    title: "bears locks that no keyboard has",
    requirement: "The server MUST go on after a modifier mask of 16 bits",
    source: "spice-server inputs-channel.cpp InputsChannelClient::handle_message (KEY_MODIFIERS)",
    level: "must",
    run: async (peer) => {
      await goesOnAfter(peer, async (talk) => {
        for (const keyboardModifiers of [0xffff, 0xfff8, 0]) {
          await talk.send(ClientInputsKeyModifiers, { modifiers: keyboardModifiers });
        }
      });
    },
  })
  .server("releases", {
    title: "bears a button and a key that come up and never went down",
    requirement: "The server MUST go on after releases of what is not pressed",
    source: "spice-server inputs-channel.cpp InputsChannelClient::handle_message",
    level: "must",
    run: async (peer) => {
      await goesOnAfter(peer, async (talk) => {
        await talk.send(InputsMouseRelease, { button: 1, buttonsState: 0 });
        await talk.send(InputsKeyUp, { code: 0x9e });
      });
    },
  })
  .server("leaves-pressed", {
    title: "lets go of what a client held that has gone",
    requirement: "The server SHOULD release the keys of a client that hangs up",
    source: "spice-server inputs-channel-client.cpp InputsChannelClient::on_disconnect (release_keys)",
    level: "should",
    run: async (peer) => {
      await peer.control.ask("inputs");
      const talk = await (await peer.session()).open("inputs");
      await talk.expect(InputsInit);
      await talk.send(InputsKeyDown, { code: 0x2a });
      const seen = async (down: boolean) => {
        const want = JSON.stringify({ kind: "key", scancode: 0x2a, down });
        for (const end = performance.now() + 3000; performance.now() < end;) {
          if (JSON.stringify(await peer.control.ask("inputs")).includes(want)) return;
        }
        must(false, down ? "the machine does not get the key" : "the key stays down");
      };
      await seen(true);
      talk.wire.close();
      await seen(false);
    },
  })
  .server("flood-motion", floods("motions", InputsMouseMotion, { dx: 1, dy: -1, buttonsState: 0 }))
  .server("flood-keys", floods("scancodes", InputsKeyScancode, { data: Uint8Array.of(0x9e, 0x9e, 0x9e, 0x9e) }))
  .server("flood-positions", floods("positions", InputsMousePosition, { x: 1, y: 1, buttonsState: 0, displayId: 0 }));

/** Motions that are answered with one INPUTS_MOUSE_MOTION_ACK. Source: spice-protocol protocol.h SPICE_INPUT_MOTION_ACK_BUNCH. */
const BUNCH = 4;

/** Fails unless the inputs channel still answers after something. */
async function goesOnAfter(peer: ServerPeer, act: (talk: Talk) => Promise<void>): Promise<void> {
  const talk = await (await peer.session()).open("inputs");
  await talk.expect(InputsInit);
  await act(talk);
  await talk.drain(300);
  for (let i = 0; i < BUNCH; i++) await talk.send(InputsMouseMotion, { dx: 0, dy: 0, buttonsState: 0 });
  await talk.expect(InputsMouseMotionAck);
}

/** A case of a client that sends one message without end and reads nothing. */
function floods<T>(what: string, message: Message<string, T>, value: T): ServerCase {
  return {
    title: `bears a flood of ${what}`,
    requirement: `The server MUST serve the next client after 100000 ${what} at once`,
    source: "spice-server red-channel-client.cpp RedChannelClient::handle_incoming",
    level: "must",
    timeoutMs: 30_000,
    run: async (peer) => {
      const talk = await (await peer.session()).open("inputs");
      await talk.expect(InputsInit);
      const body = encodeBytes(message.wire, value), one = concat([frameHead(message.id, body.length), body]);
      const thousand = concat(Array(1000).fill(one));
      for (let i = 0; i < 100 && !talk.wire.ended; i++) await talk.wire.send(thousand, `1000 ${what}`);
      talk.wire.close();
      await mustServe(peer, `a flood of ${what}`, 15_000);
    },
  };
}
