/** Enumerations and flag sets as data: plain constants that know their wire name and width. */

/** Where an {@link Enumeration} keeps what it knows of itself, out of the way of its members; see {@link metaOf}. */
export const META: unique symbol = Symbol("enumeration");

/** What an enumeration knows of itself. */
export interface EnumMeta {
  /** Name in `spice.proto`, as `image_type`; for enumerations outside it the name of the C header. */
  readonly name: string;
  /** Width on the wire, in bits. */
  readonly bits: 8 | 16 | 32;
  /** True when the members are bits that combine. */
  readonly flags: boolean;
  /** Member name to value; for flags the value of the bit, not its number. */
  readonly members: Readonly<Record<string, number>>;
  /** Value to member name. */
  readonly names: ReadonlyMap<number, string>;
}

/** The members as constants (`ImageType.LZ_RGB === 101`), with the {@link EnumMeta} behind a symbol. */
export type Enumeration<M extends Readonly<Record<string, number>> = Readonly<Record<string, number>>> =
  & Readonly<M>
  & { readonly [META]: EnumMeta };

/** The member names of an enumeration. */
export type MemberOf<E> = Extract<keyof E, string>;

/**
 * Declares an enumeration.
 * @param name Name in `spice.proto`.
 * @param bits Width on the wire.
 * @param members Member name (without its `SPICE_` prefix) to value.
 */
export function enumeration<const M extends Readonly<Record<string, number>>>(
  name: string,
  bits: 8 | 16 | 32,
  members: M,
): Enumeration<M> {
  return declare(name, bits, members, false);
}

/**
 * Declares a set of flags.
 * @param name Name in `spice.proto`.
 * @param bits Width on the wire.
 * @param members Member name to *bit number*, as `spice.proto` counts them; the constants hold `1 << number`.
 */
export function flags<const M extends Readonly<Record<string, number>>>(
  name: string,
  bits: 8 | 16 | 32,
  members: M,
): Enumeration<{ readonly [K in keyof M]: number }> {
  const values = Object.fromEntries(Object.entries(members).map(([key, bit]) => [key, (1 << bit) >>> 0]));
  // The keys are those of `members`; Object.fromEntries forgets them.
  return declare(name, bits, values as { readonly [K in keyof M]: number }, true);
}

/**
 * What an enumeration knows of itself.
 *
 * @param enumeration An enumeration or a set of flags.
 * @returns Its name, width, members and their names.
 */
export function metaOf(enumeration: Enumeration): EnumMeta {
  return enumeration[META];
}

/** @returns Whether a value is an enumeration or a set of flags. */
export function isEnumeration(value: unknown): value is Enumeration {
  return typeof value === "object" && value !== null && META in value;
}

/**
 * The name of a value.
 *
 * @param enumeration An enumeration.
 * @param value Any number.
 * @returns The member's wire name, or the number in decimal when no member has it.
 */
export function nameOf(enumeration: Enumeration, value: number): string {
  return enumeration[META].names.get(value) ?? String(value);
}

/**
 * The names of flags.
 *
 * @param enumeration A set of flags.
 * @param value Any u32.
 * @returns The wire names of the bits set, unknown bits last as one hexadecimal number; empty when none is set.
 */
export function namesOf(enumeration: Enumeration, value: number): string[] {
  const names: string[] = [];
  let left = value >>> 0;
  for (const [name, bit] of Object.entries(enumeration[META].members)) {
    if ((left & bit) !== 0) {
      names.push(name);
      left = (left & ~bit) >>> 0;
    }
  }
  if (left !== 0) names.push(`0x${left.toString(16)}`);
  return names;
}

function declare<M extends Readonly<Record<string, number>>>(
  name: string,
  bits: 8 | 16 | 32,
  members: M,
  flags: boolean,
): Enumeration<M> {
  const names: ReadonlyMap<number, string> = new Map(Object.entries(members).map(([key, value]) => [value, key]));
  const meta: EnumMeta = { name, bits, flags, members, names };
  return Object.freeze(Object.defineProperty({ ...members }, META, { value: meta }) as Enumeration<M>);
}
