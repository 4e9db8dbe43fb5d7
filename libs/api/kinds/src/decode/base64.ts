const alphabet = /[A-Za-z0-9+/]/;

/**
 * Reads base64 as Go's `StdEncoding.Decode` does (line breaks are skipped, padding is demanded, unused bits may be set)
 * and gives it in canonical form, or the byte offset of the first fault.
 */
export function readBase64(text: string): { readonly canonical: string } | { readonly corruptAt: number } {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    if (char === '\n' || char === '\r') continue;
    if (alphabet.test(char)) {
      count++;
      continue;
    }
    if (char !== '=') return { corruptAt: i };
    return endOf(i, count % 4);
  }
  if (count % 4 !== 0) return { corruptAt: text.length - (count % 4) };
  return { canonical: Buffer.from(text, 'base64').toString('base64') };

  /** `=` is right only as the third character of a group, followed by another, or as the fourth. */
  function endOf(at: number, place: number): { readonly canonical: string } | { readonly corruptAt: number } {
    if (place < 2) return { corruptAt: at };
    let next = skipBreaks(at + 1);
    if (place === 2) {
      if (next === text.length) return { corruptAt: text.length };
      if (text[next] !== '=') return { corruptAt: next - 1 };
      next = skipBreaks(next + 1);
    }
    if (next < text.length) return { corruptAt: next };
    return { canonical: Buffer.from(text, 'base64').toString('base64') };
  }

  function skipBreaks(from: number): number {
    let at = from;
    while (text[at] === '\n' || text[at] === '\r') at++;
    return at;
  }
}
