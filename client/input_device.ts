/** What keyboard and pointer share: the inputs channel, pacing, and knowing that the server took the input. */
import { ProtocolError } from "../protocol/errors.ts";
import { MouseMode } from "../protocol/messages/enums.ts";
import type { InputsChannel } from "./core/inputs_channel.ts";
import type { SessionCore } from "./core/session_core.ts";
import type { EventStream } from "./event_stream.ts";

/** How long a server may take to acknowledge input before we go on without. */
const SETTLE_MS = 2000;

/** The way to the inputs channel of a session. */
export class InputDevice {
  /** False once the server has let the time for an acknowledgement pass. */
  #acknowledges = true;

  constructor(readonly core: SessionCore, readonly events: EventStream, readonly drain: () => void) {}

  /**
   * The inputs channel.
   * @throws {ProtocolError} `closed` when the session is over, `unexpected` when the server gave us no inputs channel.
   */
  inputs(): InputsChannel {
    if (this.core.closed) throw inputError("closed", "the session is over");
    if (this.core.inputs === null) throw inputError("unexpected", "the server offers no inputs channel");
    return this.core.inputs;
  }

  /** Sends what waits, then lets `ms` pass. */
  async pause(ms: number): Promise<void> {
    this.drain();
    if (ms > 0) await new Promise((done) => setTimeout(done, ms));
  }

  /**
   * Sends what waits, lets `ms` pass, and lets the server fall behind by no more than eight calls of this. A machine that
   * is held up takes all that has come meanwhile at once, and a PS/2 keyboard then drops what is more than 16 bytes:
   * time alone is no pace.
   *
   * Source: QEMU hw/input/ps2.c ps2_queue, PS2_QUEUE_SIZE.
   */
  async pace(ms: number): Promise<void> {
    const inputs = this.inputs();
    inputs.mark(this.#mode);
    await this.pause(ms);
    if (this.#acknowledges && inputs.isFull && !this.core.closed) await this.#acknowledged(() => !inputs.isFull);
  }

  /**
   * Waits until the server has taken all input sent so far: it acknowledges motion in bunches, in order with the rest,
   * so motion without effect fills up the bunch. A server that does not acknowledge is given two seconds.
   */
  async settle(): Promise<void> {
    const inputs = this.inputs();
    inputs.fence(this.#mode);
    await this.#acknowledged(() => inputs.motionInFlight === 0);
  }

  get #mode(): "client" | "server" {
    return this.core.main?.mouseMode === MouseMode.SERVER ? "server" : "client";
  }

  async #acknowledged(isEnough: () => boolean): Promise<void> {
    this.#acknowledges = await new Promise<boolean>((resolve) => {
      const finish = (inTime: boolean) => {
        clearTimeout(limit);
        stop();
        resolve(inTime);
      };
      const limit = setTimeout(finish, SETTLE_MS, false);
      const stop = this.events.listen((event) => {
        if (event.type === "closed" || (event.type === "motion-ack" && isEnough())) finish(true);
      });
      this.drain();
    });
  }
}

function inputError(code: "closed" | "unexpected", detail: string): ProtocolError {
  return new ProtocolError({ by: "local", code, action: "send", message: "input", detail });
}
