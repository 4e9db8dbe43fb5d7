const escapeLetters = 'aftnrvxAbBzdDsSwWpPQEC';
/** Go repeats nothing more often. */
const mostRepeats = 1000;

/**
 * Whether regexp/syntax takes a pattern. JavaScript's own parser finds what is unbalanced or has nothing to repeat; before
 * it, what the two spell differently is put right, and what only JavaScript has is refused.
 */
export function isGoRegex(pattern: string): boolean {
  if (/\(\?(?:[=!]|<[=!])/.test(withoutEscapes(pattern))) return false;
  for (const [, letter, digit, next] of pattern.matchAll(/\\(?:([a-zA-Z])|([0-9])([0-7]?)|[^])/g)) {
    if (letter !== undefined && !escapeLetters.includes(letter)) return false;
    // One digit would be a reference to a group; more are an octal number.
    if (digit !== undefined && digit !== '0' && (digit > '7' || next === '')) return false;
  }
  for (const [, low = '', high = ''] of withoutEscapes(pattern).matchAll(/\{(\d+)(?:,(\d*))?\}/g))
    if (Number(low) > mostRepeats || Number(high) > mostRepeats) return false;
  const own = pattern.replaceAll('(?P<', '(?<').replace(/\(\?[imsU]*(?:-[imsU]+)?([:)])/g, (_, end: string) => {
    return end === ':' ? '(?:' : '(?:)';
  });
  return compiles(own);
}

const withoutEscapes = (pattern: string): string => pattern.replace(/\\[^]/g, '__');

function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
