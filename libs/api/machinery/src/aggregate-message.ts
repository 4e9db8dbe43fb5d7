/**
 * Several errors as one text: each message once, in order; alone as it is, else `[a, b]`
 * (k8s.io/apimachinery/pkg/util/errors `aggregate.Error`).
 */
export function aggregateMessage(messages: Iterable<string>): string {
  const distinct = [...new Set(messages)];
  return distinct.length === 1 ? (distinct[0] ?? '') : `[${distinct.join(', ')}]`;
}
