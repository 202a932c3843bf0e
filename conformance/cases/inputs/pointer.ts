/** Motion, places, buttons and their acknowledgement, of servers. */
import { MouseButton, MouseButtonMask, MouseMode } from "../../../protocol/messages/enums.ts";
import {
  InputsInit,
  InputsMouseMotion,
  InputsMouseMotionAck,
  InputsMousePosition,
  InputsMousePress,
  InputsMouseRelease,
} from "../../../protocol/messages/inputs.ts";
import { MainMouseMode, MainMouseModeRequest } from "../../../protocol/messages/main.ts";
import { mustServe } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import type { ServerPeer } from "../../suite/server_peer.ts";
import type { Talk } from "../../suite/talk.ts";
import { lacks, must, mustEqual } from "../../suite/verdict.ts";

const SOURCE = "spice-server inputs-channel.cpp InputsChannelClient::handle_message";
const ACKS =
  "spice-server inputs-channel-client.cpp InputsChannelClient::on_mouse_motion (SPICE_INPUT_MOTION_ACK_BUNCH)";
const BUTTONS = ["LEFT", "MIDDLE", "RIGHT", "SIDE", "EXTRA"] as const;

/** What a machine is told, as the control program names it. */
type Input = Readonly<Record<string, unknown>> & { readonly kind: string };

export const pointer = group("inputs/pointer", "Motion, places and buttons")
  .server("acks", {
    title: "acknowledges every fourth motion",
    requirement: "The server MUST send MOUSE_MOTION_ACK for every four MOUSE_MOTION, neither earlier nor later",
    source: ACKS,
    level: "must",
    covers: ["inputs/client/INPUTS_MOUSE_MOTION", "inputs/server/INPUTS_MOUSE_MOTION_ACK"],
    run: async (peer) => {
      const { inputs } = await openInputs(peer, "server");
      for (const [motions, acks] of [[3, 0], [1, 1], [3, 0], [1, 1], [9, 2], [3, 1]] as const) {
        for (let i = 0; i < motions; i++) await inputs.send(InputsMouseMotion, { dx: 0, dy: 0, buttonsState: 0 });
        mustEqual(await acksOf(inputs), acks, `the number of ACKs after ${motions} more motions`);
      }
    },
  })
  .server("position-acks", {
    title: "acknowledges every fourth place",
    requirement: "The server MUST send MOUSE_MOTION_ACK for every four MOUSE_POSITION, too",
    source: ACKS,
    level: "must",
    covers: ["inputs/client/INPUTS_MOUSE_POSITION"],
    run: async (peer) => {
      const { inputs } = await openInputs(peer, "client");
      for (const [places, acks] of [[3, 0], [1, 1], [7, 1], [1, 1]] as const) {
        for (let i = 0; i < places; i++) await inputs.send(InputsMousePosition, at(i, i));
        mustEqual(await acksOf(inputs), acks, `the number of ACKs after ${places} more places`);
      }
    },
  })
  .server("other-mode", {
    title: "acknowledges motion of the other mouse mode, and does nothing with it",
    requirement: "The server MUST acknowledge motion and places alike, and pass on those of the present mode alone",
    source: `${ACKS}; ${SOURCE} (reds_get_mouse_mode)`,
    level: "must",
    run: async (peer) => {
      const { inputs } = await openInputs(peer, "server");
      for (let i = 0; i < 4; i++) await inputs.send(InputsMousePosition, at(10 + i, 20));
      mustEqual(await acksOf(inputs), 1, "the number of ACKs after 4 places in server mode");
      const moved = (await told(peer)).filter(({ kind }) => kind === "position" || kind === "motion");
      mustEqual(moved, [], "what the machine is told");
    },
  })
  .server("motion-in-client-mode", {
    title: "does not move by steps in client mode",
    requirement: "The server MUST NOT pass MOUSE_MOTION on in client mode",
    source: SOURCE,
    level: "must",
    run: async (peer) => {
      const { inputs } = await openInputs(peer, "client");
      for (let i = 0; i < 4; i++) await inputs.send(InputsMouseMotion, { dx: 5, dy: 5, buttonsState: 0 });
      mustEqual(await acksOf(inputs), 1, "the number of ACKs after 4 motions in client mode");
      mustEqual((await told(peer)).filter(({ kind }) => kind === "motion"), [], "what the machine is told");
    },
  })
  .server("motion", {
    title: "passes motion on",
    requirement: "The server MUST pass on dx and dy with their signs",
    source: SOURCE,
    level: "must",
    run: async (peer) => {
      const { inputs } = await openInputs(peer, "server");
      for (const [dx, dy] of [[3, -4], [-1, 0], [0, 7], [-100, 100]] as const) {
        await inputs.send(InputsMouseMotion, { dx, dy, buttonsState: 0 });
      }
      mustEqual(await acksOf(inputs), 1, "the number of ACKs");
      const moves = (await told(peer)).filter(({ kind }) => kind === "motion");
      const sum = moves.reduce<number[]>(([x, y], { dx, dy }) => [x! + Number(dx), y! + Number(dy)], [0, 0]);
      mustEqual(sum, [-98, 103], "the sum of all steps");
      mustEqual([moves[0]?.["dx"], moves[0]?.["dy"]], [3, -4], "the first step");
    },
  })
  .server("place", {
    title: "passes places on",
    requirement: "The server MUST put the pointer where MOUSE_POSITION says",
    source: SOURCE,
    level: "must",
    run: async (peer) => {
      const { inputs } = await openInputs(peer, "client");
      const places = [[0, 0], [100, 50], [319, 199], [7, 190]] as const;
      for (const [x, y] of places) await inputs.send(InputsMousePosition, at(x, y));
      mustEqual(await acksOf(inputs), 1, "the number of ACKs");
      const last = (await told(peer)).findLast(({ kind }) => kind === "position");
      // A tablet has its own scale.
      const off = Math.max(Math.abs(Number(last?.["x"]) - 7), Math.abs(Number(last?.["y"]) - 190));
      must(off <= 1, `the pointer is at ${last?.["x"]}, ${last?.["y"]}, not at 7, 190`);
    },
  })
  .server("buttons", {
    title: "passes each button on",
    requirement: "The server MUST pass on MOUSE_PRESS and MOUSE_RELEASE of left, middle and right",
    source: `${SOURCE}, RED_MOUSE_STATE_TO_LOCAL`,
    level: "must",
    covers: ["inputs/client/INPUTS_MOUSE_PRESS", "inputs/client/INPUTS_MOUSE_RELEASE"],
    run: async (peer) => {
      const { inputs } = await openInputs(peer, "server");
      for (const name of ["LEFT", "MIDDLE", "RIGHT"] as const) {
        mustEqual(await clicked(peer, inputs, name), [`${name} down`, `${name} up`], "what the machine is told");
      }
    },
  })
  .server("side-buttons", {
    title: "passes the side buttons on",
    requirement: "The server SHOULD pass on the buttons SIDE and EXTRA",
    source: `${SOURCE}, RED_MOUSE_STATE_TO_LOCAL (0xffe0)`,
    level: "should",
    run: async (peer) => {
      const { inputs } = await openInputs(peer, "server");
      for (const name of ["SIDE", "EXTRA"] as const) {
        mustEqual(await clicked(peer, inputs, name), [`${name} down`, `${name} up`], "what the machine is told");
      }
    },
  })
  .server("chord", {
    title: "passes buttons on that are held together",
    requirement: "The server MUST keep a button down while another goes down and up",
    source: SOURCE,
    level: "must",
    run: async (peer) => {
      const { inputs } = await openInputs(peer, "server");
      const { LEFT, RIGHT } = MouseButtonMask;
      await inputs.send(InputsMousePress, { button: MouseButton.LEFT, buttonsState: LEFT });
      await inputs.send(InputsMousePress, { button: MouseButton.RIGHT, buttonsState: LEFT | RIGHT });
      await inputs.send(InputsMouseRelease, { button: MouseButton.RIGHT, buttonsState: LEFT });
      await inputs.send(InputsMouseRelease, { button: MouseButton.LEFT, buttonsState: 0 });
      mustEqual(
        await buttons(peer, inputs),
        ["LEFT down", "RIGHT down", "RIGHT up", "LEFT up"],
        "what the machine is told",
      );
    },
  })
  .server("wheel", {
    title: "turns the wheel",
    requirement: "The server MUST take the buttons UP and DOWN, which are in no mask, as steps of the wheel",
    source: `${SOURCE} (dz)`,
    level: "must",
    run: async (peer) => {
      const { inputs } = await openInputs(peer, "server");
      for (const name of ["UP", "DOWN", "DOWN"] as const) {
        await inputs.send(InputsMousePress, { button: MouseButton[name], buttonsState: 0 });
        await inputs.send(InputsMouseRelease, { button: MouseButton[name], buttonsState: 0 });
      }
      const steps = (await buttons(peer, inputs)).filter((one) => one.endsWith("down"));
      mustEqual(steps, ["UP down", "DOWN down", "DOWN down"], "the steps");
    },
  })
  .server("released", {
    title: "lets go of the buttons that a client held when it went",
    requirement: "A server can release buttons that are down when the inputs channel ends; the reference does not",
    source: "spice-server inputs-channel-client.cpp InputsChannelClient::on_disconnect",
    level: "info",
    run: async (peer) => {
      const { inputs } = await openInputs(peer, "server");
      await inputs.send(InputsMousePress, { button: MouseButton.LEFT, buttonsState: MouseButtonMask.LEFT });
      mustEqual(await buttons(peer, inputs), ["LEFT down"], "what the machine is told");
      inputs.wire.close();
      await new Promise((done) => setTimeout(done, 400));
      const up = (await told(peer)).filter(({ kind }) => kind === "button").map(name);
      if (up.length === 0) {
        const { inputs: again } = await openInputs(peer, "server");
        await again.send(InputsMouseRelease, { button: MouseButton.LEFT, buttonsState: 0 });
        await acksOf(again);
      }
      mustEqual(up, ["LEFT up"], "what the machine is told when the client has gone");
    },
  })
  .server("impossible", {
    title: "survives motion, places and buttons that there are not",
    requirement: "The server SHOULD survive the largest steps, places off the screen, and unknown buttons and displays",
    source: SOURCE,
    level: "should",
    run: async (peer) => {
      const { inputs, main } = await openInputs(peer, "server");
      const far = 0x7fff_ffff, all = 0xffff;
      for (const step of [far, -far - 1]) {
        for (let i = 0; i < 2; i++) {
          await inputs.send(InputsMouseMotion, { dx: step, dy: -step - 1, buttonsState: all });
        }
      }
      for (const button of [0, 6, 7, 200, 255]) {
        await inputs.send(InputsMousePress, { button, buttonsState: all });
        await inputs.send(InputsMouseRelease, { button, buttonsState: 0 });
      }
      must(await acksOf(inputs) === 1, "it acknowledges no motion any more");
      await main.send(MainMouseModeRequest, { mode: MouseMode.CLIENT });
      await main.drain(300);
      for (const displayId of [0, 1, 77, 255]) {
        await inputs.send(InputsMousePosition, { x: 0xffff_ffff, y: 0x8000_0000, buttonsState: 0, displayId });
      }
      must(await acksOf(inputs) === 1, "it acknowledges no place any more");
      inputs.wire.close();
      await mustServe(peer, "impossible motion");
    },
  });

function at(x: number, y: number) {
  return { x, y, buttonsState: 0, displayId: 0 };
}

/** An inputs channel in a mouse mode; the control program has told all that the machine was given before. */
async function openInputs(peer: ServerPeer, mode: "client" | "server"): Promise<{ inputs: Talk; main: Talk }> {
  const session = await peer.session(),
    { main, init } = session,
    wanted = MouseMode[mode === "client" ? "CLIENT" : "SERVER"];
  let supported = init.supportedMouseModes, current = init.currentMouseMode;
  if ((supported & wanted) === 0) {
    if (wanted === MouseMode.SERVER) lacks("it has no server mode");
    await peer.control.ask("pointer", { absolute: true });
    const now = await main.expect(MainMouseMode, ({ supportedModes }) => (supportedModes & wanted) !== 0);
    [supported, current] = [now.supportedModes, now.currentMode];
  }
  if (current !== wanted) {
    await main.send(MainMouseModeRequest, { mode: wanted });
    await main.expect(MainMouseMode, ({ currentMode }) => currentMode === wanted);
  }
  const inputs = await session.open("inputs");
  await inputs.expect(InputsInit);
  if (peer.target.control !== undefined) await told(peer);
  return { inputs, main };
}

/** How many acknowledgements come until nothing comes. */
async function acksOf(inputs: Talk): Promise<number> {
  return (await inputs.drain(300)).filter(({ type }) => type === InputsMouseMotionAck.id).length;
}

async function told(peer: ServerPeer): Promise<Input[]> {
  return await peer.control.ask("inputs") as Input[];
}

function name({ button, down }: Input): string {
  return `${button} ${down === true ? "down" : "up"}`;
}

/** What the machine is told of buttons. */
async function buttons(peer: ServerPeer, inputs: Talk): Promise<string[]> {
  await inputs.drain(200);
  return (await told(peer)).filter(({ kind }) => kind === "button").map(name);
}

async function clicked(peer: ServerPeer, inputs: Talk, button: (typeof BUTTONS)[number]): Promise<string[]> {
  await inputs.send(InputsMousePress, { button: MouseButton[button], buttonsState: MouseButtonMask[button] });
  await inputs.send(InputsMouseRelease, { button: MouseButton[button], buttonsState: 0 });
  return await buttons(peer, inputs);
}
