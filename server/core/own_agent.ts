/**
 * The server's own agent: what an agent in the guest would do and the machine can do by itself, the sizes that a viewer
 * wants for its monitors. It speaks the agent's protocol on the viewer's main channel, and announces nothing else, so
 * that no viewer offers clipboards or files that lead nowhere.
 *
 * Source: spice-protocol vd_agent.h; spice-gtk channel-main.c monitors_align, spice_main_channel_send_monitor_config.
 */
import {
  AGENT_MESSAGE_HEADER_BYTES,
  AgentAnnounceCapabilities,
  AgentCap,
  AgentMessageType,
  AgentMonitorsConfig,
  AgentOutcome,
  AgentReply,
  VD_AGENT_PROTOCOL,
  VDAgentMessage,
} from "../../protocol/messages/agent.ts";
import type { Limits } from "../../protocol/limits.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { wordsOfCaps } from "../../protocol/capabilities.ts";
import { decode } from "../../protocol/schema/decode.ts";
import { encodeBytes } from "../../protocol/schema/encode.ts";
import type { Message } from "../../protocol/schema/message.ts";
import type { MachineInput } from "./vdi.ts";

/** What the agent needs of its viewer's server. */
export interface AgentHost {
  readonly limits: Limits;
  /** Sends a message's bytes to the viewer: at most 2048. */
  send(data: Uint8Array): void;
  /** Size of a head that can change it, 0 × 0 while it is off; `null` for one that cannot. */
  size(head: number): { readonly width: number; readonly height: number } | null;
  input(input: MachineInput): void;
}

/** Monitors are told by their place in the list, those that are off included. */
const CAPS = wordsOfCaps([AgentCap.MONITORS_CONFIG, AgentCap.REPLY, AgentCap.SPARSE_MONITORS_CONFIG]);

/** Bytes of a body that is read; longer ones are of no message that is understood here, and passed over. */
const MOST_BODY_BYTES = 16 * 1024;

/** Takes one viewer's agent messages. */
export class OwnAgent {
  readonly #header = new Uint8Array(AGENT_MESSAGE_HEADER_BYTES);
  #headerBytes = 0;
  #type = 0;
  /** The body that is gathered; `null` while it is passed over. */
  #body: Uint8Array | null = null;
  #bodyBytes = 0;
  #bodySize = 0;

  constructor(readonly host: AgentHost) {}

  /**
   * Takes a part of the viewer's stream, in any split.
   * @throws {ProtocolError} `bad-value`: it is no agent message; and what decoding one throws.
   */
  receive(data: Uint8Array): void {
    for (let at = 0; at < data.length;) {
      if (this.#headerBytes < AGENT_MESSAGE_HEADER_BYTES) {
        const part = data.subarray(at, at + AGENT_MESSAGE_HEADER_BYTES - this.#headerBytes);
        this.#header.set(part, this.#headerBytes);
        this.#headerBytes += part.length;
        at += part.length;
        if (this.#headerBytes < AGENT_MESSAGE_HEADER_BYTES) return;
        this.#begin();
      } else {
        const part = data.subarray(at, at + this.#bodySize - this.#bodyBytes);
        this.#body?.set(part, this.#bodyBytes);
        this.#bodyBytes += part.length;
        at += part.length;
      }
      if (this.#bodyBytes < this.#bodySize) continue;
      this.#headerBytes = 0;
      if (this.#body !== null) this.#message(this.#type, this.#body);
    }
  }

  #begin(): void {
    const view = new DataView(this.#header.buffer), protocol = view.getUint32(0, true);
    if (protocol !== VD_AGENT_PROTOCOL) {
      const detail = `protocol ${protocol}, not ${VD_AGENT_PROTOCOL}`;
      throw new ProtocolError({
        code: "bad-value",
        action: "handle",
        message: "VDAgentMessage",
        path: "protocol",
        detail,
      });
    }
    this.#type = view.getUint32(4, true);
    this.#bodySize = view.getUint32(16, true);
    this.#bodyBytes = 0;
    this.#body = this.#bodySize <= MOST_BODY_BYTES ? new Uint8Array(this.#bodySize) : null;
  }

  #message(type: number, body: Uint8Array): void {
    const { limits } = this.host;
    switch (type) {
      case AgentMessageType.ANNOUNCE_CAPABILITIES: {
        const { request } = decode(AgentAnnounceCapabilities.wire, body, { limits });
        if (request !== 0) this.#send(AgentAnnounceCapabilities, { request: 0, caps: CAPS });
        return;
      }
      case AgentMessageType.MONITORS_CONFIG: {
        const { monitors } = decode(AgentMonitorsConfig.wire, body, { limits });
        for (const [head, { width, height }] of monitors.entries()) this.#want(head, width, height);
        return this.#send(AgentReply, { type, error: AgentOutcome.SUCCESS });
      }
      default:
        // Nothing else was announced.
        return;
    }
  }

  /** The first head stays on: a machine that shows nothing cannot be brought back by a viewer. */
  #want(head: number, width: number, height: number): void {
    const now = this.host.size(head);
    if (now === null || (now.width === width && now.height === height)) return;
    const off = width === 0 || height === 0;
    if (!off || head > 0) this.host.input({ kind: "resize", head, width: off ? 0 : width, height: off ? 0 : height });
  }

  #send<T>(message: Message<string, T>, value: T): void {
    const data = encodeBytes(message.wire, value);
    this.host.send(encodeBytes(VDAgentMessage, { protocol: VD_AGENT_PROTOCOL, type: message.id, opaque: 0n, data }));
  }
}
