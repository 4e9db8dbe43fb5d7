const longestItem = 256;
const longestTotal = 4096;

/**
 * Values of `Warning` headers for these texts: code 299, no agent, the text quoted (k8s.io/apimachinery/pkg/util/net
 * `NewWarningHeader`). If they are more than 4096 characters together, each is cut to 256, and what comes after the one that reaches
 * the 4096 is dropped, though never one of those that were there when it became too much: as
 * k8s.io/apiserver/pkg/endpoints/filters `WithWarningRecorder` does, which counts as they come.
 */
export function warningHeaders(texts: readonly string[]): string[] {
  const whole = texts.filter(isSendable);
  let total = 0;
  for (const [i, text] of whole.entries()) {
    total += charactersOf(text);
    if (total > longestTotal) return cutHeaders(whole, i);
  }
  return whole.map(headerOf);
}

/** `last` is the one that was too much. */
function cutHeaders(texts: readonly string[], last: number): string[] {
  const headers: string[] = [];
  let written = 0;
  for (const [i, text] of texts.entries()) {
    if (i > last && written >= longestTotal) break;
    const cut = charactersOf(text) > longestItem ? Array.from(text).slice(0, longestItem).join('') : text;
    written += charactersOf(cut);
    headers.push(headerOf(cut));
  }
  return headers;
}

/** Those beyond the first plane count as one. */
const charactersOf = (text: string): number => Array.from(text).length;

/** Control characters cannot stand in a header; upstream drops such a warning too. */
const isSendable = (text: string): boolean => text !== '' && !/[\x00-\x1f\x7f-\x9f]/.test(text);

function headerOf(text: string): string {
  const quoted = `299 - "${text.replace(/["\\]/g, '\\$&')}"`;
  // Node writes headers as latin1: the bytes of the UTF-8 form go out unchanged.
  return Buffer.from(quoted, 'utf8').toString('latin1');
}
