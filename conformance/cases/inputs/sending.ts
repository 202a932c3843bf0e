/** What clients send for keys, motion and buttons. */
import { KeyboardModifierFlags, MouseButton, MouseButtonMask, MouseMode } from "../../../protocol/messages/enums.ts";
import {
  InputsInit,
  InputsKeyDown,
  InputsKeyModifiers,
  InputsKeyScancode,
  InputsKeyUp,
  InputsMouseMotion,
  InputsMouseMotionAck,
  InputsMousePosition,
  InputsMousePress,
  InputsMouseRelease,
} from "../../../protocol/messages/inputs.ts";
import { hearOut, mustAnswer } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import type { ClientPeer, Script } from "../../suite/client_peer.ts";
import { eventually, untilOpen } from "../../suite/eventually.ts";
import type { Talk } from "../../suite/talk.ts";
import { lacks, must, mustEqual } from "../../suite/verdict.ts";

const KEYS = "spice-gtk channel-inputs.c spice_inputs_channel_key_press, spice-util.c spice_make_scancode";
const MOTION =
  "spice-gtk channel-inputs.c spice_inputs_channel_motion, spice_inputs_channel_position, inputs_handle_ack";
const BUTTONS = "spice-gtk channel-inputs.c spice_inputs_channel_button_press, spice_inputs_channel_button_release";

/** Motion that may be unacknowledged: two bunches of four. */
const MOST_IN_FLIGHT = 8;

/** The server's mode is the only one that it offers, so that the client stays in it. */
const BY_STEPS: Script = {
  init: { supportedMouseModes: MouseMode.SERVER, currentMouseMode: MouseMode.SERVER },
};
const BY_PLACES: Script = {
  init: { supportedMouseModes: MouseMode.CLIENT, currentMouseMode: MouseMode.CLIENT },
};

export const sending = group("inputs/sending", "What clients send")
  .client("plain", {
    title: "sends the make and break code of a key",
    requirement: "The client MUST send KEY_DOWN with 0x1e and KEY_UP with 0x9e for the key A",
    source: KEYS,
    level: "must",
    covers: ["inputs/client/INPUTS_KEY_DOWN", "inputs/client/INPUTS_KEY_UP"],
    run: async (peer) => {
      const inputs = await openInputs(peer);
      await key(peer, 0x1e);
      mustEqual(await codes(peer, inputs), ["1e", "9e"], "the codes");
    },
  })
  .client("extended", {
    title: "sends the bytes of an extended key in their order",
    requirement: "The client MUST send e0 in the lowest byte: 0x48e0 and 0xc8e0 for the arrow up",
    source: `${KEYS}; spice-server inputs-channel.cpp handle_message (KEY_DOWN)`,
    level: "must",
    run: async (peer) => {
      const inputs = await openInputs(peer);
      for (const scancode of [0xe048, 0xe01d]) await key(peer, scancode);
      mustEqual(await codes(peer, inputs), ["e048", "e0c8", "e01d", "e09d"], "the codes");
    },
  })
  .client("order", {
    title: "sends keys in their order",
    requirement: "The client MUST keep the order of keys that go down and up",
    source: KEYS,
    level: "must",
    run: async (peer) => {
      const inputs = await openInputs(peer);
      await peer.control.ask("key", { scancode: 0x2a, down: true });
      for (const scancode of [0x1e, 0x30, 0x2e]) await key(peer, scancode);
      await peer.control.ask("key", { scancode: 0x2a, down: false });
      mustEqual(await codes(peer, inputs), ["2a", "1e", "9e", "30", "b0", "2e", "ae", "aa"], "the codes");
    },
  })
  .client("lights", {
    title: "reads the lock lights",
    requirement: "The client MUST take the lights of INPUTS_INIT and of each KEY_MODIFIERS",
    source: "spice-gtk channel-inputs.c inputs_handle_init, inputs_handle_modifiers",
    level: "must",
    covers: ["inputs/server/INPUTS_INIT", "inputs/server/INPUTS_KEY_MODIFIERS"],
    run: async (peer) => {
      await peer.main({ greet: (name) => name !== "inputs" });
      const inputs = await peer.channel("inputs"), { SCROLL_LOCK, NUM_LOCK, CAPS_LOCK } = KeyboardModifierFlags;
      await inputs.send(InputsInit, { keyboardModifiers: NUM_LOCK });
      await eventually("its lights after INPUTS_INIT", () => peer.control.ask("leds"), NUM_LOCK);
      for (const modifiers of [SCROLL_LOCK | CAPS_LOCK, 0, CAPS_LOCK]) {
        await inputs.send(InputsKeyModifiers, { modifiers });
        await eventually("its lights after KEY_MODIFIERS", () => peer.control.ask("leds"), modifiers);
      }
    },
  })
  .client("motion", {
    title: "sends steps in server mode",
    requirement: "The client MUST send MOUSE_MOTION with dx and dy, and their signs, in server mode",
    source: MOTION,
    level: "must",
    covers: ["inputs/client/INPUTS_MOUSE_MOTION"],
    run: async (peer) => {
      const inputs = await openInputs(peer, BY_STEPS);
      await peer.control.ask("motion", { dx: 3, dy: -5 });
      const { dx, dy, buttonsState } = await inputs.expect(InputsMouseMotion, ({ dx, dy }) => dx !== 0 || dy !== 0);
      mustEqual([dx, dy, buttonsState], [3, -5, 0], "dx, dy and the buttons");
    },
  })
  .client("place", {
    title: "sends places in client mode",
    requirement: "The client MUST send MOUSE_POSITION with the place and the number of the display in client mode",
    source: MOTION,
    level: "must",
    covers: ["inputs/client/INPUTS_MOUSE_POSITION"],
    run: async (peer) => {
      const inputs = await openInputs(peer, BY_PLACES);
      await peer.control.ask("move", { x: 100, y: 50, display: 0 });
      mustEqual(
        await inputs.expect(InputsMousePosition),
        { x: 100, y: 50, buttonsState: 0, displayId: 0 },
        "the MOUSE_POSITION",
      );
    },
  })
  .client("display", {
    title: "names the display of a place",
    requirement: "The client MUST send the number of the display channel that the place is on",
    source: MOTION,
    level: "must",
    run: async (peer) => {
      const channels = [{ name: "display" }, { name: "display", id: 1 }, { name: "inputs" }] as const;
      const inputs = await openInputs(peer, { ...BY_PLACES, channels });
      await peer.channel("display", 1);
      await settled(peer, 1);
      await peer.control.ask("move", { x: 7, y: 9, display: 1 });
      mustEqual(
        await inputs.expect(InputsMousePosition),
        { x: 7, y: 9, buttonsState: 0, displayId: 1 },
        "the MOUSE_POSITION",
      );
    },
  })
  .client("bunches", {
    title: "waits for acknowledgements of its steps",
    requirement: "The client SHOULD have two bunches of four motions unacknowledged at most, and add up the others",
    source: `${MOTION} (SPICE_INPUT_MOTION_ACK_BUNCH)`,
    level: "should",
    timeoutMs: 20_000,
    covers: ["inputs/server/INPUTS_MOUSE_MOTION_ACK"],
    run: async (peer) => {
      const inputs = await openInputs(peer, BY_STEPS);
      for (let i = 0; i < 30; i++) await peer.control.ask("motion", { dx: 1, dy: 2 });
      await hearOut(peer, inputs, "30 steps");
      const before = motions(inputs);
      must(before.length <= MOST_IN_FLIGHT, `${before.length} motions are unacknowledged`);
      must(before.length >= 4, `only ${before.length} motions come without an ACK`);
      await acknowledge(peer, inputs);
      mustEqual(sumOf(inputs), [30, 60], "the sum of all steps");
    },
  })
  .client("newest", {
    title: "sends the newest place after an acknowledgement",
    requirement: "The client SHOULD send the newest place, when places had to wait, and no older one after it",
    source: MOTION,
    level: "should",
    timeoutMs: 20_000,
    run: async (peer) => {
      const inputs = await openInputs(peer, BY_PLACES);
      for (let i = 0; i <= 30; i++) await peer.control.ask("move", { x: 10 + i, y: 5, display: 0 });
      await hearOut(peer, inputs, "31 places");
      must(motions(inputs).length <= MOST_IN_FLIGHT, `${motions(inputs).length} motions are unacknowledged`);
      await acknowledge(peer, inputs);
      const places = inputs.heard.filter(({ type }) => type === InputsMousePosition.id)
        .map((one) => inputs.decode(InputsMousePosition, one).x);
      mustEqual(places.at(-1), 40, "the last x");
      mustEqual(places, places.toSorted((a, b) => a - b), "the places");
    },
  })
  .client("buttons", {
    title: "sends buttons with their state after the event",
    requirement: "The client MUST send the button, and a state that has its bit after PRESS and not after RELEASE",
    source: BUTTONS,
    level: "must",
    covers: ["inputs/client/INPUTS_MOUSE_PRESS", "inputs/client/INPUTS_MOUSE_RELEASE"],
    run: async (peer) => {
      const inputs = await openInputs(peer);
      for (const name of ["LEFT", "MIDDLE", "RIGHT", "SIDE", "EXTRA"] as const) {
        for (const down of [true, false]) {
          await peer.control.ask("button", { button: name, down });
          const value = await inputs.expect(down ? InputsMousePress : InputsMouseRelease);
          const buttonsState = down ? MouseButtonMask[name] : 0;
          mustEqual(value, { button: MouseButton[name], buttonsState }, `${down ? "PRESS" : "RELEASE"} of ${name}`);
        }
      }
    },
  })
  .client("chord", {
    title: "sends the state of all buttons",
    requirement: "The client MUST send the bits of all buttons that are down",
    source: BUTTONS,
    level: "must",
    run: async (peer) => {
      const inputs = await openInputs(peer), states: number[] = [];
      for (const [button, down] of [["LEFT", true], ["RIGHT", true], ["LEFT", false], ["RIGHT", false]] as const) {
        await peer.control.ask("button", { button, down });
        states.push((await inputs.expect(down ? InputsMousePress : InputsMouseRelease)).buttonsState);
      }
      const { LEFT, RIGHT } = MouseButtonMask;
      mustEqual(states, [LEFT, LEFT | RIGHT, RIGHT, 0], "the states");
    },
  })
  .client("wheel", {
    title: "sends steps of the wheel as buttons",
    requirement: "The client MUST send PRESS and RELEASE of the button 4 for a step up and 5 for a step down",
    source: `${BUTTONS}; spice-widget.c scroll_event`,
    level: "must",
    run: async (peer) => {
      const inputs = await openInputs(peer);
      for (const name of ["UP", "DOWN"] as const) {
        await peer.control.ask("button", { button: name, down: true });
        mustEqual((await inputs.expect(InputsMousePress)).button, MouseButton[name], "the button of PRESS");
        await peer.control.ask("button", { button: name, down: false });
        mustEqual((await inputs.expect(InputsMouseRelease)).button, MouseButton[name], "the button of RELEASE");
      }
    },
  })
  .client("drag", {
    title: "sends the buttons with motion",
    requirement: "The client MUST send the bits of the buttons that are down with each step and place",
    source: MOTION,
    level: "must",
    run: async (peer) => {
      const inputs = await openInputs(peer, BY_STEPS);
      await peer.control.ask("button", { button: "LEFT", down: true });
      await peer.control.ask("motion", { dx: 4, dy: 4 });
      const { buttonsState } = await inputs.expect(InputsMouseMotion, ({ dx }) => dx === 4);
      mustEqual(buttonsState, MouseButtonMask.LEFT, "the buttons of the step");
    },
  })
  .client("before-buttons", {
    title: "sends motion that waits before a button",
    requirement: "The client SHOULD send motion that has waited before the button that came after it",
    source: BUTTONS,
    level: "should",
    timeoutMs: 20_000,
    run: async (peer) => {
      const inputs = await openInputs(peer, BY_STEPS);
      for (let i = 0; i < 15; i++) await peer.control.ask("motion", { dx: 1, dy: 0 });
      await peer.control.ask("button", { button: "LEFT", down: true });
      await inputs.expect(InputsMousePress);
      mustEqual(sumOf(inputs), [15, 0], "the sum of the steps before PRESS");
    },
  })
  .client("spare-ack", {
    title: "survives an acknowledgement that it does not wait for",
    requirement: "The client SHOULD take MOUSE_MOTION_ACK at any time",
    source: "spice-gtk channel-inputs.c inputs_handle_ack",
    level: "should",
    run: async (peer) => {
      const inputs = await openInputs(peer, BY_STEPS);
      for (let i = 0; i < 5; i++) await inputs.send(InputsMouseMotionAck, {});
      await mustAnswer(peer, inputs, "an ACK for no motion");
      await peer.control.ask("motion", { dx: 6, dy: 0 });
      await inputs.expect(InputsMouseMotion, ({ dx }) => dx === 6);
    },
  });

/** The inputs channel of a client that is ready to be told what to do. */
async function openInputs(peer: ClientPeer, script: Script = {}): Promise<Talk> {
  await peer.main(script);
  const inputs = await peer.channel("inputs");
  await peer.channel("display");
  await settled(peer, 0);
  await hearOut(peer, inputs, "INPUTS_INIT", 100);
  return inputs;
}

/** Waits until the client knows its channels and the picture of a display. */
async function settled(peer: ClientPeer, display: number): Promise<void> {
  await untilOpen(peer, "inputs-0");
  const shown = async () => await peer.control.ask("primary", { display }) !== null;
  await eventually("whether it has a picture", shown, true);
}

async function key(peer: ClientPeer, scancode: number): Promise<void> {
  for (const down of [true, false]) await peer.control.ask("key", { scancode, down });
}

/** The bytes of the codes that come until nothing comes, each code as hex in its order on the wire. */
async function codes(peer: ClientPeer, inputs: Talk): Promise<string[]> {
  const all = (await hearOut(peer, inputs, "keys")).flatMap((heard) => {
    if (heard.type === InputsKeyScancode.id) lacks("it sends KEY_SCANCODE, though the server does not have it");
    if (heard.type !== InputsKeyDown.id && heard.type !== InputsKeyUp.id) return [];
    const down = heard.type === InputsKeyDown.id, end = heard.body.indexOf(0);
    const bytes = end < 0 ? heard.body : heard.body.subarray(0, end);
    must(down === ((bytes.at(-1)! & 0x80) === 0), `${heard.name} has the code ${bytes.toHex()}`);
    return [bytes.toHex()];
  });
  return all;
}

/** All motion that has come, as steps; a place is one of none. */
function motions(inputs: Talk): { dx: number; dy: number }[] {
  return inputs.heard.flatMap((heard) => {
    if (heard.type === InputsMousePosition.id) return [{ dx: 0, dy: 0 }];
    return heard.type === InputsMouseMotion.id ? [inputs.decode(InputsMouseMotion, heard)] : [];
  });
}

function sumOf(inputs: Talk): [number, number] {
  return motions(inputs).reduce<[number, number]>(([x, y], { dx, dy }) => [x + dx, y + dy], [0, 0]);
}

/** Acknowledges as a server does, until no motion comes any more. */
async function acknowledge(peer: ClientPeer, inputs: Talk): Promise<void> {
  for (let acknowledged = 0; motions(inputs).length - acknowledged >= 4;) {
    await inputs.send(InputsMouseMotionAck, {});
    acknowledged += 4;
    if (motions(inputs).length - acknowledged < 4) await hearOut(peer, inputs, "MOUSE_MOTION_ACK");
  }
}
