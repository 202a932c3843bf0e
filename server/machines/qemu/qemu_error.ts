/** What goes wrong with a QEMU. */

/**
 * Stable names of what went wrong. Branch on these, never on the text.
 *
 * - `refused`: arguments that cannot be served; the text says what to change.
 * - `not-found`: the program cannot be started.
 * - `ended`: QEMU ended before it was on show, or while it was needed.
 * - `timeout`: it did not show itself, or did not answer, in time.
 * - `unreachable`: no connection to one of its sockets.
 * - `bad-qmp`: what answers is not QMP.
 * - `qmp`: QEMU refused a command.
 */
export type QemuErrorCode = "refused" | "not-found" | "ended" | "timeout" | "unreachable" | "bad-qmp" | "qmp";

/** A QEMU that cannot be shown, or not any longer. */
export class QemuError extends Error {
  override readonly name = "QemuError";

  /**
   * @param code What went wrong.
   * @param detail What was found, for people.
   * @param exitCode Exit code of QEMU, where it has ended.
   * @param options The cause, where there is one.
   */
  constructor(
    readonly code: QemuErrorCode,
    readonly detail: string,
    readonly exitCode: number | null = null,
    options?: ErrorOptions,
  ) {
    super(`Cannot ${code === "refused" ? "start" : "use"} QEMU: ${detail}`, options);
  }
}
