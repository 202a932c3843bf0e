/**
 * A whole server as one pure state machine: connections, viewers, the machine's heads, and what goes where.
 *
 * A driver accepts connections, moves bytes, makes keys, reads the clock and runs the machine; see
 * `server/io/server_driver.ts`. Methods are getters, inputs (what happened, on a socket or in the machine), and polls.
 */
import { CommonCap, DisplayCap, InputsCap, MainCap } from "../../protocol/capabilities.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { Fifo } from "../../protocol/fifo.ts";
import { DEFAULT_LIMITS, type Limits } from "../../protocol/limits.ts";
import { channelByType, channels } from "../../protocol/messages/channels.ts";
import { LinkErr } from "../../protocol/messages/enums.ts";
import type { SpiceLinkMess } from "../../protocol/messages/link.ts";
import type { Answer, Question } from "../../protocol/question.ts";
import { Connection, type Grant } from "./connection.ts";
import { CursorChannel } from "./cursor_channel.ts";
import { type Compression, DisplayChannel } from "./display_channel.ts";
import { InputArbiter } from "./input_arbiter.ts";
import { InputsChannel } from "./inputs_channel.ts";
import { MainChannel, type OfferedChannel } from "./main_channel.ts";
import type { Handler, Port } from "./port.ts";
import { Screen } from "./screen.ts";
import type { Drawable, MachineCursor, MachineInput, MouseModes, Vdi } from "./vdi.ts";
import type { Role, Ticket } from "./ticket.ts";
import { Viewer, type ViewerInfo } from "./viewer.ts";

/** What a server is asked to be. */
export interface ServerOptions {
  /** Passwords that let viewers in; a ticket without a password lets in everyone. */
  readonly tickets: readonly Ticket[];
  /** Bounds against hostile viewers. Default: `DEFAULT_LIMITS`. */
  readonly limits?: Limits;
  /** Most viewers at once. Default: 32. */
  readonly maxViewers?: number;
  /** Most connections of one address. Default: 512. */
  readonly maxConnectionsPerAddress?: number;
  /** Most connections whose link is not done; the oldest makes room for one more. Default: 128. */
  readonly maxHalfOpen?: number;
  /** Compression of pixels, unless a viewer asks otherwise. Default: `lz`. */
  readonly compression?: Compression;
}

/** What a server tells whoever runs it. */
export type ServerEvent =
  | { readonly type: "viewer-joined"; readonly sessionId: number; readonly address: string; readonly role: Role }
  | { readonly type: "viewer-left"; readonly sessionId: number; readonly address: string; readonly viewers: number }
  /** A connection was closed because of an error; `channel` says how far it had come. */
  | { readonly type: "fault"; readonly address: string; readonly channel: string; readonly error: ProtocolError };

/** What a server asks of its driver. */
export type ServerOutput =
  | { readonly do: "send"; readonly connection: number; readonly chunks: readonly Uint8Array[] }
  | { readonly do: "ask"; readonly id: number; readonly question: Question }
  /** Give this to the machine. */
  | { readonly do: "input"; readonly input: MachineInput }
  /** How many viewers watch now. */
  | { readonly do: "watched"; readonly viewers: number }
  | { readonly do: "emit"; readonly event: ServerEvent }
  /** Call `tick` then; replaces the last wake. */
  | { readonly do: "wake"; readonly atMs: number }
  /** The ticket key of this question serves no more. */
  | { readonly do: "forget-key"; readonly keyId: number }
  /** Send what waits for this connection, then close it. */
  | { readonly do: "close"; readonly connection: number };

/** Common capabilities of this server. */
const COMMON_CAPS: readonly number[] = [CommonCap.PROTOCOL_AUTH_SELECTION, CommonCap.AUTH_SPICE, CommonCap.MINI_HEADER];

/** Capabilities of this server by channel type: only what works. */
const CHANNEL_CAPS: Readonly<Record<number, readonly number[]>> = {
  [channels.main.type]: [MainCap.NAME_AND_UUID, MainCap.AGENT_CONNECTED_TOKENS],
  [channels.display.type]: [DisplayCap.MONITORS_CONFIG, DisplayCap.PREF_COMPRESSION],
  [channels.inputs.type]: [InputsCap.KEY_SCANCODE],
};

/** Bytes that a viewer's message may have: viewers send no pictures. Source: red-channel-client.cpp MAX. */
const CLIENT_MESSAGE_BYTES = 1024 * 1024;

/** A connection, where it comes from, and until when its link must be done. */
interface Member {
  readonly connection: Connection;
  readonly address: string;
  readonly deadlineMs: number;
  keyId: number | null;
  random: number;
  viewer: Viewer | null;
  /** What let it in; `null` before. */
  ticket: Ticket | null;
}

/** A head of the machine. */
interface HeadState {
  screen: Screen | null;
  cursor: MachineCursor;
}

/** The server core. It is the `Vdi` of its machine. */
export class ServerCore implements Vdi {
  /** Bounds against hostile viewers, as they hold. */
  readonly limits: Limits;
  readonly #options: ServerOptions;
  readonly #outputs = new Fifo<ServerOutput>();
  readonly #members = new Map<number, Member>();
  readonly #viewers = new Map<number, Viewer>();
  readonly #heads = new Map<number, HeadState>();
  readonly #asked = new Map<number, Member>();
  readonly #arbiter = new InputArbiter((input) => this.#outputs.push({ do: "input", input }));
  #tickets: readonly Ticket[];
  #questions = 0;
  #nowMs = 0;
  #name: string | null = null;
  #uuid: Uint8Array | null = null;
  #leds = 0;
  #mouseModes: MouseModes = { absolute: false, relative: true };

  /** Makes a server without heads, viewers or connections. */
  constructor(options: ServerOptions) {
    this.#options = options;
    this.#tickets = options.tickets;
    const limits = options.limits ?? DEFAULT_LIMITS;
    this.limits = { ...limits, messageBytes: Math.min(limits.messageBytes, CLIENT_MESSAGE_BYTES) };
  }

  /** Viewers that are in now. */
  get viewers(): readonly ViewerInfo[] {
    return [...this.#viewers.values()];
  }

  /** How many connections there are now, those whose link is not done included. */
  get connections(): number {
    return this.#members.size;
  }

  /** The picture of a head; `undefined` while the head is off. */
  screen(head: number): Screen | undefined {
    return this.#heads.get(head)?.screen ?? undefined;
  }

  /** Other tickets from now on; viewers that are in stay. */
  setTickets(tickets: readonly Ticket[]): void {
    this.#tickets = tickets;
  }

  /** Input: a connection was accepted. @param connection A number that no other connection has. */
  accepted(connection: number, address: string, nowMs: number): void {
    this.#nowMs = nowMs;
    const { maxConnectionsPerAddress = 512, maxHalfOpen = 128 } = this.#options;
    const members = [...this.#members.values()];
    const ofAddress = members.filter((member) => member.address === address).length;
    if (ofAddress >= maxConnectionsPerAddress) {
      const error = tooMany("accept", `${ofAddress} connections of this address`);
      this.#emit({ type: "fault", address, channel: "accept", error });
      this.#outputs.push({ do: "close", connection });
      return;
    }
    const halfOpen = [...this.#members].filter(([, member]) => !member.connection.linked);
    const oldest = halfOpen[0];
    // Who says nothing makes room, so that connections that wait for ever keep nobody out.
    if (oldest !== undefined && halfOpen.length >= maxHalfOpen) {
      this.#guard(oldest[0], () => {
        throw tooMany("keep", `${halfOpen.length} connections that have not linked, of which it is the oldest`);
      });
    }
    const member: Member = {
      address,
      deadlineMs: nowMs + this.limits.handshakeMs,
      keyId: null,
      random: 0,
      viewer: null,
      ticket: null,
      connection: new Connection({
        send: (chunks) => this.#outputs.push({ do: "send", connection, chunks }),
        makeKey: () => {
          member.keyId = this.#ask(member, { kind: "ticket-key" });
        },
        judge: (encrypted) => this.#ask(member, { kind: "decrypt-ticket", keyId: member.keyId!, encrypted }),
        grant: (request) => this.#grant(request),
        linked: (port, request) => this.#linked(connection, member, port, request),
      }, this.limits),
    };
    this.#members.set(connection, member);
    this.#wake();
  }

  /** Input: bytes of a connection, in any split; the buffer may be reused afterwards. */
  receive(connection: number, bytes: Uint8Array, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#guard(connection, (member) => member.connection.receive(bytes, nowMs));
  }

  /** Input: a connection ended. @param error What went wrong with it; `null` for a clean end. */
  ended(connection: number, error: ProtocolError | null, nowMs: number): void {
    this.#nowMs = nowMs;
    const member = this.#members.get(connection);
    if (member === undefined) return;
    if (error !== null) {
      this.#emit({ type: "fault", address: member.address, channel: member.connection.description, error });
    }
    this.#drop(connection, member);
  }

  /** Input: the answer to a question. */
  answer(id: number, answer: Answer, nowMs: number): void {
    this.#nowMs = nowMs;
    const member = this.#asked.get(id);
    this.#asked.delete(id);
    const found = [...this.#members].find(([, other]) => other === member);
    if (member === undefined || found === undefined) {
      // Whoever wanted the key has gone.
      if (answer.kind === "ticket-key") this.#outputs.push({ do: "forget-key", keyId: id });
      return;
    }
    this.#guard(found[0], () => {
      switch (answer.kind) {
        case "failed":
          throw answer.error;
        case "ticket-key":
          member.random = answer.random;
          return member.connection.answerKey(answer.publicKey, nowMs);
        case "decrypt-ticket":
          return member.connection.answerTicket(this.#judge(member, answer.password), nowMs);
        case "encrypt-ticket":
          throw new TypeError("A server asks for no encrypted ticket");
      }
    });
  }

  /** Input: the connection's socket can take more. @returns False when nothing waits that may go now. */
  pull(connection: number, nowMs: number): boolean {
    this.#nowMs = nowMs;
    const member = this.#members.get(connection);
    return member?.connection.pull(nowMs) ?? false;
  }

  /** Input: the time that `wake` asked for has come. */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const [number, { connection, deadlineMs }] of [...this.#members]) {
      if (connection.linked || nowMs < deadlineMs) continue;
      this.#guard(number, () => {
        const detail = `no end of the handshake after ${this.limits.handshakeMs} ms (state ${connection.description})`;
        throw new ProtocolError({ code: "timeout", action: "link", message: "a viewer", detail });
      });
    }
    this.#wake();
  }

  /** Command: tells every viewer that the server stops, and closes. */
  close(reason: number, nowMs: number): void {
    this.#nowMs = nowMs;
    for (const [number, { connection }] of [...this.#members]) {
      const detail = "the server stops";
      const error = new ProtocolError({
        by: "local",
        code: "closed",
        message: "the server",
        detail,
        linkError: reason,
      });
      if (connection.linked) this.#send(number, connection.farewell(error, nowMs));
      this.#outputs.push({ do: "close", connection: number });
    }
  }

  /** The next thing to do, or `undefined`. */
  poll(): ServerOutput | undefined {
    return this.#outputs.shift();
  }

  /** Input: name and UUID of the machine, for viewers that come from now on. */
  identity(name: string | null, uuid: Uint8Array | null): void {
    this.#name = name;
    this.#uuid = uuid;
  }

  /** Input: a head appeared, changed its size, or went away. @throws {CanvasError} `bad-size`. */
  head(head: number, size: { readonly width: number; readonly height: number } | null): void {
    const known = this.#heads.get(head);
    const state = known ?? { screen: null, cursor: { shape: null, visible: false, at: null } };
    state.screen = size === null ? null : new Screen(size.width, size.height, this.limits.pixels);
    this.#heads.set(head, state);
    for (const viewer of this.#viewers.values()) {
      viewer.displays.get(head)?.headChanged();
      if (known === undefined) viewer.main?.channelsAdded(channelsOfHead(head));
    }
  }

  /** Input: the machine drew. @throws {RangeError} Edges that are not whole numbers, or too few pixels. */
  draw(head: number, drawable: Drawable): void {
    const screen = this.#heads.get(head)?.screen;
    if (!screen) return;
    for (const change of screen.draw(drawable)) {
      for (const viewer of this.#viewers.values()) viewer.displays.get(head)?.changed(change);
    }
  }

  /** Input: the pointer of a head changed. */
  cursor(head: number, cursor: MachineCursor): void {
    const state = this.#heads.get(head);
    if (state !== undefined) state.cursor = cursor;
  }

  /** Input: the keyboard LEDs changed; flags of `KeyboardModifierFlags`. */
  leds(modifiers: number): void {
    this.#leds = modifiers;
    for (const viewer of this.#viewers.values()) for (const inputs of viewer.inputs) inputs.ledsChanged();
  }

  /** Input: the machine's pointer devices changed. */
  mouseModes(modes: MouseModes): void {
    this.#mouseModes = modes;
    for (const viewer of this.#viewers.values()) viewer.main?.mouseModesChanged();
  }

  #emit(event: ServerEvent): void {
    this.#outputs.push({ do: "emit", event });
  }

  #send(connection: number, chunks: readonly Uint8Array[]): void {
    if (chunks.length > 0) this.#outputs.push({ do: "send", connection, chunks });
  }

  #ask(member: Member, question: Question): number {
    const id = ++this.#questions;
    this.#asked.set(id, member);
    this.#outputs.push({ do: "ask", id, question });
    return id;
  }

  #wake(): void {
    const deadlines = [...this.#members.values()].filter(({ connection }) => !connection.linked)
      .map(({ deadlineMs }) => deadlineMs);
    if (deadlines.length > 0) this.#outputs.push({ do: "wake", atMs: Math.min(...deadlines) });
  }

  /** Runs an input of a connection; a broken rule ends that connection and no other. */
  #guard(number: number, input: (member: Member) => void): void {
    const member = this.#members.get(number);
    if (member === undefined) return;
    try {
      input(member);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#emit({ type: "fault", address: member.address, channel: member.connection.description, error });
      this.#send(number, member.connection.farewell(error, this.#nowMs));
      this.#outputs.push({ do: "close", connection: number });
      this.#drop(number, member);
    }
  }

  /** Which channel may be had is said before the ticket; whose it is only after it. */
  #grant({ channelType }: SpiceLinkMess): Grant | { readonly refuse: number } {
    const declaration = channelByType(channelType);
    const served = declaration !== undefined && SERVED.has(channelType);
    if (!served) return { refuse: LinkErr.CHANNEL_NOT_AVAILABLE };
    return { declaration, commonCaps: COMMON_CAPS, channelCaps: CHANNEL_CAPS[channelType] ?? [] };
  }

  /** @returns OK, or the `link_err` to refuse with. */
  #judge(member: Member, password: Uint8Array | null): number {
    const { channelType, channelId, connectionId } = member.connection.request!;
    const viewer = channelType === channels.main.type ? undefined : this.#viewers.get(connectionId);
    // Who is in stays in: the ticket that let a viewer in opens its other channels, also when it has expired since.
    const own = viewer !== undefined && opens(viewer.ticket, password) ? viewer.ticket : undefined;
    const ticket = own ?? this.#tickets.find((ticket) => {
      return (ticket.untilMs === null || this.#nowMs <= ticket.untilMs) && opens(ticket, password);
    });
    if (ticket === undefined) return LinkErr.PERMISSION_DENIED;
    member.ticket = ticket;
    if (channelType === channels.main.type) {
      // Another number than 0 announces a migration.
      if (connectionId !== 0) return LinkErr.BAD_CONNECTION_ID;
      const full = this.#viewers.size >= (this.#options.maxViewers ?? 32);
      return full ? LinkErr.PERMISSION_DENIED : LinkErr.OK;
    }
    if (viewer === undefined) return LinkErr.BAD_CONNECTION_ID;
    // Who knows the number of a viewer who steers, and only the password to see, must not steer.
    const role = ticket.role === "control" ? viewer.role : "view";
    const offered = this.#offered(role).some(({ type, id }) => type === channelType && id === channelId);
    const taken = [...viewer.connections].some((number) => {
      const request = this.#members.get(number)?.connection.request;
      return request?.channelType === channelType && request.channelId === channelId;
    });
    // A second one of a kind is refused. Source: spice-server red-client.cpp RedClient::add_channel.
    return offered && !taken ? LinkErr.OK : LinkErr.CHANNEL_NOT_AVAILABLE;
  }

  #offered(role: Role): readonly OfferedChannel[] {
    const heads = [...this.#heads.keys()].toSorted((a, b) => a - b).flatMap(channelsOfHead);
    return role === "control" ? [...heads, { type: channels.inputs.type, id: 0 }] : heads;
  }

  #linked(number: number, member: Member, port: Port, request: SpiceLinkMess): Handler {
    const viewer = request.channelType === channels.main.type
      ? this.#join(member)
      : this.#viewers.get(request.connectionId)!;
    member.viewer = viewer;
    viewer.connections.add(number);
    switch (request.channelType) {
      case channels.main.type:
        return viewer.main = this.#makeMain(viewer, port);
      case channels.display.type: {
        const state = this.#heads.get(port.id)!;
        const display = new DisplayChannel(port, {
          compression: this.#options.compression ?? "lz",
          get screen() {
            return state.screen;
          },
        });
        viewer.displays.set(port.id, display);
        return display;
      }
      case channels.cursor.type: {
        const cursor = new CursorChannel(port, this.#heads.get(port.id)!);
        viewer.cursors.set(port.id, cursor);
        return cursor;
      }
      default: {
        const leds = () => this.#leds;
        const inputs = new InputsChannel(port, {
          get leds() {
            return leds();
          },
          get absolute() {
            return viewer.absolute;
          },
          input: (input) => {
            const possible = this.#possible(input);
            if (possible !== null) this.#arbiter.input(viewer.sessionId, possible);
          },
        });
        viewer.inputs.add(inputs);
        return inputs;
      }
    }
  }

  /** Cuts places to the head that they name: a viewer may not know yet that it shrank. `null`: there is no such head. */
  #possible(input: MachineInput): MachineInput | null {
    if (input.kind !== "position") return input;
    const surface = this.#heads.get(input.head)?.screen?.surface;
    if (surface === undefined) return null;
    return { ...input, x: Math.min(input.x, surface.width - 1), y: Math.min(input.y, surface.height - 1) };
  }

  #join(member: Member): Viewer {
    let sessionId = member.random >>> 0;
    while (sessionId === 0 || this.#viewers.has(sessionId)) sessionId = (sessionId + 1) >>> 0;
    const viewer = new Viewer(sessionId, member.ticket!, member.address);
    this.#viewers.set(sessionId, viewer);
    this.#emit({ type: "viewer-joined", sessionId, address: member.address, role: viewer.role });
    this.#outputs.push({ do: "watched", viewers: this.#viewers.size });
    return viewer;
  }

  #makeMain(viewer: Viewer, port: Port): MainChannel {
    // deno-lint-ignore no-this-alias -- the getters of the host read the server as it is when they are asked
    const server = this;
    return new MainChannel(port, {
      sessionId: viewer.sessionId,
      get name() {
        return server.#name;
      },
      get uuid() {
        return server.#uuid;
      },
      get heads() {
        return server.#heads.size;
      },
      get mouseModes() {
        return server.#mouseModes;
      },
      get channels() {
        return server.#offered(viewer.role);
      },
      get mmTime() {
        return Math.trunc(server.#nowMs) >>> 0;
      },
      mouseMode: (absolute) => {
        viewer.absolute = absolute;
      },
    });
  }

  /** Forgets a connection; with its main channel a viewer goes altogether. */
  #drop(number: number, member: Member): void {
    if (!this.#members.delete(number)) return;
    if (!member.connection.linked && member.keyId !== null) {
      this.#outputs.push({ do: "forget-key", keyId: member.keyId });
    }
    member.connection.end();
    const { viewer } = member;
    if (viewer === null) return;
    viewer.connections.delete(number);
    const { channelType, channelId } = member.connection.request!;
    if (channelType === channels.display.type) viewer.displays.delete(channelId);
    if (channelType === channels.cursor.type) viewer.cursors.delete(channelId);
    if (channelType === channels.inputs.type) {
      viewer.inputs.clear();
      this.#arbiter.leave(viewer.sessionId);
    }
    if (channelType !== channels.main.type) return;
    this.#viewers.delete(viewer.sessionId);
    this.#arbiter.leave(viewer.sessionId);
    for (const other of [...viewer.connections]) {
      this.#outputs.push({ do: "close", connection: other });
      this.#drop(other, this.#members.get(other)!);
    }
    const { sessionId, address } = viewer;
    this.#emit({ type: "viewer-left", sessionId, address, viewers: this.#viewers.size });
    this.#outputs.push({ do: "watched", viewers: this.#viewers.size });
  }
}

/** Channel types that are served. */
const SERVED: ReadonlySet<number> = new Set([
  channels.main.type,
  channels.display.type,
  channels.cursor.type,
  channels.inputs.type,
]);

function channelsOfHead(head: number): readonly OfferedChannel[] {
  return [{ type: channels.display.type, id: head }, { type: channels.cursor.type, id: head }];
}

function tooMany(action: string, detail: string): ProtocolError {
  return new ProtocolError({ code: "too-large", action, message: "a connection", detail });
}

function opens(ticket: Ticket, password: Uint8Array | null): boolean {
  return ticket.password === null || (password !== null && equal(ticket.password, password));
}

/** Compares without telling by its time where the difference is. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < b.length; i++) difference |= (a[i] ?? 0) ^ b[i]!;
  return difference === 0;
}
