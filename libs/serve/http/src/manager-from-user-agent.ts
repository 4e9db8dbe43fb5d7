const maxBytes = 128;

/**
 * The field manager of a request that names none: the printable part of its User-Agent up to the first `/`
 * (k8s.io/apiserver/pkg/endpoints/handlers `managerOrUserAgent`); `unknown` for an empty one.
 */
export function managerFromUserAgent(userAgent: string): string {
  const slash = userAgent.indexOf('/');
  const product = slash === -1 ? userAgent : userAgent.slice(0, slash);
  if (product === '') return 'unknown';
  if (product.length <= maxBytes && /^[\x20-\x7e]*$/.test(product)) return product;
  let text = '';
  let bytes = 0;
  for (const character of product) {
    if (/[\p{C}\p{Zl}\p{Zp}]/u.test(character)) continue;
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    text += character;
  }
  return text === '' ? 'unknown' : text;
}
