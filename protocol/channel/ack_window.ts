/**
 * The receiver's half of the ACK window: every `window` messages one ACK.
 *
 * Source: spice-gtk src/channel-base.c spice_channel_handle_set_ack, src/spice-channel.c spice_channel_recv_msg.
 */
export class AckWindow {
  #window = 0;
  #left = 0;

  /** SET_ACK came: count anew. Answer with ACK_SYNC and its generation. */
  set(window: number): void {
    this.#window = window;
    this.#left = window;
  }

  /**
   * A message came (any but the parts of a list).
   * @returns True when an ACK is due now.
   */
  count(): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    if (this.#left > 0) return false;
    this.#left = this.#window;
    return true;
  }
}
