/** Plays the server's side of captures to our client core. */
import { SessionCore, type SessionEvent, type SessionOptions } from "../mod.ts";
import type { Sender } from "../protocol/schema/message.ts";
import type { CapturedConnection } from "./capture.ts";

/** Bytes of the server that came at once. */
export interface ServerRead {
  readonly type: number;
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** What became of a session. */
export interface Replay {
  readonly core: SessionCore;
  readonly events: readonly SessionEvent[];
  /** Bytes for channels that the session had not opened. */
  readonly unheard: number;
}

/**
 * Parts a capture into sessions: each begins with a main channel.
 *
 * @param all Of a capture, in the order in which they were opened.
 * @returns Connections by session, in the order in which they were opened.
 */
export function sessionsOf(all: readonly CapturedConnection[]): CapturedConnection[][] {
  const sessions: CapturedConnection[][] = [];
  for (const connection of all) {
    if (connection.channel.name === "main" || sessions.length === 0) sessions.push([]);
    sessions.at(-1)!.push(connection);
  }
  return sessions;
}

/** Bytes of one side that came at once. */
export interface SideRead {
  readonly connection: CapturedConnection;
  readonly bytes: Uint8Array;
}

/**
 * One side's bytes of a session in the order in which they came, link included.
 *
 * @param connections One session.
 * @param from Which side.
 */
export function readsOf(connections: readonly CapturedConnection[], from: Sender): SideRead[] {
  return connections.flatMap((connection) => {
    let at = 0;
    return connection.reads.filter((read) => read.from === from).map(({ time, length }) => {
      const bytes = connection.streams[from].subarray(at, at + length);
      at += length;
      return { time, connection, bytes };
    });
  }).sort((a, b) => a.time - b.time);
}

/** The server's bytes of a session, by channel; see {@link readsOf}. */
export function serverReads(connections: readonly CapturedConnection[]): ServerRead[] {
  return readsOf(connections, "server").map(({ connection: { channel, channelId }, bytes }) => {
    return { type: channel.type, id: channelId, bytes };
  });
}

/**
 * Plays reads to a session, which gets 128 bytes for each ticket it asks for.
 *
 * @param reads In order.
 * @param options Of the session.
 * @param step Bytes that reach the session at once. Default: a read at a time.
 */
export function replay(reads: readonly ServerRead[], options: SessionOptions = {}, step = Infinity): Replay {
  const core = new SessionCore(options), opened = new Set<string>(), events: SessionEvent[] = [];
  const settle = (): void => {
    for (let output = core.poll(); output !== undefined; output = core.poll()) {
      if (output.do === "open") {
        opened.add(`${output.channel.type}:${output.channel.id}`);
        core.opened(output.channel, 0);
      } else if (output.do === "ask") {
        core.answer(output.id, { kind: "encrypt-ticket", encrypted: new Uint8Array(128) }, 0);
      } else if (output.do === "emit") events.push(output.event);
    }
  };
  core.start(0);
  settle();
  let unheard = 0;
  for (const { type, id, bytes } of reads) {
    if (!opened.has(`${type}:${id}`)) {
      unheard += bytes.length;
      continue;
    }
    for (let at = 0; at < bytes.length; at += step) {
      core.receive({ type, id }, bytes.subarray(at, at + step), 0);
      settle();
    }
  }
  return { core, events, unheard };
}
