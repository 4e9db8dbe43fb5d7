const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };

const escapeSequence = /\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([^]))/gu;

/** What a token for a text or for bytes stands for (cel-go parser `unescape`); undefined for what no character is. */
export function unquoteText(token: string): string | undefined {
  const { isRaw, inner } = partsOf(token);
  if (isRaw || !inner.includes('\\')) return inner;
  let isValid = true;
  const text = inner.replace(escapeSequence, (_, ...groups: (string | undefined)[]) => {
    const code = codeOf(groups);
    isValid &&= code < 0xd800 || (code > 0xdfff && code <= 0x10ffff);
    return isValid ? String.fromCodePoint(code) : '';
  });
  return isValid ? text : undefined;
}

/** In bytes, what is written as a number is one byte, and no code points are. */
export function unquoteBytes(token: string): Uint8Array | undefined {
  const { isRaw, inner } = partsOf(token.slice(1));
  if (isRaw || !inner.includes('\\')) return Buffer.from(inner, 'utf8');
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const match of inner.matchAll(escapeSequence)) {
    if (match[2] !== undefined || match[3] !== undefined) return undefined;
    parts.push(Buffer.from(inner.slice(at, match.index), 'utf8'), Buffer.of(codeOf(match.slice(1))));
    at = match.index + match[0].length;
  }
  return Buffer.concat([...parts, Buffer.from(inner.slice(at), 'utf8')]);
}

function codeOf([hex, four, eight, octal, character = '']: readonly (string | undefined)[]): number {
  const number = hex ?? four ?? eight;
  if (number !== undefined) return Number.parseInt(number, 16);
  if (octal !== undefined) return Number.parseInt(octal, 8);
  return escapes[character] ?? character.codePointAt(0) ?? 0;
}

/** Ends of lines are one character, however a file writes them. */
function partsOf(token: string): { readonly isRaw: boolean; readonly inner: string } {
  const isRaw = /^[rR]/.test(token);
  const quoted = isRaw ? token.slice(1) : token;
  const length = /^(?:"""|''')/.test(quoted) && quoted.length >= 6 ? 3 : 1;
  return { isRaw, inner: quoted.slice(length, -length).replace(/\r\n?/g, '\n') };
}
