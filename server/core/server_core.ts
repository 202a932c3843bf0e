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
import { type EncodeFailure, EncodeJobs, type EncodeOutput, JOBS_A_WORKER } from "./encode_jobs.ts";
import type { EncodeResult } from "./encode_picture.ts";
import type { PictureCompression, SlowLinkChoice } from "./image_compression.ts";
import { InputArbiter } from "./input_arbiter.ts";
import { type HeadState, MachineState } from "./machine_state.ts";
import { type Member, type MemberLimits, Members } from "./members.ts";
import type { Handler, Port } from "./port.ts";
import { Screen } from "./screen.ts";
import { isValid, opens, type Role, type Ticket } from "./ticket.ts";
import type { Drawable, MachineCursor, MachineInput, MouseModes, Vdi } from "./vdi.ts";
import { Viewer, type ViewerInfo } from "./viewer.ts";

/** What a server is asked to be. */
export interface ServerOptions extends MemberLimits {
  /** Passwords that let viewers in; a ticket without a password lets in everyone. */
  readonly tickets: readonly Ticket[];
  /** Bounds against hostile viewers. Default: `DEFAULT_LIMITS`. */
  readonly limits?: Limits;
  /** Most viewers at once. Default: 32. */
  readonly maxViewers?: number;
  /** Compression of pictures, unless a viewer asks otherwise. Default: `auto`, without loss whatever the link. */
  readonly imageCompression?: PictureCompression;
  /** Whether photographs go out as JPEG first, and without loss once they rest. Default: `never`. */
  readonly jpeg?: SlowLinkChoice;
  /** Whether GLZ goes inside zlib, which takes more work and fewer bytes. Default: `auto`, on slow links. */
  readonly zlibGlz?: SlowLinkChoice;
  /**
   * Workers that the driver has for large pictures: of each, up to two `encode` outputs wait for `encoded`. Default: 0,
   * which makes no such output.
   */
  readonly workers?: number;
}

/** What a server tells whoever runs it. */
export type ServerEvent =
  | { readonly type: "viewer-joined"; readonly sessionId: number; readonly address: string; readonly role: Role }
  | { readonly type: "viewer-left"; readonly sessionId: number; readonly address: string; readonly viewers: number }
  /** A connection was closed because of an error; `channel` says how far it had come. */
  | { readonly type: "fault"; readonly address: string; readonly channel: string; readonly error: ProtocolError }
  /** A worker failed at a picture, which the server then encoded itself. */
  | EncodeFailure & { readonly type: "encode-failed" };

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
  | EncodeOutput
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

/** The server core. It is the `Vdi` of its machine. */
export class ServerCore implements Vdi {
  /** Bounds against hostile viewers, as they hold. */
  readonly limits: Limits;
  readonly #options: ServerOptions;
  readonly #outputs = new Fifo<ServerOutput>();
  readonly #members: Members;
  readonly #viewers = new Map<number, Viewer>();
  readonly #machine = new MachineState();
  readonly #asked = new Map<number, Member>();
  readonly #jobs: EncodeJobs;
  readonly #arbiter = new InputArbiter((input) => this.#outputs.push({ do: "input", input }));
  #tickets: readonly Ticket[];
  #questions = 0;
  #nowMs = 0;

  /** Makes a server without heads, viewers or connections. */
  constructor(options: ServerOptions) {
    this.#options = options;
    this.#tickets = options.tickets;
    this.#members = new Members(options);
    this.#jobs = new EncodeJobs(
      (options.workers ?? 0) * JOBS_A_WORKER,
      (output) => this.#outputs.push(output),
      (failure) => this.#emit({ type: "encode-failed", ...failure }),
    );
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
    return this.#machine.heads.get(head)?.screen ?? undefined;
  }

  /** Other tickets from now on; viewers that are in stay. */
  setTickets(tickets: readonly Ticket[]): void {
    this.#tickets = tickets;
  }

  /** Input: a connection was accepted. @param connection A number that no other connection has. */
  accepted(connection: number, address: string, nowMs: number): void {
    this.#nowMs = nowMs;
    const refusal = this.#members.refusal(address);
    if (refusal !== null) {
      this.#emit({ type: "fault", address, channel: "accept", error: refusal });
      this.#outputs.push({ do: "close", connection });
      return;
    }
    const crowded = this.#members.crowdedOut();
    if (crowded !== null) this.#fault(crowded.member, crowded.error);
    const member: Member = {
      number: connection,
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
        linked: (port, request) => this.#linked(member, port, request),
      }, this.limits),
    };
    this.#members.add(member);
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
    this.#drop(member);
  }

  /** Input: the answer to a question. */
  answer(id: number, answer: Answer, nowMs: number): void {
    this.#nowMs = nowMs;
    const member = this.#asked.get(id);
    this.#asked.delete(id);
    if (member === undefined || this.#members.get(member.number) === undefined) {
      // Whoever wanted the key has gone.
      if (answer.kind === "ticket-key") this.#outputs.push({ do: "forget-key", keyId: id });
      return;
    }
    this.#guard(member.number, () => {
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
    if (member === undefined || !member.connection.pull(nowMs)) return false;
    // What was sent with a loss comes up again when it has rested.
    if ((member.viewer?.restMs(nowMs) ?? null) !== null) this.#wake();
    return true;
  }

  /** Input: what came of an `encode`. @param result An error when the pixels are lost: the server encodes anew. */
  encoded(id: number, result: EncodeResult | Error, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#jobs.answer(id, result, nowMs);
    this.#wake();
  }

  /** Input: the time that `wake` asked for has come. */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const member of this.#members.late(nowMs)) {
      const { description } = member.connection;
      const detail = `no end of the handshake after ${this.limits.handshakeMs} ms (state ${description})`;
      this.#fault(member, new ProtocolError({ code: "timeout", action: "link", message: "a viewer", detail }));
    }
    this.#wake();
  }

  /** Command: tells every viewer that the server stops, and closes. */
  close(reason: number, nowMs: number): void {
    this.#nowMs = nowMs;
    for (const { number, connection } of this.#members.all()) {
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
    this.#machine.name = name;
    this.#machine.uuid = uuid;
  }

  /** Input: a head appeared, changed its size, or went away. @throws {CanvasError} `bad-size`. */
  head(head: number, size: { readonly width: number; readonly height: number } | null): void {
    const state = this.#head(head), before = state.screen;
    state.screen = size === null ? null : new Screen(size.width, size.height, this.limits.pixels);
    if (before !== null) this.#jobs.cancel(before);
    for (const viewer of this.#viewers.values()) viewer.headChanged(head);
  }

  /** Input: a head takes other sizes, or does so no more. */
  resizable(head: number, can: boolean): void {
    this.#head(head).resizable = can;
    for (const viewer of this.#viewers.values()) viewer.resizableChanged();
  }

  /** Input: the machine drew. @throws {RangeError} Edges that are not whole numbers, or too few pixels. */
  draw(head: number, drawable: Drawable): void {
    const screen = this.screen(head);
    if (screen === undefined) return;
    for (const change of screen.draw(drawable)) {
      for (const viewer of this.#viewers.values()) viewer.changed(head, change);
    }
  }

  /** Input: the machine is in the middle of a picture, or has finished it. */
  drawing(head: number, going: boolean): void {
    const screen = this.screen(head);
    if (screen !== undefined) screen.isPartial = going;
  }

  /** Input: the pointer of a head changed. */
  cursor(head: number, cursor: MachineCursor): void {
    const state = this.#machine.heads.get(head);
    if (state !== undefined) state.cursor = cursor;
  }

  /** Input: the keyboard LEDs changed; flags of `KeyboardModifierFlags`. */
  leds(modifiers: number): void {
    this.#machine.leds = modifiers;
    for (const viewer of this.#viewers.values()) viewer.ledsChanged();
  }

  /** Input: the machine's pointer devices changed. */
  mouseModes(modes: MouseModes): void {
    this.#machine.mouseModes = modes;
    for (const viewer of this.#viewers.values()) viewer.mouseModesChanged();
  }

  /** The state of a head; the first time, viewers are told of its channels. */
  #head(head: number): HeadState {
    const { heads } = this.#machine, known = heads.get(head);
    if (known !== undefined) return known;
    const state: HeadState = { screen: null, cursor: { shape: null, visible: false, at: null }, resizable: false };
    heads.set(head, state);
    for (const viewer of this.#viewers.values()) viewer.headAdded(head);
    return state;
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
    const times = [...this.#viewers.values()].map((viewer) => viewer.restMs(this.#nowMs));
    const all = [this.#members.nextDeadlineMs, ...times].filter((atMs) => atMs !== null);
    if (all.length > 0) this.#outputs.push({ do: "wake", atMs: Math.min(...all) });
  }

  /** Runs an input of a connection; a broken rule ends that connection and no other. */
  #guard(number: number, input: (member: Member) => void): void {
    const member = this.#members.get(number);
    if (member === undefined) return;
    try {
      input(member);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#fault(member, error);
    }
  }

  /** Ends a connection because of an error. */
  #fault(member: Member, error: ProtocolError): void {
    const { number, address, connection } = member;
    this.#emit({ type: "fault", address, channel: connection.description, error });
    this.#send(number, connection.farewell(error, this.#nowMs));
    this.#outputs.push({ do: "close", connection: number });
    this.#drop(member);
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
    const ticket = own ?? this.#tickets.find((ticket) => isValid(ticket, this.#nowMs) && opens(ticket, password));
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
    const offered = this.#machine.offered(role).some(({ type, id }) => type === channelType && id === channelId);
    const taken = [...viewer.connections].some((number) => {
      const request = this.#members.get(number)?.connection.request;
      return request?.channelType === channelType && request.channelId === channelId;
    });
    // A second one of a kind is refused. Source: spice-server red-client.cpp RedClient::add_channel.
    return offered && !taken ? LinkErr.OK : LinkErr.CHANNEL_NOT_AVAILABLE;
  }

  #linked(member: Member, port: Port, { channelType, connectionId }: SpiceLinkMess): Handler {
    const viewer = channelType === channels.main.type ? this.#join(member) : this.#viewers.get(connectionId)!;
    member.viewer = viewer;
    viewer.connections.add(member.number);
    return viewer.open(channelType, port, this.#nowMs);
  }

  #join(member: Member): Viewer {
    let sessionId = member.random >>> 0;
    while (sessionId === 0 || this.#viewers.has(sessionId)) sessionId = (sessionId + 1) >>> 0;
    const viewer = new Viewer(sessionId, member.ticket!, member.address, {
      machine: this.#machine,
      limits: this.limits,
      compression: this.#options.imageCompression ?? "auto",
      jpeg: this.#options.jpeg ?? "never",
      zlibGlz: this.#options.zlibGlz ?? "auto",
      alone: () => this.#viewers.size < 2,
      jobs: this.#jobs,
      input: (input) => this.#arbiter.input(sessionId, input),
    });
    this.#viewers.set(sessionId, viewer);
    this.#emit({ type: "viewer-joined", sessionId, address: member.address, role: viewer.role });
    this.#outputs.push({ do: "watched", viewers: this.#viewers.size });
    return viewer;
  }

  /** Forgets a connection; with its main channel a viewer goes altogether. */
  #drop(member: Member): void {
    const { number, keyId, connection, viewer } = member;
    if (!this.#members.delete(number)) return;
    if (!connection.linked && keyId !== null) this.#outputs.push({ do: "forget-key", keyId });
    connection.end();
    if (viewer === null) return;
    viewer.connections.delete(number);
    const { channelType, channelId } = connection.request!;
    viewer.closed(channelType, channelId);
    // Keys and buttons that it held come up.
    if (channelType === channels.inputs.type) this.#arbiter.leave(viewer.sessionId);
    if (channelType !== channels.main.type) return;
    this.#viewers.delete(viewer.sessionId);
    this.#arbiter.leave(viewer.sessionId);
    for (const other of [...viewer.connections]) {
      this.#outputs.push({ do: "close", connection: other });
      this.#drop(this.#members.get(other)!);
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
