/** How our programs end. A signal ends them with 128 and its number: 130 for Ctrl-C. */
export const ExitCode = { DONE: 0, FAILED: 1, USAGE: 2, REFUSED: 3, UNREACHABLE: 4 } as const;
