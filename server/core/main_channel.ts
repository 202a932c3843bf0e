/** The main channel of a viewer: the session's facts, the list of channels, the mouse mode. */
import { hasCap, MainCap } from "../../protocol/capabilities.ts";
import { MouseMode } from "../../protocol/messages/enums.ts";
import {
  type main,
  MainChannelsList,
  MainInit,
  MainMouseMode,
  MainName,
  MainUuid,
} from "../../protocol/messages/main.ts";
import type { MessageOf } from "../../protocol/schema/message.ts";
import { terminated } from "../../protocol/text.ts";
import type { MachineState, OfferedChannel } from "./machine_state.ts";
import type { Handler, Port, Received } from "./port.ts";
import type { Role } from "./ticket.ts";
import type { MouseModes } from "./vdi.ts";

/** What a main channel needs of the server. */
export interface MainHost {
  readonly sessionId: number;
  readonly role: Role;
  readonly machine: MachineState;
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

  constructor(readonly port: Port, readonly host: MainHost) {
    const { machine } = host;
    this.#absolute = machine.mouseModes.absolute;
    port.send(MainInit, {
      sessionId: host.sessionId,
      displayChannelsHint: Math.max(1, machine.heads.size),
      supportedMouseModes: supported(machine.mouseModes),
      currentMouseMode: modeOf(this.#absolute),
      agentConnected: 0,
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
      case "MAIN_CLIENT_INFO":
      case "MAIN_QUALITY_INDICATOR":
        return;
      default:
        // There is no agent and no migration: such messages lead nowhere, as in the reference.
        return;
    }
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
