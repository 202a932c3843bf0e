/** Mouse modes: whether the pointer goes where the client says, or by steps. */
import { MouseMode } from "../../../protocol/messages/enums.ts";
import { MainMouseMode, MainMouseModeRequest } from "../../../protocol/messages/main.ts";
import { nameOf } from "../../../protocol/schema/enumeration.ts";
import { mustAnswer } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import { eventually } from "../../suite/eventually.ts";
import type { ServerPeer } from "../../suite/server_peer.ts";
import type { Talk } from "../../suite/talk.ts";
import { lacks, must, mustEqual } from "../../suite/verdict.ts";

const SERVER = "spice-server reds.cpp reds_on_main_mouse_mode_request, reds_set_mouse_mode, reds_update_mouse_mode";
const BOTH = MouseMode.SERVER | MouseMode.CLIENT;

export const mouseMode = group("main/mouse-mode", "Mouse modes")
  .server("request", {
    title: "changes to each mode that it offers",
    requirement: "The server MUST answer MOUSE_MODE_REQUEST for another supported mode with MOUSE_MODE of that mode",
    source: SERVER,
    level: "must",
    covers: ["main/client/MAIN_MOUSE_MODE_REQUEST", "main/server/MAIN_MOUSE_MODE"],
    run: async (peer) => {
      const main = await withBoth(peer);
      // The first request makes sure that each of the others asks for a change.
      await main.send(MainMouseModeRequest, { mode: MouseMode.SERVER });
      await main.drain(300);
      for (const mode of [MouseMode.CLIENT, MouseMode.SERVER, MouseMode.CLIENT]) {
        await main.send(MainMouseModeRequest, { mode });
        const answer = await main.find(MainMouseMode, ({ currentMode }) => currentMode === mode, 2000);
        must(answer !== null, `it does not change to ${nameOf(MouseMode, mode)}`);
        mustEqual(answer.supportedModes, BOTH, "the supported modes");
      }
    },
  })
  .server("unsupported", {
    title: "keeps its mode when asked for one that it does not offer",
    requirement: "The server MUST NOT change to a mode that it does not support",
    source: `${SERVER} (is_client_mouse_allowed)`,
    level: "must",
    run: async (peer) => {
      await peer.control.ask("pointer", { absolute: false });
      const { main, init } = await peer.session();
      if (init.supportedMouseModes === BOTH) lacks("it offers both modes");
      await main.send(MainMouseModeRequest, { mode: BOTH & ~init.supportedMouseModes });
      const changed = await main.find(MainMouseMode, ({ currentMode }) => currentMode !== init.currentMouseMode, 800);
      must(changed === null, "it changes to a mode that it does not support");
      must(!main.wire.ended, "it closes the connection");
    },
  })
  .server("same", {
    title: "keeps its mode when asked for the present one",
    requirement: "The server MUST NOT change its mode when asked for the one that it is in",
    source: SERVER,
    level: "must",
    run: async (peer) => {
      const { main, init } = await peer.session();
      for (let i = 0; i < 3; i++) await main.send(MainMouseModeRequest, { mode: init.currentMouseMode });
      const changed = await main.find(MainMouseMode, ({ currentMode }) => currentMode !== init.currentMouseMode, 800);
      must(changed === null, "it changes its mode");
      must(!main.wire.ended, "it closes the connection");
    },
  })
  .server("impossible", {
    title: "keeps its mode when asked for one that there is not",
    requirement: "The server SHOULD pass over a request for no mode, for both, or for an unknown one",
    source: `${SERVER} (unsupported mouse mode)`,
    level: "should",
    run: async (peer) => {
      const { main, init } = await peer.session();
      for (const mode of [0, 3, 4, 0x8000]) await main.send(MainMouseModeRequest, { mode });
      const changed = await main.find(MainMouseMode, ({ currentMode }) => currentMode !== init.currentMouseMode, 800);
      mustEqual(changed, null, "its answer");
      must(!main.wire.ended, "it closes the connection");
    },
  })
  .server("told", {
    title: "tells when a tablet comes or goes",
    requirement: "The server MUST send MOUSE_MODE when the modes that it supports change",
    source: `${SERVER}; reds_set_client_mouse_allowed`,
    level: "must",
    run: async (peer) => {
      await peer.control.ask("pointer", { absolute: false });
      const { main } = await peer.session();
      await main.drain();
      for (const absolute of [true, false]) {
        await peer.control.ask("pointer", { absolute });
        const offers = ({ supportedModes }: { readonly supportedModes: number }) =>
          ((supportedModes & MouseMode.CLIENT) !== 0) === absolute;
        const told = await main.find(MainMouseMode, offers, 2000);
        must(told !== null, `it does not tell that there is ${absolute ? "a" : "no"} tablet`);
        must((told.supportedModes & told.currentMode) !== 0, "it is in a mode that it does not support");
      }
    },
  })
  .client("follows", {
    title: "follows the server's mouse mode",
    requirement: "The client MUST take the mode of MOUSE_MODE as the one that holds",
    source: "spice-gtk channel-main.c main_handle_mouse_mode, set_mouse_mode",
    level: "must",
    covers: ["main/server/MAIN_MOUSE_MODE"],
    run: async (peer) => {
      const main = await peer.main();
      await eventually("its mouse mode after MAIN_INIT", () => peer.control.ask("mouse_mode"), "client");
      for (const [mode, name] of [[MouseMode.SERVER, "server"], [MouseMode.CLIENT, "client"]] as const) {
        await main.send(MainMouseMode, { supportedModes: mode, currentMode: mode });
        await eventually("its mouse mode after MOUSE_MODE", () => peer.control.ask("mouse_mode"), name);
      }
    },
  })
  .client("requests", {
    title: "asks for the mode that its user wants",
    requirement: "The client MUST send MOUSE_MODE_REQUEST with the one mode that it wants",
    source: "spice-gtk channel-main.c spice_main_channel_request_mouse_mode",
    level: "must",
    covers: ["main/client/MAIN_MOUSE_MODE_REQUEST"],
    run: async (peer) => {
      const main = await peer.main();
      await peer.channel("inputs");
      await main.drain();
      for (const [mode, name] of [[MouseMode.SERVER, "server"], [MouseMode.CLIENT, "client"]] as const) {
        await peer.control.ask("mouse_mode", { mode: name });
        mustEqual(await main.expect(MainMouseModeRequest), { mode }, "the request");
        await main.send(MainMouseMode, { supportedModes: BOTH, currentMode: mode });
      }
    },
  })
  .client("wants-client", {
    title: "asks for client mode where the server offers it",
    requirement: "A client can ask for client mode when the server offers it and is in server mode",
    source: "spice-gtk channel-main.c set_mouse_mode (requested_mouse_mode)",
    level: "info",
    run: async (peer) => {
      const main = await peer.main({ init: { currentMouseMode: MouseMode.SERVER } });
      const heard = main.heard.find(({ type }) => type === MainMouseModeRequest.id);
      const asked = heard === undefined
        ? await main.find(MainMouseModeRequest)
        : main.decode(MainMouseModeRequest, heard);
      must(asked !== null, "it does not ask for client mode");
      mustEqual(asked.mode, MouseMode.CLIENT, "the mode that it asks for");
    },
  })
  .client("denied", {
    title: "does not ask again and again",
    requirement: "The client SHOULD NOT flood a server that stays in its mode with requests",
    source: "spice-gtk channel-main.c set_mouse_mode",
    level: "should",
    run: async (peer) => {
      const main = await peer.main({ init: { currentMouseMode: MouseMode.SERVER } });
      for (let i = 0; i < 10; i++) {
        await main.send(MainMouseMode, { supportedModes: BOTH, currentMode: MouseMode.SERVER });
      }
      await main.drain(500);
      const asked = main.heard.filter(({ type }) => type === MainMouseModeRequest.id).length;
      must(asked <= 12, `it asks ${asked} times`);
    },
  })
  .client("impossible", {
    title: "survives mouse modes that there are not",
    requirement: "The client SHOULD survive MOUSE_MODE with no mode or an unknown one",
    source: "spice-gtk channel-main.c set_mouse_mode",
    level: "should",
    run: async (peer) => {
      const main = await peer.main();
      for (const [supportedModes, currentMode] of [[0, 0], [0, 2], [0xffff, 0xffff], [1, 2]] as const) {
        await main.send(MainMouseMode, { supportedModes, currentMode });
        await mustAnswer(peer, main, `the mouse mode ${currentMode} of ${supportedModes}`);
      }
    },
  });

/** A main channel of a server that offers both modes. */
async function withBoth(peer: ServerPeer): Promise<Talk> {
  const { main, init } = await peer.session();
  if (init.supportedMouseModes === BOTH) return main;
  await peer.control.ask("pointer", { absolute: true });
  await main.expect(MainMouseMode, ({ supportedModes }) => supportedModes === BOTH);
  return main;
}
