import { goQuote } from './go-quote';

/** What a form says of an input that does not fit it, as zod has it. */
interface FormIssue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Where `code` is `unrecognized_keys`. */
  readonly keys?: readonly string[];
}

/** For a file that somebody wrote: `unknown field "rules[0].verb"` or `rules[0].verbs: …`. Shows names of fields, no values. */
export function issueText({ code, path, message, keys = [] }: FormIssue): string {
  const at = pathText(path);
  if (code !== 'unrecognized_keys') return at === '' ? message : `${at}: ${message}`;
  return keys.map((key) => `unknown field ${goQuote(at === '' ? key : `${at}.${key}`)}`).join(', ');
}

/** `rules[0].verbs` */
const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${String(step)}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, '');
