/** The main channel: the session's facts, its list of channels, mouse modes, and the agent's byte stream. */
import type { MessageOf } from "../../protocol/schema/message.ts";
import { type main, MainAgentStart, MainAttachChannels, MainMouseModeRequest } from "../../protocol/messages/main.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import type { Limits } from "../../protocol/limits.ts";
import { text } from "../../protocol/text.ts";
import { unsupported } from "./channel_core.ts";
import type { ChannelId, SessionInit } from "./events.ts";
import type { Handler, Port, Received } from "./port.ts";

/** What the main channel asks of its session. */
export interface MainHost {
  /** INIT came: other channels may be opened under this id. */
  init(init: SessionInit): void;
  /** The server offers these channels. */
  offered(channels: readonly ChannelId[]): void;
}

/** Handles main channel messages. Source: spice-gtk src/channel-main.c. */
export class MainChannel implements Handler {
  readonly #port: Port;
  readonly #host: MainHost;
  readonly #limits: Limits;
  #wantedMouseMode: number;
  #mouseMode = 0;
  #supportedMouseModes = 0;
  #initialised = false;
  /** True while the wanted mouse mode has been asked for and not come. */
  #asked = false;

  /**
   * Made by the session core when the channel is linked.
   *
   * @param port The way to the server.
   * @param host The session.
   * @param limits `channels` counts here.
   * @param wantedMouseMode Mouse mode to ask for when the server offers it, a member of `MouseMode`.
   */
  constructor(port: Port, host: MainHost, limits: Limits, wantedMouseMode: number) {
    this.#port = port;
    this.#host = host;
    this.#limits = limits;
    this.#wantedMouseMode = wantedMouseMode;
  }

  /** Current mouse mode, a member of `MouseMode`; 0 before INIT. */
  get mouseMode(): number {
    return this.#mouseMode;
  }

  /** Mouse modes that the server offers, flags of `MouseMode`. */
  get supportedMouseModes(): number {
    return this.#supportedMouseModes;
  }

  /** True while the wanted mouse mode has been asked for and has not come. */
  get mouseModePending(): boolean {
    return this.#asked;
  }

  /** Asks for a mouse mode, now and whenever the server offers it; the server answers with the mode that then holds. */
  requestMouseMode(mode: number): void {
    this.#wantedMouseMode = mode;
    this.#port.send(MainMouseModeRequest, { mode });
  }

  /** Tells the server how many agent messages we can take, so that it starts to send. */
  startAgent(tokens: number): void {
    this.#port.send(MainAgentStart, { numTokens: tokens });
  }

  /** Input from the channel: a message. For the session core alone. */
  handle(received: Received): void {
    // The channel's declaration pairs each name with the type of its value.
    const message = received as MessageOf<typeof main.server>;
    if (!this.#initialised && message.name !== "MAIN_INIT") {
      const detail = "it comes before MAIN_INIT";
      throw new ProtocolError({ code: "unexpected", action: "handle", message: message.name, detail });
    }
    switch (message.name) {
      case "MAIN_INIT":
        return this.#init(message);
      case "MAIN_CHANNELS_LIST": {
        const { channels } = message.value;
        if (channels.length > this.#limits.channels) {
          const detail = `${channels.length} channels, at most ${this.#limits.channels} allowed`;
          throw new ProtocolError({ code: "too-large", message: message.name, path: "channels", detail });
        }
        this.#port.emit({ type: "channels", channels });
        return this.#host.offered(channels);
      }
      case "MAIN_MOUSE_MODE":
        return this.#mouse(message.value.supportedModes, message.value.currentMode);
      case "MAIN_MULTI_MEDIA_TIME":
        return this.#port.emit({ type: "mm-time", timeMs: message.value.time });
      case "MAIN_NAME":
        return this.#port.emit({ type: "name", name: text(message.value.name) });
      case "MAIN_UUID":
        return this.#port.emit({ type: "uuid", uuid: message.value.uuid });
      case "MAIN_AGENT_CONNECTED":
        return this.#port.emit({ type: "agent", connected: true, tokens: 0 });
      case "MAIN_AGENT_CONNECTED_TOKENS":
        return this.#port.emit({ type: "agent", connected: true, tokens: message.value.numTokens });
      case "MAIN_AGENT_DISCONNECTED":
        return this.#port.emit({ type: "agent", connected: false, tokens: 0 });
      case "MAIN_AGENT_DATA":
        return this.#port.emit({ type: "agent-data", bytes: message.value.data });
      case "MAIN_AGENT_TOKEN":
        return;
      default:
        throw unsupported(message, "migration");
    }
  }

  #init(message: Extract<MessageOf<typeof main.server>, { name: "MAIN_INIT" }>): void {
    if (this.#initialised) {
      throw new ProtocolError({
        code: "unexpected",
        action: "handle",
        message: message.name,
        detail: "it came before",
      });
    }
    this.#initialised = true;
    const { value } = message;
    const init: SessionInit = {
      sessionId: value.sessionId,
      displayChannelsHint: value.displayChannelsHint,
      supportedMouseModes: value.supportedMouseModes,
      currentMouseMode: value.currentMouseMode,
      agentConnected: value.agentConnected !== 0,
      agentTokens: value.agentTokens,
      ramHint: value.ramHint,
    };
    this.#port.emit({ type: "init", init });
    this.#port.emit({ type: "mm-time", timeMs: value.multiMediaTime });
    this.#host.init(init);
    this.#mouse(value.supportedMouseModes, value.currentMouseMode);
    this.#port.send(MainAttachChannels, {});
  }

  #mouse(supported: number, current: number): void {
    this.#supportedMouseModes = supported;
    this.#mouseMode = current;
    this.#port.emit({ type: "mouse-mode", supported, current });
    if (current !== this.#wantedMouseMode && (supported & this.#wantedMouseMode) !== 0 && !this.#asked) {
      this.#asked = true;
      this.requestMouseMode(this.#wantedMouseMode);
    }
    if (current === this.#wantedMouseMode) this.#asked = false;
  }
}
