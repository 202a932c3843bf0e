/** The `qemu` machine with a viewer that is a plain picture a head, and QEMU's own word on it. */
import assert from "node:assert/strict";
import { type QemuAttachment, type QemuCommand, QemuMachine } from "../../machines.ts";
import type { MachineEnd } from "../../mod.ts";
import { type Picture, pictureDifference } from "../peers/picture.ts";
import { connectQmp, type Qmp } from "../peers/qmp.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { VdiPicture } from "../peers/vdi_picture.ts";
import { waitUntil } from "../peers/wait_until.ts";

/** Begin of a command: emulated, whatever the host can do. */
export const QEMU_PROGRAM = ["qemu-system-x86_64", "-accel", "tcg", "-no-user-config"] as const;

/** A machine that runs and is watched. Disposing stops it. */
export interface ShownQemu extends AsyncDisposable {
  readonly machine: QemuMachine;
  /** The test's own control socket, beside the machine's. */
  readonly qmp: Qmp;
  /** What the machine shows. */
  readonly vdi: VdiPicture;
  /** Lines that the machine logged. */
  readonly logs: readonly string[];
  /** Ends that the machine told so far; one at most is right. */
  readonly ends: readonly MachineEnd[];
  /** Resolves with the first of them. */
  readonly end: Promise<MachineEnd>;
  /**
   * Waits for a picture, stops the machine, and has our picture become QEMU's. It stays stopped.
   *
   * @param head Number of the head in `vdi`.
   * @param ready Whether QEMU's picture is the one that is meant.
   * @param card Of which QEMU is asked for its picture; its first by default.
   * @param qmp Whom to ask; the machine's by default.
   * @returns The picture.
   */
  equalsStopped(
    head: number,
    ready: (picture: Picture) => boolean,
    card?: { readonly device: string; readonly head: number },
    qmp?: Qmp,
  ): Promise<Picture>;
}

/**
 * Start a machine.
 *
 * @param what QEMU's command, or where one runs.
 * @param ownQmp A control socket that it has for the test; without one, the command is given one.
 * @returns The machine. Own it with `await using`.
 */
export async function showQemu(what: readonly string[] | QemuAttachment, ownQmp?: string): Promise<ShownQemu> {
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(await makeTempDir("show")), path = ownQmp ?? `${dir.path}/qmp`;
  const vdi = new VdiPicture(), logs: string[] = [], ends: MachineEnd[] = [];
  const end = Promise.withResolvers<MachineEnd>();
  const log = (line: string) => void logs.push(line);
  const options: QemuCommand | QemuAttachment = "attach" in what
    ? { ...what, log }
    : { command: [...what, "-qmp", `unix:${path},server=on,wait=off`], log };
  const machine = new QemuMachine(options);
  stack.defer(() => machine.stop());
  await machine.start(vdi, (last) => {
    ends.push(last);
    end.resolve(last);
  });
  machine.watched(1);
  const qmp = stack.use(await connectQmp(path));
  const owned = stack.move();
  return {
    machine,
    qmp,
    vdi,
    logs,
    ends,
    end: end.promise,
    equalsStopped: async (head, ready, card, control = qmp) => {
      await waitUntil("the picture", async () => ready(await control.screendump(card)), { timeoutMs: 30_000 });
      await control.stop();
      const expected = await control.screendump(card);
      let difference: string | null = "nothing";
      const equal = () => {
        const picture = vdi.heads.get(head);
        difference = picture === undefined ? "no head" : pictureDifference(picture, expected);
        return difference === null;
      };
      await waitUntil("an equal picture", equal, { timeoutMs: 3000 }).catch(() => {});
      assert.equal(difference, null);
      return expected;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
