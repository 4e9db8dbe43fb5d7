import { isPrintable } from '@reckon/api/machinery';

/** `validateDeprecationWarning`: it becomes a header of every answer. */
export function deprecationWarningMessages(isDeprecated: boolean, warning: string | undefined): readonly string[] {
  if (warning === undefined) return [];
  if (!isDeprecated) return ['can only be set for deprecated versions'];
  const messages: string[] = [];
  if (Buffer.byteLength(warning) > 256) messages.push('must be <= 256 characters long');
  if (warning === '') messages.push('must not be an empty string');
  let offset = 0;
  for (const character of warning) {
    if (!isPrintable(character)) {
      messages.push(
        `must only contain printable UTF-8 characters; non-printable character found at index ${String(offset)}`,
      );
      break;
    }
    offset += Buffer.byteLength(character);
  }
  return messages;
}
