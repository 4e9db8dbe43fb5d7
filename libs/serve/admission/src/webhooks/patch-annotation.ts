/** A value of a patch as it came, without spaces, and with what Go's json.Marshal escapes (encoding/json `appendCompact`). */
function compact(text: string): string {
  let out = '';
  let from = 0;
  let isText = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (isText && character === '\\') i++;
    else if (character === '"') isText = !isText;
    else if (!isText && ' \t\r\n'.includes(character)) {
      out += text.slice(from, i);
      from = i + 1;
    }
  }
  const dense = out + text.slice(from);
  return dense.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The parts of a dense list or object, which stand between commas. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let isText = false;
  let from = 1;
  for (let i = 1; i < text.length; i++) {
    const character = text.charAt(i);
    if (isText) {
      if (character === '\\') i++;
      else if (character === '"') isText = false;
    } else if (character === '"') isText = true;
    else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && depth-- === 0) {
      if (i > from) parts.push(text.slice(from, i));
      break;
    } else if (character === ',' && depth === 0) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return parts;
}

/** `"path":"/a"`: of two members of one name the later counts. */
function memberOf(text: string): readonly [name: string, text: string] {
  const end = /^"(?:[^"\\]|\\.)*"/.exec(text)?.[0].length ?? 0;
  return [text.slice(0, end), text];
}

function sorted(operation: string): string {
  const members = new Map(partsOf(operation).map(memberOf));
  const names = [...members.keys()].sort();
  return `{${names.map((name) => members.get(name) ?? '').join(',')}}`;
}

/**
 * A JSON patch as the audit log shows it (mutating `jsonPatchAnnotationValue`): values as the webhook wrote them, the members of an
 * operation in order of their names. The text must be a list of objects.
 */
export const shownPatch = (patch: string): string => `[${partsOf(compact(patch)).map(sorted).join(',')}]`;
