import {
  type FieldError,
  type FieldPath,
  fieldErrors,
  goQuote,
  renderValue,
  stringifyJson,
} from '@reckon/api/machinery';

/** One thing wrong with a value, before it is known where the value stands. */
interface ValueError {
  readonly text: string;
  readonly at: (path: FieldPath) => FieldError;
}

/** What became of a check, as kube-openapi's `validate.Result`: of alternatives, the one that got furthest tells what is wrong. */
export class ValueResult {
  readonly errors: ValueError[] = [];
  matches = 0;
  private readonly texts = new Set<string>();

  get isValid(): boolean {
    return this.errors.length === 0;
  }

  /** The same text is said once. */
  add(error: ValueError): void {
    if (this.texts.has(error.text)) return;
    this.texts.add(error.text);
    this.errors.push(error);
  }

  merge(other: ValueResult): void {
    for (const error of other.errors) this.add(error);
    this.matches += other.matches;
  }
}

/** `.spec.size` of a value's own paths, under the path of the value. */
function below(path: FieldPath, name: string): FieldPath {
  return name === '' || name === '.' ? path : path.child(name.replace(/^\./, ''));
}

const error = (name: string, text: string, detail: (at: FieldPath) => FieldError): ValueError => ({
  text,
  at: (path) => detail(below(path, name)),
});

/** The errors of kube-openapi/pkg/validation/errors, as apiextensions shows them (`kubeOpenAPIResultToFieldErrors`). */
export const valueErrors = {
  type: (name: string, type: string, actual: string): ValueError => {
    const text = `${name} in body must be of type ${type}: ${goQuote(actual)}`;
    return error(name, text, (at) => fieldErrors.typeInvalid(at, actual, text));
  },
  required: (name: string): ValueError => error(name, `${name} in body is required`, (at) => fieldErrors.required(at)),
  notInEnum: (name: string, value: unknown, values: readonly unknown[]): ValueError =>
    error(name, `${name} in body should be one of ${renderValue(values)}`, (at) =>
      fieldErrors.notSupported(
        at,
        value,
        values.map((item) => (typeof item === 'string' ? item : stringifyJson(item))),
      ),
    ),
  tooLong: (name: string, most: number): ValueError =>
    error(name, `${name} in body should be at most ${String(most)} chars long`, (at) => fieldErrors.tooLong(at, most)),
  tooMany: (name: string, what: 'items' | 'properties', actual: number, most: number): ValueError =>
    error(name, `${name} in body should have at most ${String(most)} ${what}`, (at) =>
      fieldErrors.tooMany(at, actual, most),
    ),
  /** `rest` follows the name; `value` is shown. */
  invalid: (name: string, rest: string, value: unknown): ValueError => {
    const text = `${name} in body ${rest}`;
    return error(name, text, (at) => fieldErrors.invalid(at, value, text));
  },
  /** Said of the schema, at the value. */
  negativeFactor: (name: string, factor: number, shown: string): ValueError => {
    const text = `factor MultipleOf declared for ${name} must be positive: ${shown}`;
    return error(name, text, (at) => fieldErrors.invalid(at, factor, text));
  },
  forbiddenProperty: (name: string, key: string): ValueError => {
    const text = `${name}.${key} in body is a forbidden property`;
    return error(name, text, (at) => fieldErrors.invalid(at, key, text));
  },
  /** Said of the whole: upstream knows no path for these. */
  composite: (text: string): ValueError => ({ text, at: (path) => fieldErrors.invalid(path, '', text) }),
};
