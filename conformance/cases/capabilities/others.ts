/** Capabilities of inputs, cursor and sound channels. */
import { capsOfWords, DisplayCap, InputsCap, MainCap, PlaybackCap, RecordCap } from "../../../protocol/capabilities.ts";
import type { ChannelName } from "../../../protocol/messages/channels.ts";
import { DisplayInit } from "../../../protocol/messages/display.ts";
import { InputsKeyScancode } from "../../../protocol/messages/inputs.ts";
import { hearOut, mustAnswer } from "../../suite/alive.ts";
import { type ClientCase, group, type ServerCase } from "../../suite/case.ts";
import { untilOpen } from "../../suite/eventually.ts";
import { DISPLAY_INIT } from "../../suite/server_peer.ts";
import { fail, lacks, must } from "../../suite/verdict.ts";

/** Capabilities that there are, by channel. Source: spice-protocol protocol.h. */
const DEFINED = { inputs: 1, cursor: 0, playback: 4, record: 3 } as const satisfies Partial<
  Record<ChannelName, number>
>;

const SOURCE = "spice-protocol protocol.h SPICE_INPUTS_CAP_, SPICE_PLAYBACK_CAP_, SPICE_RECORD_CAP_";

export const others = group("capabilities/others", "Capabilities: inputs, cursor, sound")
  .server("scancodes", {
    title: "takes INPUTS_KEY_SCANCODE where it has KEY_SCANCODE",
    requirement: "The server MUST take INPUTS_KEY_SCANCODE when it has KEY_SCANCODE",
    source: "spice-server inputs-channel.cpp InputsChannelClient::handle_message, InputsChannel::InputsChannel",
    level: "must",
    covers: ["caps/inputs/KEY_SCANCODE/server"],
    run: async (peer) => {
      const talk = await (await peer.session()).open("inputs");
      if (!capsOfWords(talk.options.channelCaps).includes(InputsCap.KEY_SCANCODE)) lacks("it has no KEY_SCANCODE");
      if (peer.target.control !== undefined) await peer.control.ask("inputs");
      await talk.send(InputsKeyScancode, { data: Uint8Array.of(0x1e, 0x9e) });
      must(!await talk.closes(700), "it closes the connection");
      if (peer.target.control === undefined) return;
      const got = JSON.stringify(await peer.control.ask("inputs"));
      const want = [{ kind: "key", scancode: 0x1e, down: true }, { kind: "key", scancode: 0x1e, down: false }];
      if (!got.includes(JSON.stringify(want).slice(1, -1))) fail(`the machine gets ${got}`);
    },
  })
  .server("everything", {
    title: "serves a client that can do everything",
    requirement: "The server MUST let a client in that has every capability that there is",
    source: "spice-server reds.cpp red_channel_capabilities_init_from_link_message",
    level: "must",
    covers: ["caps/display/*/client", "caps/inputs/*/client"],
    run: async (peer) => {
      const session = await peer.session();
      for (const [name, caps] of [["display", DisplayCap], ["inputs", InputsCap]] as const) {
        const talk = await session.open(name, { channelCaps: Object.values(caps) });
        if (name === "display") await talk.send(DisplayInit, DISPLAY_INIT);
        must(!await talk.closes(400), `it closes ${name}`);
      }
    },
  })
  .server("sound", {
    title: "serves sound channels whose client can do everything",
    requirement: "The server MUST let a client in that has every capability of sound, CELT among them",
    source: "spice-server reds.cpp red_channel_capabilities_init_from_link_message, sound.cpp",
    level: "must",
    covers: ["caps/playback/*/client", "caps/record/*/client"],
    run: async (peer) => {
      const session = await peer.session();
      for (const [name, caps] of [["playback", PlaybackCap], ["record", RecordCap]] as const) {
        const talk = await session.open(name, { channelCaps: Object.values(caps) });
        must(!await talk.closes(400), `it closes ${name}`);
      }
    },
  })
  .server("inputs", serverKnows("inputs", "must"))
  .server("cursor", serverKnows("cursor", "must"))
  .server("playback", serverKnows("playback", "info"))
  .server("record", serverKnows("record", "info"))
  .client("no-scancodes", {
    title: "sends no INPUTS_KEY_SCANCODE where the server cannot read it",
    requirement: "The client MUST NOT send INPUTS_KEY_SCANCODE to a server without KEY_SCANCODE",
    source: "spice-gtk channel-inputs.c spice_inputs_channel_key_press_and_release",
    level: "must",
    run: async (peer) => {
      await peer.main();
      const talk = await peer.channel("inputs");
      await untilOpen(peer, "inputs-0");
      await peer.control.ask("key", { scancode: 0x1e, down: true });
      await peer.control.ask("key", { scancode: 0x1e, down: false });
      const heard = await hearOut(peer, talk, "a key");
      must(heard.length > 0, "no key comes");
      must(heard.every(({ type }) => type !== InputsKeyScancode.id), "INPUTS_KEY_SCANCODE comes");
    },
  })
  .client("everything", {
    title: "speaks with a server that can do everything",
    requirement: "The client MUST speak with a server that has every capability that there is",
    source: "spice-gtk spice-channel.c store_caps",
    level: "must",
    covers: ["caps/main/*/server", "caps/display/*/server", "caps/inputs/*/server"],
    run: async (peer) => {
      const main = await peer.main({
        channelCaps: {
          main: Object.values(MainCap),
          display: Object.values(DisplayCap),
          inputs: Object.values(InputsCap),
        },
      });
      for (const talk of [await peer.channel("display"), main]) {
        await mustAnswer(peer, talk, "a link of all capabilities");
      }
    },
  })
  .client("sound", {
    title: "speaks with a server whose sound channels can do everything",
    requirement: "The client MUST speak with a server that has every capability of sound, CELT among them",
    source: "spice-gtk spice-channel.c store_caps",
    level: "must",
    covers: ["caps/playback/*/server", "caps/record/*/server"],
    run: async (peer) => {
      const main = await peer.main({
        channels: [{ name: "display" }, { name: "playback" }, { name: "record" }],
        channelCaps: { playback: Object.values(PlaybackCap), record: Object.values(RecordCap) },
      });
      for (const name of ["playback", "record"] as const) {
        await mustAnswer(peer, await peer.channel(name), "the links of its channels");
      }
      await mustAnswer(peer, main, "the links of its channels");
    },
  })
  .client("inputs", clientKnows("inputs", "must"))
  .client("cursor", clientKnows("cursor", "must"))
  .client("playback", clientKnows("playback", "info"))
  .client("record", clientKnows("record", "info"));

function serverKnows(name: keyof typeof DEFINED, level: "must" | "info"): ServerCase {
  return {
    title: `claims no capability of ${name} that nobody has defined`,
    requirement: `The server MUST leave the bits of unknown capabilities of ${name} 0`,
    source: SOURCE,
    level,
    run: async (peer) => known(name, (await (await peer.session()).open(name)).options.channelCaps),
  };
}

function clientKnows(name: keyof typeof DEFINED, level: "must" | "info"): ClientCase {
  return {
    title: `claims no capability of ${name} that nobody has defined`,
    requirement: `The client MUST leave the bits of unknown capabilities of ${name} 0`,
    source: SOURCE,
    level,
    run: async (peer) => {
      await peer.main({ channels: [{ name: "display" }, { name }] });
      known(name, (await peer.arrival(name)).request.caps?.channel ?? []);
    },
  };
}

function known(name: keyof typeof DEFINED, words: readonly number[]): void {
  const unknown = capsOfWords(words).filter((cap) => cap >= DEFINED[name]);
  must(unknown.length === 0, `it has the capabilities ${unknown.join(", ")} of ${name}`);
}
