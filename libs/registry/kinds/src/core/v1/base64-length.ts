/** Bytes that a valid, padded base64 text stands for; nothing is decoded. */
export function base64Length(text: string): number {
  if (text === '') return 0;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}
