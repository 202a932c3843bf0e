/** Asking a VNC server for its picture: one request at a time, and none while nobody watches. */
import { updateRequest } from "./rfb_messages.ts";

/** The requests of one session. */
export class RfbUpdateRequests {
  readonly #send: (bytes: Uint8Array) => void;
  #width = 0;
  #height = 0;
  /** The next request is for the whole picture. */
  #whole = true;
  #watched = true;
  /** A request is held back because nobody watches. */
  #owed = false;

  /** @param send Sends a message. */
  constructor(send: (bytes: Uint8Array) => void) {
    this.#send = send;
  }

  /** Input: the picture has a new size, and all of it is to be asked for. */
  resized(width: number, height: number): void {
    this.#width = width;
    this.#height = height;
    this.#whole = true;
  }

  /** Input: an update has come. */
  updated(): void {
    if (this.#watched) this.request();
    else this.#owed = true;
  }

  /** Command: whether anyone watches. It begins watched. */
  watch(watched: boolean): void {
    this.#watched = watched;
    if (!watched || !this.#owed) return;
    this.#owed = false;
    this.request();
  }

  /** Command: ask, watched or not. */
  request(): void {
    this.#send(updateRequest(!this.#whole, this.#width, this.#height));
    this.#whole = false;
  }
}
