/** A command in one string, split into words as a shell does: blanks part, quotes hold together, nothing is put in. */

/** @returns The words; quotes and backslashes outside of single quotes are taken off. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | null = null, quote = "";
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]!;
    if (letter === "\\" && quote !== "'" && i + 1 < text.length) word = (word ?? "") + text[++i];
    else if (quote !== "") {
      if (letter === quote) quote = "";
      else word = (word ?? "") + letter;
    } else if (letter === "'" || letter === '"') {
      quote = letter;
      word ??= "";
    } else if (/\s/.test(letter)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? "") + letter;
  }
  if (word !== null) words.push(word);
  return words;
}
