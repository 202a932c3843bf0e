/** An option of a command line, as `--delay-ms MS`. */
export interface OptionSpec {
  /** Without the dashes. */
  readonly name: string;
  /** What stands for its value in the help; absent for one that takes none. */
  readonly value?: string;
  /** May be said more than once. */
  readonly repeats?: true;
  /** One line of help. */
  readonly about: string;
}

/**
 * @param options What there is.
 * @returns A line of help for each, the texts below each other.
 */
export function optionLines(options: readonly OptionSpec[]): string[] {
  const left = options.map(({ name, value }) => `--${name}${value === undefined ? "" : ` ${value}`}`);
  const width = Math.max(...left.map(({ length }) => length));
  return options.map(({ about }, i) => `  ${left[i]!.padEnd(width)}  ${about}`);
}
