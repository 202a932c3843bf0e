/** Layouts of monitors: those that a display channel tells, and those that a client asks the agent for. */
import type { AgentMonitorsConfig } from "../../protocol/messages/agent.ts";
import type { DisplayMonitorsConfig } from "../../protocol/messages/display.ts";
import type { ValueOf } from "../../protocol/schema/message.ts";

const COUNTS = ["none", "1", "2", "many"] as const;

/** The items of layouts, as `monitors/server/heads=2`. */
export function monitorLayouts(): string[] {
  return [
    ...COUNTS.map((count) => `monitors/server/heads=${count}`),
    ...["below-max", "at-max", "sparse-ids", "moved", "shared-surface", "other-surface"]
      .map((what) => `monitors/server/${what}`),
    ...COUNTS.map((count) => `monitors/client/monitors=${count}`),
    ...["sparse", "moved"].map((what) => `monitors/client/${what}`),
  ];
}

/** @returns What a layout of the server shows. */
export function serverLayout({ heads, maxAllowed }: ValueOf<typeof DisplayMonitorsConfig>): string[] {
  const ids = heads.map(({ monitorId }) => monitorId), surfaces = heads.map(({ surfaceId }) => surfaceId);
  return pick("monitors/server", {
    [`heads=${countWord(heads.length)}`]: true,
    "below-max": heads.length < maxAllowed,
    "at-max": heads.length === maxAllowed,
    "sparse-ids": ids.some((id) => id >= heads.length),
    "moved": heads.some(({ x, y }) => x !== 0 || y !== 0),
    "shared-surface": new Set(surfaces).size < surfaces.length,
    "other-surface": surfaces.some((id) => id !== 0),
  });
}

/** @returns What a layout that a client asks for shows. A monitor of 0 × 0 is turned off. */
export function clientLayout({ monitors }: ValueOf<typeof AgentMonitorsConfig>): string[] {
  return pick("monitors/client", {
    [`monitors=${countWord(monitors.length)}`]: true,
    sparse: monitors.some(({ width, height }) => width === 0 || height === 0),
    moved: monitors.some(({ x, y }) => x !== 0 || y !== 0),
  });
}

function countWord(count: number): string {
  return COUNTS[Math.min(count, 3)]!;
}

function pick(start: string, facts: Readonly<Record<string, boolean>>): string[] {
  return Object.entries(facts).filter(([, holds]) => holds).map(([what]) => `${start}/${what}`);
}
