const longestItem = 256;
const longestTotal = 4096;

/**
 * Values of `Warning` headers for these texts: code 299, no agent, the text quoted (k8s.io/apimachinery/pkg/util/net
 * `NewWarningHeader`). Together they stay under 4096 characters: beyond that items are cut to 256, then dropped, as
 * k8s.io/apiserver/pkg/endpoints/filters `WithWarningRecorder` does.
 */
export function warningHeaders(texts: readonly string[]): string[] {
  const whole = texts.filter(isSendable);
  const total = whole.reduce((sum, t) => sum + t.length, 0);
  if (total <= longestTotal) return whole.map(headerOf);
  const headers: string[] = [];
  let room = longestTotal;
  for (const text of whole) {
    const cut = text.slice(0, longestItem);
    if (cut.length > room) break;
    room -= cut.length;
    headers.push(headerOf(cut));
  }
  return headers;
}

/** Control characters cannot stand in a header; upstream drops such a warning too. */
const isSendable = (text: string): boolean => text !== '' && !/[\x00-\x1f\x7f]/.test(text);

function headerOf(text: string): string {
  const quoted = `299 - "${text.replace(/["\\]/g, '\\$&')}"`;
  // Node writes headers as latin1: the bytes of the UTF-8 form go out unchanged.
  return Buffer.from(quoted, 'utf8').toString('latin1');
}
