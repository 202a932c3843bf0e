/**
 * The sender's half of the ACK window: how many messages may be unacknowledged.
 *
 * Source: spice-server server/red-channel-client.cpp red_channel_client_waiting_for_ack, RedChannelClient::handle_message
 * (SPICE_MSGC_ACK, SPICE_MSGC_ACK_SYNC).
 */
export class SendWindow {
  #generation = 0;
  #confirmed = 0;
  #window = 0;
  #unacknowledged = 0;

  /**
   * Begins a window; ACKs of earlier ones no longer count.
   * @param window Messages after which the receiver acknowledges, at least 1.
   * @returns The generation to send with SET_ACK.
   */
  set(window: number): number {
    this.#window = window;
    this.#unacknowledged = 0;
    return this.#generation = (this.#generation + 1) >>> 0;
  }

  /** A message was sent. */
  sent(): void {
    if (this.#window > 0) this.#unacknowledged++;
  }

  /** ACK_SYNC came. */
  sync(generation: number): void {
    this.#confirmed = generation;
  }

  /** ACK came; one that the receiver sent before it knew of the present window does not count. */
  ack(): void {
    if (this.#confirmed === this.#generation) this.#unacknowledged = Math.max(0, this.#unacknowledged - this.#window);
  }

  /** True while two windows of messages are unacknowledged: send nothing that can wait. */
  get full(): boolean {
    return this.#window > 0 && this.#unacknowledged > 2 * this.#window;
  }
}
