/**
 * Machines for `SpiceServer` that start programs or open connections, and so need Deno or Node: they are not in `mod.ts`,
 * which runs in browsers, too.
 *
 * This page re-exports and holds no code.
 *
 * @module
 */

export { RfbMachine, type RfbMachineOptions } from "./server/machines/rfb/rfb_machine.ts";
export { openRfb } from "./server/machines/rfb/open_rfb.ts";
export type { RfbAddress, RfbHandler, RfbHead, RfbOptions } from "./server/machines/rfb/rfb_head.ts";
export { RfbError, type RfbErrorCode } from "./server/machines/rfb/rfb_error.ts";
export { type QemuAttachment, type QemuCommand, QemuMachine } from "./server/machines/qemu/qemu_machine.ts";
export type { QmpAddress } from "./server/machines/qemu/qmp_client.ts";
export { QemuError, type QemuErrorCode } from "./server/machines/qemu/qemu_error.ts";
