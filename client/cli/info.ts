/** `client info`: what the server says of itself. */
import { printable } from "../../cli/printable.ts";
import { channelByType } from "../../protocol/messages/channels.ts";
import { ledNames } from "../core/inputs_channel.ts";
import type { ChannelInfo, Session } from "../session.ts";
import { capabilityNames } from "./capability_names.ts";
import type { Command } from "./command.ts";
import { formatUuid, headToJson, modeName, modeNames } from "./event_text.ts";

/** See {@link Command}. */
export const info: Command = {
  name: "info",
  summary: "Tell what the server is and what it offers",
  usage: "<target>",
  details: [
    "Names the machine, its mouse modes, agent, heads, channels and capabilities. A capability without a name that",
    "this client knows is told by its number.",
  ],
  examples: ["info spice://127.0.0.1:5930", "info spice://127.0.0.1:5930 --json"],
  options: [
    { name: "json", about: "as one object of JSON" },
    { name: "timeout-ms", value: "MS", about: "how long a display may take to show something (default 1000)" },
  ],
  takes: [1, 1],
  prepare(args) {
    const timeoutMs = args.integer("timeout-ms", 0, 3_600_000) ?? 1000;
    const json = args.flag("json");
    return async (world) => {
      const session = await world.connect();
      await displaysKnown(session, timeoutMs);
      const facts = factsOf(session, world.address);
      await world.out(json ? `${JSON.stringify(facts, null, 2)}\n` : `${linesOf(facts).map(printable).join("\n")}\n`);
    };
  },
};

/** Waits until every display channel has a picture and the machine's name has come, if there are any. */
function displaysKnown(session: Session, timeoutMs: number): Promise<void> {
  const known = () => [...session.core.displays.values()].every(({ heads }) => heads.length > 0);
  return new Promise((resolve) => {
    if (known() || session.ended !== null) return resolve();
    const finish = () => {
      clearTimeout(limit);
      stop();
      resolve();
    };
    const limit = setTimeout(finish, timeoutMs);
    const stop = session.listen((event) => {
      if (event.type === "closed" || known()) finish();
    });
  });
}

/** What `--json` prints. */
interface Facts {
  readonly address: string;
  readonly name: string | null;
  readonly uuid: string | null;
  readonly sessionId: number | null;
  readonly mouse: { readonly current: string; readonly offered: readonly string[] };
  readonly agent: { readonly connected: boolean };
  readonly leds: readonly string[];
  readonly heads: readonly HeadFacts[];
  readonly channels: readonly ChannelFacts[];
}

/** A head in {@link Facts}: its number is its place in the list. */
interface HeadFacts {
  readonly display: number;
  readonly monitor: number;
  readonly surface: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A channel in {@link Facts}. */
interface ChannelFacts {
  /** Name, or the number of a type that has none. */
  readonly type: string | number;
  readonly id: number;
  readonly state: "open" | "closed";
  readonly error: string | null;
  readonly capabilities: {
    readonly common: readonly (string | number)[];
    readonly channel: readonly (string | number)[];
  } | null;
}

function factsOf(session: Session, address: string): Facts {
  const { main, inputs } = session.core;
  return {
    address,
    name: session.name,
    uuid: session.uuid === null ? null : formatUuid(session.uuid),
    sessionId: session.init?.sessionId ?? null,
    mouse: { current: modeName(main?.mouseMode ?? 0), offered: modeNames(main?.supportedMouseModes ?? 0) },
    agent: { connected: session.init?.agentConnected ?? false },
    leds: ledNames(inputs?.modifiers ?? 0),
    heads: session.screen.heads.map((head) => ({ display: head.display, ...headToJson(head) })),
    channels: session.channels.map(channelFacts),
  };
}

function channelFacts({ type, id, capabilities, error }: ChannelInfo): ChannelFacts {
  return {
    type: channelByType(type)?.name ?? type,
    id,
    state: capabilities === null ? "closed" : "open",
    error: error?.message ?? null,
    capabilities: capabilities === null ? null : {
      common: capabilityNames(null, capabilities.common),
      channel: capabilityNames(type, capabilities.channel),
    },
  };
}

function linesOf(facts: Facts): string[] {
  const { name, uuid, mouse, heads, channels } = facts;
  return [
    `Address   ${facts.address}`,
    `Machine   ${name ?? "tells no name"}${uuid === null ? "" : ` (${uuid})`}`,
    `Mouse     ${mouse.current} (offered: ${mouse.offered.join(", ")})`,
    `Agent     ${facts.agent.connected ? "connected" : "not connected"}`,
    `LEDs      ${facts.leds.join(", ") || "none"}`,
    ...heads.map(({ display, x, y, width, height }, i) => {
      return `${
        i === 0 ? "Heads " : "      "
      }    ${i}: ${width} × ${height} at ${x}, ${y} of display channel ${display}`;
    }),
    ...(heads.length === 0 ? ["Heads     none: the machine shows nothing"] : []),
    "Channels",
    ...channels.flatMap(({ type, id, error, capabilities }) => [
      `  ${type} ${id}${capabilities === null ? `: closed${error === null ? "" : `: ${error}`}` : ""}`,
      ...(capabilities === null ? [] : [
        `    common   ${capabilities.common.join(" ") || "none"}`,
        `    channel  ${capabilities.channel.join(" ") || "none"}`,
      ]),
    ]),
  ];
}
