/** The main channel of a viewer: the session's facts, the list of channels, the mouse mode. */
import { hasCap, MainCap } from "../../protocol/capabilities.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import type { Limits } from "../../protocol/limits.ts";
import { VD_AGENT_MAX_DATA_SIZE } from "../../protocol/messages/agent.ts";
import { LinkErr, MouseMode } from "../../protocol/messages/enums.ts";
import {
  type main,
  MainAgentConnected,
  MainAgentConnectedTokens,
  MainAgentData,
  MainAgentDisconnected,
  MainAgentToken,
  MainChannelsList,
  MainInit,
  MainMouseMode,
  MainName,
  MainUuid,
} from "../../protocol/messages/main.ts";
import type { MessageOf } from "../../protocol/schema/message.ts";
import { terminated } from "../../protocol/text.ts";
import type { MachineState, OfferedChannel } from "./machine_state.ts";
import { OwnAgent } from "./own_agent.ts";
import type { Handler, Port, Received } from "./port.ts";
import type { Role } from "./ticket.ts";
import type { MachineInput, MouseModes } from "./vdi.ts";

/** What a main channel needs of the server. */
export interface MainHost {
  readonly sessionId: number;
  readonly role: Role;
  readonly machine: MachineState;
  readonly limits: Limits;
  /** Takes what the viewer wants of the machine. */
  readonly input: (input: MachineInput) => void;
  /** Milliseconds of the multimedia clock. */
  readonly mmTime: number;
  /** The viewer's mouse mode changed: true for client mode. */
  mouseMode(absolute: boolean): void;
}

/** Agent messages that a viewer may send before it gets more tokens. Source: reds.cpp REDS_AGENT_WINDOW_SIZE. */
const AGENT_TOKENS = 10;

/** Handles main channel messages. Source: spice-server server/main-channel-client.cpp. */
export class MainChannel implements Handler {
  #absolute: boolean;
  #attached = false;
  /** Serves while viewers may ask for sizes; not for those that only see. */
  readonly #agent: OwnAgent;
  #agentConnected: boolean;
  /** Agent messages that the viewer takes; `null` before it has begun. */
  #agentTokens: number | null = null;

  constructor(readonly port: Port, readonly host: MainHost) {
    const { machine } = host;
    this.#absolute = machine.mouseModes.absolute;
    this.#agentConnected = this.#agentWanted;
    this.#agent = new OwnAgent({
      limits: host.limits,
      send: (data) => this.#sendAgent(data),
      size: (head) => machine.sizeToChange(head),
      input: host.input,
    });
    port.send(MainInit, {
      sessionId: host.sessionId,
      displayChannelsHint: Math.max(1, machine.heads.size),
      supportedMouseModes: supported(machine.mouseModes),
      currentMouseMode: modeOf(this.#absolute),
      agentConnected: this.#agentConnected ? 1 : 0,
      agentTokens: AGENT_TOKENS,
      multiMediaTime: Math.trunc(host.mmTime) >>> 0,
      ramHint: 0,
    });
    if (hasCap(port.peer.channelCaps, MainCap.NAME_AND_UUID)) {
      if (machine.name !== null) port.send(MainName, { name: terminated(machine.name) });
      if (machine.uuid !== null) port.send(MainUuid, { uuid: machine.uuid });
    }
    host.mouseMode(this.#absolute);
  }

  /** The machine's pointer devices changed. */
  mouseModesChanged(): void {
    const { mouseModes } = this.host.machine;
    this.#absolute = mouseModes.absolute && (this.#absolute || !mouseModes.relative);
    this.#tellMouseMode();
  }

  /** A head takes other sizes now, or does so no more. */
  resizableChanged(): void {
    if (this.#agentWanted === this.#agentConnected) return;
    this.#agentConnected = this.#agentWanted;
    this.#agentTokens = null;
    if (!this.#agentConnected) this.port.send(MainAgentDisconnected, { errorCode: LinkErr.OK });
    else if (hasCap(this.port.peer.channelCaps, MainCap.AGENT_CONNECTED_TOKENS)) {
      this.port.send(MainAgentConnectedTokens, { numTokens: AGENT_TOKENS });
    } else this.port.send(MainAgentConnected, {});
  }

  /** A head appeared after the channels were listed. */
  channelsAdded(channels: readonly OfferedChannel[]): void {
    if (this.#attached && channels.length > 0) this.port.send(MainChannelsList, { channels });
  }

  handle(received: Received): void {
    // The channel's declaration pairs each name with the type of its value.
    const message = received as MessageOf<typeof main.client>;
    switch (message.name) {
      case "MAIN_ATTACH_CHANNELS":
        if (this.#attached) return;
        this.#attached = true;
        this.port.send(MainChannelsList, { channels: this.host.machine.offered(this.host.role) });
        return;
      case "MAIN_MOUSE_MODE_REQUEST": {
        const { absolute, relative } = this.host.machine.mouseModes;
        const wanted = message.value.mode === MouseMode.CLIENT;
        if (wanted ? absolute : relative) this.#absolute = wanted;
        return this.#tellMouseMode();
      }
      case "MAIN_AGENT_START":
        if (this.#agentConnected) this.#agentTokens = message.value.numTokens;
        return;
      case "MAIN_AGENT_TOKEN":
        if (this.#agentTokens !== null) this.#agentTokens += message.value.numTokens;
        return;
      case "MAIN_AGENT_DATA":
        if (message.value.data.length > VD_AGENT_MAX_DATA_SIZE) throw tooLong(message.value.data.length);
        // What was under way when the agent went, or came too early, leads nowhere, as in the reference.
        if (this.#agentTokens === null) return;
        this.#agent.receive(message.value.data);
        this.port.send(MainAgentToken, { numTokens: 1 });
        return;
      default:
        // There is no migration: such messages lead nowhere, as in the reference.
        return;
    }
  }

  get #agentWanted(): boolean {
    return this.host.machine.resizable && this.host.role === "control";
  }

  /** An answer that the viewer does not take now is dropped: it asks again, or does not need it. */
  #sendAgent(data: Uint8Array): void {
    if (this.#agentTokens === null || this.#agentTokens === 0) return;
    this.#agentTokens--;
    this.port.send(MainAgentData, { data });
  }

  #tellMouseMode(): void {
    this.host.mouseMode(this.#absolute);
    const supportedModes = supported(this.host.machine.mouseModes);
    this.port.send(MainMouseMode, { supportedModes, currentMode: modeOf(this.#absolute) });
  }
}

function supported({ absolute, relative }: MouseModes): number {
  return (absolute ? MouseMode.CLIENT : 0) | (relative || !absolute ? MouseMode.SERVER : 0);
}

function modeOf(absolute: boolean): number {
  return absolute ? MouseMode.CLIENT : MouseMode.SERVER;
}

/** Source: spice-server server/agent-msg-filter.c agent_msg_filter_process_data. */
function tooLong(bytes: number): ProtocolError {
  const detail = `${bytes} bytes, at most ${VD_AGENT_MAX_DATA_SIZE} allowed`;
  return new ProtocolError({ code: "too-large", action: "handle", message: "MAIN_AGENT_DATA", path: "data", detail });
}
