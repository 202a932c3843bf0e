/** A client that is judged: a scripted server on a port of its own, and the program that connects to it. */
import { CommonCap, hasCap, wordsOfCaps } from "../../protocol/capabilities.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { channelByType, type ChannelName, channels } from "../../protocol/messages/channels.ts";
import { CursorInit } from "../../protocol/messages/cursor.ts";
import {
  DisplayInit,
  DisplayMark,
  DisplayMonitorsConfig,
  DisplaySurfaceCreate,
} from "../../protocol/messages/display.ts";
import { LinkErr, MouseMode, SurfaceFlags, SurfaceFmt } from "../../protocol/messages/enums.ts";
import { InputsInit } from "../../protocol/messages/inputs.ts";
import {
  LINK_HEADER_BYTES,
  SPICE_MAGIC,
  SPICE_TICKET_BYTES,
  SpiceLinkAuthMechanism,
  SpiceLinkHeader,
  SpiceLinkMess,
  SpiceLinkReply,
  SpiceLinkResult,
} from "../../protocol/messages/link.ts";
import { MainAttachChannels, MainChannelsList, MainInit } from "../../protocol/messages/main.ts";
import { decode } from "../../protocol/schema/decode.ts";
import { encodeBytes } from "../../protocol/schema/encode.ts";
import type { ValueOf } from "../../protocol/schema/message.ts";
import type { Infer } from "../../protocol/schema/wire.ts";
import { type Control, ControlProgram, NO_CONTROL } from "./control.ts";
import { Evidence } from "./evidence.ts";
import { withHeader } from "./server_peer.ts";
import { Talk } from "./talk.ts";
import { makeTicketKey, type TicketKey } from "./ticket_cipher.ts";
import { fail, lacks } from "./verdict.ts";
import { Wire } from "./wire.ts";

/** What is known of a client before it is judged. */
export interface ClientTarget {
  /** Program and arguments; `{uri}`, `{host}`, `{port}` and `{password}` are put in. */
  readonly command: readonly string[];
  /** Whether the program speaks the control protocol, see `control.ts`. */
  readonly speaks: boolean;
  /** How long it may take from its start to its first connection. Default: {@link START_MS}. */
  readonly startMs?: number;
}

/** What the scripted server is like; every part that is left out is as a good server has it. */
export interface Script {
  /** The ticket that clients must know. Default: none is asked for, every ticket is right. */
  readonly password?: string;
  /** By bit number. Default: PROTOCOL_AUTH_SELECTION, AUTH_SPICE, MINI_HEADER. */
  readonly commonCaps?: readonly number[];
  /** By bit number, for each channel. Default: none. */
  readonly channelCaps?: Partial<Record<ChannelName, readonly number[]>>;
  /** The channels beside main. Default: one display, cursor and inputs channel. */
  readonly channels?: readonly { readonly name: ChannelName; readonly id?: number }[];
  /** Parts of MAIN_INIT. */
  readonly init?: Partial<ValueOf<typeof MainInit>>;
  /** Size of the primary surfaces. Default: 320 × 200. */
  readonly size?: { readonly width: number; readonly height: number };
  /**
   * What is done in place of a `SpiceLinkReply` or `SpiceLinkResult` of OK, by channel.
   * @returns A `link_err` to refuse with; `null` lets the client in.
   */
  readonly refuse?: (request: Infer<typeof SpiceLinkMess>, when: "reply" | "result") => number | null;
  /**
   * Sends a part of the handshake in place of the suite, which would send `good`.
   * @returns Whether the link goes on.
   */
  readonly say?: (wire: Wire, good: Uint8Array, when: "reply" | "result") => Promise<boolean>;
  /**
   * Whether a channel gets its first messages by itself: MAIN_INIT and the list; the surface, its monitors and mark after
   * DISPLAY_INIT; CURSOR_INIT; INPUTS_INIT. Default: all of them.
   */
  readonly greet?: (name: ChannelName) => boolean;
}

/** How a client's link went. */
export interface Arrival {
  readonly name: ChannelName | null;
  readonly wire: Wire;
  readonly header: Infer<typeof SpiceLinkHeader>;
  readonly request: Infer<typeof SpiceLinkMess>;
  /** The bytes of the request. */
  readonly body: Uint8Array;
  /** `null` when the client was not asked, or did not say. */
  readonly authMechanism: number | null;
  /** The password that it sent; `null` when it could not be decrypted, or none came. */
  readonly password: string | null;
  /** The channel, when the script let it in. */
  readonly talk: Talk | null;
  /** What a display began with; `null` when the script did not greet it. */
  readonly displayInit: ValueOf<typeof DisplayInit> | null;
}

const DEFAULT_CAPS: readonly number[] = [
  CommonCap.PROTOCOL_AUTH_SELECTION,
  CommonCap.AUTH_SPICE,
  CommonCap.MINI_HEADER,
];
const DEFAULT_CHANNELS = [{ name: "display" }, { name: "cursor" }, { name: "inputs" }] as const;
const DEFAULT_SIZE = { width: 320, height: 200 };
/** How long a client may take to begin, unless it is told. */
export const START_MS = 5000;
/** How long a client that runs may take for anything. */
const PATIENCE_MS = 5000;
/** How long the end of a program may be unknown after that of its connections. */
const ENDING_MS = 1500;
/** The session id that a scripted server gives. */
export const SESSION_ID = 0x5affa07;

/** MAIN_INIT of a good server; parts can be given. */
export function mainInit(parts: Partial<ValueOf<typeof MainInit>> = {}): ValueOf<typeof MainInit> {
  return {
    sessionId: SESSION_ID,
    displayChannelsHint: 1,
    supportedMouseModes: MouseMode.SERVER | MouseMode.CLIENT,
    currentMouseMode: MouseMode.CLIENT,
    agentConnected: 0,
    agentTokens: 10,
    multiMediaTime: 1000,
    ramHint: 0,
    ...parts,
  };
}

/** A client, started by {@link start}. Disposing ends it and the server. */
export class ClientPeer implements AsyncDisposable {
  readonly #arrivals: Arrival[] = [];
  readonly #wires: Wire[] = [];
  readonly #serving = new Set<Promise<void>>();
  #listener: Deno.TcpListener | null = null;
  #program: ControlProgram | null = null;
  #script: Script = {};
  #wake: () => void = () => {};
  #problem: unknown = null;

  constructor(readonly target: ClientTarget, readonly evidence: Evidence = new Evidence()) {}

  /** Makes the client do things. */
  get control(): Control {
    return this.#program ?? NO_CONTROL;
  }

  /** All links that have come so far. */
  get arrivals(): readonly Arrival[] {
    return this.#arrivals;
  }

  /** How many connections the client has made, whatever became of them. */
  get connections(): number {
    return this.#wires.length;
  }

  /** What the client's program has written. */
  get output(): string {
    return this.#program?.output ?? "";
  }

  /** Whether the client's program still runs. */
  get runs(): boolean {
    return this.#program !== null && !this.#program.ended;
  }

  /**
   * Fails when a signal has ended the client's program, as a crash does, or when it answers nothing any more.
   *
   * A crash ends the connections a moment before anybody hears of it. Who answers has not crashed; a program that cannot
   * be asked is waited for, if it has a connection that is over.
   */
  async mustNotCrash(): Promise<void> {
    const program = this.#program;
    if (program === null || await program.answers()) return;
    const status = await program.ending(this.#wires.some(({ ended }) => ended) ? ENDING_MS : 0);
    if (status === null) return program.speaks ? fail("its program answers nothing any more") : undefined;
    const signal = signalOf(status);
    if (signal === null) return;
    const said = this.output.trim().split("\n").filter((line) => line !== "").slice(-3).join(" | ").slice(-400);
    fail(`its program is ended by ${signal}${said === "" ? "" : `; its last words: ${said}`}`);
  }

  /** Starts the server, then the client. */
  async start(script: Script = {}): Promise<void> {
    this.#script = script;
    const listener = this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const key = await makeTicketKey(), { port } = listener.addr;
    this.#task(this.#accept(listener, key));
    const values = {
      uri: `spice://127.0.0.1:${port}`,
      host: "127.0.0.1",
      port: `${port}`,
      password: script.password ?? "",
    };
    const words = this.target.command.map((word) => {
      return word.replaceAll(/\{(uri|host|port|password)\}/g, (_, name: keyof typeof values) => values[name]);
    });
    this.#program = new ControlProgram(words, this.target.speaks);
  }

  /** Starts both and waits for the main channel. */
  async main(script: Script = {}): Promise<Talk> {
    await this.start(script);
    return await this.channel("main");
  }

  /**
   * Waits for a link, whatever became of it.
   * @throws {Finding} `failed`: the client does not come.
   */
  async arrival(name: ChannelName, id = 0, nth = 0): Promise<Arrival> {
    const find = () => this.#arrivals.filter((one) => one.name === name && one.request.channelId === id)[nth];
    await this.#until(this.target.startMs ?? START_MS, () => this.#arrivals[0]);
    const found = find() ?? await this.#until(PATIENCE_MS, find);
    if (found !== null) return found;
    const others = this.#arrivals.map((one) => `${one.name} ${one.request.channelId}`).join(", ");
    const said = others === "" ? `nothing; its program says ${JSON.stringify(this.output.slice(-300))}` : others;
    if (name !== "main" && this.#arrivals.some((one) => one.name === "main")) {
      lacks(`it does not link the ${name} channel ${id}, only ${said}`);
    }
    return fail(`it does not link the ${name} channel ${id}, only ${said}`);
  }

  /** Waits for a channel that the script lets in. */
  async channel(name: ChannelName, id = 0, nth = 0): Promise<Talk> {
    const { talk } = await this.arrival(name, id, nth);
    return talk ?? fail(`its link of the ${name} channel does not come to its end`);
  }

  /** Ends client and server. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener?.close();
    for (const wire of this.#wires) wire.close();
    await this.#program?.[Symbol.asyncDispose]();
    await Promise.all(this.#serving);
    if (this.#problem !== null) throw this.#problem;
  }

  async #until<T>(patienceMs: number, look: () => T | undefined): Promise<T | null> {
    const end = performance.now() + patienceMs;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      const left = end - performance.now();
      if (left <= 0 || (this.#program?.ended && this.#arrivals.length === 0)) return null;
      await new Promise<void>((done) => {
        const timer = setTimeout(done, Math.min(left, 50));
        this.#wake = () => (clearTimeout(timer), done());
      });
    }
  }

  #task(task: Promise<void>): void {
    const kept = task.catch((error) => {
      // A finding about a link shows in its arrival, or in that there is none.
      if (!(error instanceof Error && error.name === "Finding")) this.#problem ??= error;
    }).finally(() => this.#serving.delete(kept));
    this.#serving.add(kept);
  }

  async #accept(listener: Deno.TcpListener, key: TicketKey): Promise<void> {
    for (;;) {
      const conn = await listener.accept().catch(() => null);
      if (conn === null) return;
      const wire = new Wire(conn, this.evidence, PATIENCE_MS);
      this.evidence.note(wire.number, "peer", "connects");
      this.#wires.push(wire);
      this.#task(this.#link(wire, key));
    }
  }

  async #link(wire: Wire, key: TicketKey): Promise<void> {
    const script = this.#script, commonCaps = script.commonCaps ?? DEFAULT_CAPS;
    const head = await wire.take(LINK_HEADER_BYTES, "SpiceLinkHeader");
    if (head === null) return;
    const header = decode(SpiceLinkHeader, head);
    if (header.magic !== SPICE_MAGIC || header.size > 4096) return wire.close();
    const body = await wire.take(header.size, "SpiceLinkMess");
    if (body === null) return;
    const request = readMess(body);
    if (request === null) return wire.close();
    const declaration = channelByType(request.channelType);
    const name = declaration === undefined ? null : declaration.name as ChannelName;
    const arrival = {
      name,
      wire,
      header,
      request,
      body,
      authMechanism: null,
      password: null,
      talk: null,
      displayInit: null,
    };
    const refusal = script.refuse?.(request, "reply") ?? null;
    const channelCaps = name === null ? [] : script.channelCaps?.[name] ?? [];
    const say = async (bytes: Uint8Array, when: "reply" | "result") => {
      if (script.say !== undefined) return await script.say(wire, bytes, when);
      return await wire.send(bytes, when === "reply" ? "SpiceLinkReply" : "SpiceLinkResult");
    };
    const goesOn = await say(
      withHeader(encodeBytes(SpiceLinkReply, {
        error: refusal ?? LinkErr.OK,
        pubKey: refusal === null ? key.publicKey : new Uint8Array(162),
        caps: { common: wordsOfCaps(commonCaps), channel: wordsOfCaps(channelCaps) },
      })),
      "reply",
    );
    if (refusal !== null || declaration === undefined || !goesOn) return this.#arrived(arrival);
    const both = (cap: number) => commonCaps.includes(cap) && hasCap(request.caps?.common ?? [], cap);
    let authMechanism: number | null = null;
    if (both(CommonCap.PROTOCOL_AUTH_SELECTION)) {
      const choice = await wire.take(4, "SpiceLinkAuthMechanism");
      if (choice === null) return this.#arrived(arrival);
      authMechanism = decode(SpiceLinkAuthMechanism, choice).authMechanism;
    }
    const ticket = await wire.take(SPICE_TICKET_BYTES, "SpiceLinkEncryptedTicket");
    if (ticket === null) return this.#arrived({ ...arrival, authMechanism });
    const password = await key.decrypt(ticket), wrong = script.password !== undefined && password !== script.password;
    const result = script.refuse?.(request, "result") ?? (wrong ? LinkErr.PERMISSION_DENIED : LinkErr.OK);
    if (!await say(encodeBytes(SpiceLinkResult, { error: result }), "result") || result !== LinkErr.OK) {
      return this.#arrived({ ...arrival, authMechanism, password });
    }
    const talk = new Talk(wire, {
      declaration,
      id: request.channelId,
      header: both(CommonCap.MINI_HEADER) ? "mini" : "full",
      as: "server",
      commonCaps: request.caps?.common ?? [],
      channelCaps: request.caps?.channel ?? [],
    });
    const displayInit = script.greet?.(name!) ?? true ? await this.#greet(name!, talk) : null;
    this.#arrived({ ...arrival, authMechanism, password, talk, displayInit });
  }

  #arrived(arrival: Arrival): void {
    this.#arrivals.push(arrival);
    this.#wake();
  }

  /** The first messages of a channel. Source: spice-server main_channel_push_init, dcc_start, inputs_connect. */
  async #greet(name: ChannelName, talk: Talk): Promise<ValueOf<typeof DisplayInit> | null> {
    const { size = DEFAULT_SIZE, init, channels: list = DEFAULT_CHANNELS } = this.#script;
    switch (name) {
      case "main":
        await talk.send(MainInit, mainInit(init));
        await talk.expect(MainAttachChannels);
        await talk.send(MainChannelsList, {
          channels: list.map((one) => ({ type: channels[one.name].type, id: "id" in one ? one.id ?? 0 : 0 })),
        });
        return null;
      case "display": {
        const displayInit = await talk.expect(DisplayInit);
        await talk.send(DisplaySurfaceCreate, {
          surfaceId: 0,
          ...size,
          format: SurfaceFmt["32_xRGB"],
          flags: SurfaceFlags.PRIMARY,
        });
        await talk.send(DisplayMonitorsConfig, {
          maxAllowed: 1,
          heads: [{ monitorId: 0, surfaceId: 0, ...size, x: 0, y: 0, flags: 0 }],
        });
        await talk.send(DisplayMark, {});
        return displayInit;
      }
      case "cursor":
        await talk.send(CursorInit, {
          position: { x: 0, y: 0 },
          trailLength: 0,
          trailFrequency: 0,
          visible: 1,
          cursor: { flags: 1, header: null, data: new Uint8Array(0) },
        });
        return null;
      case "inputs":
        await talk.send(InputsInit, { keyboardModifiers: 0 });
        return null;
      default:
        return null;
    }
  }
}

/** The signal that ended a program; a shell around it tells it as 128 and the number. */
function signalOf({ signal, code }: Deno.CommandStatus): string | null {
  return signal ?? (code > 128 && code < 160 ? `signal ${code - 128}` : null);
}

function readMess(body: Uint8Array): Infer<typeof SpiceLinkMess> | null {
  try {
    return decode(SpiceLinkMess, body);
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}
