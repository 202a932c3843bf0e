/** Every case there is, in the order of the report. */
import { ticket } from "../cases/link/ticket.ts";
import type { Case, Group } from "./case.ts";

/** All groups. */
export const GROUPS: readonly Group[] = [ticket];

/** All cases. */
export const CASES: readonly Case[] = GROUPS.flatMap(({ cases }) => cases);
