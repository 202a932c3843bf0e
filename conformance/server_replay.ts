/** Plays the client's side of captures to our server core. */
import { type MachineInput, ServerCore, type ServerEvent } from "../mod.ts";
import { channels } from "../protocol/messages/channels.ts";
import type { CapturedConnection } from "./capture.ts";
import { readsOf } from "./replay.ts";

/** What became of a session. */
export interface ServerReplay {
  readonly core: ServerCore;
  readonly events: readonly ServerEvent[];
  /** What reached the machine. */
  readonly inputs: readonly MachineInput[];
  /** Connections that the server closed, by name: why. */
  readonly closed: ReadonlyMap<string, string>;
}

/** Of every head, which is large enough for what was captured. */
const WIDTH = 1024, HEIGHT = 768;

/**
 * Plays a session to a server that has heads for its display channels, both mouse modes, and lets in everyone.
 *
 * The server gives the session the number that the captured one had, so that its channels find it.
 *
 * @param connections One session.
 * @param step Bytes that reach the server at once. Default: a read at a time.
 */
export function replayToServer(connections: readonly CapturedConnection[], step = Infinity): ServerReplay {
  const core = new ServerCore({ tickets: [{ password: null, role: "control", untilMs: null }] });
  core.identity("replay", null);
  core.mouseModes({ absolute: true, relative: true });
  for (const { channel, channelId } of connections) {
    if (channel.name !== "display" && channel.name !== "cursor") continue;
    if (core.screen(channelId) === undefined) core.head(channelId, { width: WIDTH, height: HEIGHT });
    core.resizable(channelId, true);
  }
  const session = connections.find(({ channel }) => channel.type !== channels.main.type)?.link.mess.connectionId ?? 1;
  const numbers = new Map(connections.map((connection, i) => [connection, i]));
  const events: ServerEvent[] = [], inputs: MachineInput[] = [], closed = new Map<string, string>();
  const opened = new Set<number>();
  let nowMs = 0;
  const settle = (): void => {
    for (let output = core.poll(); output !== undefined; output = core.poll()) {
      if (output.do === "ask") answer(core, output.id, output.question.kind, session, nowMs);
      else if (output.do === "input") inputs.push(output.input);
      else if (output.do === "emit") {
        events.push(output.event);
        if (output.event.type === "fault") closed.set(output.event.address, output.event.error.message);
      }
    }
  };
  for (const { connection, bytes } of readsOf(connections, "client")) {
    const number = numbers.get(connection)!;
    nowMs++;
    if (!opened.has(number)) {
      opened.add(number);
      core.accepted(number, connection.name, nowMs);
    }
    for (let at = 0; at < bytes.length; at += step) {
      core.receive(number, bytes.subarray(at, at + step), nowMs);
      settle();
      while (core.pull(number, nowMs)) settle();
    }
  }
  settle();
  return { core, events, inputs, closed };
}

function answer(core: ServerCore, id: number, kind: string, session: number, nowMs: number): void {
  if (kind === "ticket-key") {
    core.answer(id, { kind: "ticket-key", publicKey: new Uint8Array(162).fill(1), random: session }, nowMs);
  } else core.answer(id, { kind: "decrypt-ticket", password: new Uint8Array() }, nowMs);
}
