import { SelectorError } from './selector-error';

export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** A conjunction of conditions on the few fields that a kind offers. */
export interface FieldSelector {
  readonly empty: boolean;
  readonly requirements: readonly FieldRequirement[];
  /** Fields that are absent count as the empty string. */
  matches(fields: Readonly<Record<string, string>>): boolean;
  /** The value that the field must have, if the selector demands one (`RequiresExactMatch`). */
  exactValue(field: string): string | undefined;
  toString(): string;
}

/** The selector of these requirements, in their order. */
export function fieldSelectorOf(requirements: readonly FieldRequirement[]): FieldSelector {
  return {
    empty: requirements.length === 0,
    requirements,
    matches: (fields) => {
      for (const { field, operator, value } of requirements) {
        const actual = Object.hasOwn(fields, field) ? fields[field] : '';
        if ((actual === value) !== (operator === '=')) return false;
      }
      return true;
    },
    exactValue: (field) => requirements.find((r) => r.operator === '=' && r.field === field)?.value,
    toString: () => requirements.map((r) => `${r.field}${r.operator}${escapeFieldValue(r.value)}`).join(','),
  };
}

/**
 * fields.ParseSelector: `metadata.name=a,spec.nodeName!=b`. In values `\`, `,` and `=` are written `\\`, `\,`, `\=`.
 * Throws `SelectorError` with upstream's text. Which fields exist is the kind's affair.
 */
export function parseFieldSelector(text: string): FieldSelector {
  const requirements: FieldRequirement[] = [];
  for (const term of splitTerms(text).sort()) {
    if (term === '') continue;
    const match = /!=|==|=/.exec(term);
    if (match === null) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`);
    const field = term.slice(0, match.index);
    const value = unescapeFieldValue(term.slice(match.index + match[0].length));
    // Nothing of nothing is no condition.
    if (field !== '' || value !== '') requirements.push({ field, operator: match[0] === '!=' ? '!=' : '=', value });
  }
  return fieldSelectorOf(requirements);
}

/** At commas that no backslash precedes. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === ',') {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

/** fields.EscapeValue. */
export const escapeFieldValue = (value: string): string => value.replace(/[\\,=]/g, '\\$&');

/** fields.UnescapeValue; throws `SelectorError`. */
export function unescapeFieldValue(text: string): string {
  if (!/[\\,=]/.test(text)) return text;
  let value = '';
  let isEscaped = false;
  for (const c of text) {
    const isSpecial = c === '\\' || c === ',' || c === '=';
    if (isEscaped) {
      if (!isSpecial) throw new SelectorError(`invalid field selector: invalid escape sequence: \\${c}`);
      value += c;
      isEscaped = false;
    } else if (c === '\\') isEscaped = true;
    else if (isSpecial) {
      // Go prints the rune as its number.
      throw new SelectorError(`invalid field selector: unescaped character in value: ${String(c.charCodeAt(0))}`);
    } else value += c;
  }
  if (isEscaped) throw new SelectorError('invalid field selector: invalid escape sequence: \\');
  return value;
}
