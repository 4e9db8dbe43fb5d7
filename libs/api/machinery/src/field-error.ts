import { goJson, goQuote } from './go-quote';

/** Types as k8s.io/apimachinery/pkg/util/validation/field `ErrorType`; they are the `reason` of a Status cause. */
export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError'
  | 'FieldValueTypeInvalid';

/** One refused field. `field` is the dotted path (`spec.containers[0].image`). */
export class FieldError {
  constructor(
    readonly type: FieldErrorType,
    readonly field: string,
    private readonly text: string,
  ) {}

  /** The message without the path, as a cause carries it. */
  body(): string {
    return this.text;
  }

  toString(): string {
    return `${this.field}: ${this.text}`;
  }
}

/**
 * A path into an object: `fieldPath('spec').child('containers').index(0).child('image')`, `.key('a.b')` gives `[a.b]`.
 * Validation makes a hundred of them for every one that it prints, so a path is a chain whose text is made on demand.
 */
export class FieldPath {
  constructor(
    private readonly step: string,
    private readonly parent?: FieldPath,
  ) {}

  /** Empty names are left out. */
  child(name: string, ...more: string[]): FieldPath {
    let path: FieldPath = name === '' ? this : new FieldPath(`.${name}`, this);
    for (const next of more) path = path.child(next);
    return path;
  }

  index(i: number): FieldPath {
    return new FieldPath(`[${String(i)}]`, this);
  }

  key(k: string): FieldPath {
    return new FieldPath(`[${k}]`, this);
  }

  toString(): string {
    const text = this.parent === undefined ? this.step : this.parent.toString() + this.step;
    // The first name of a path that began empty has no dot before it.
    return this.parent?.isEmpty() === true && text.startsWith('.') ? text.slice(1) : text;
  }

  private isEmpty(): boolean {
    return this.step === '' && this.parent === undefined;
  }
}

export const fieldPath = (...names: string[]): FieldPath =>
  new FieldPath(names.length === 1 ? (names[0] ?? '') : names.filter((name) => name !== '').join('.'));

/**
 * Renders a value as upstream's `field.Error.ErrorBody` does: strings as Go's `%q`, numbers and booleans bare, everything
 * else as `json.Marshal` writes it. Structs must be given in the shape and order that upstream prints: internal types print
 * their Go field names and their nulls (`{"Type":"x","RollingUpdate":null}`), a nil map or list is `null`. Times and
 * quantities are their JSON strings.
 */
export function renderValue(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  return goJson(value);
}

/** A `map[string]string` as Go marshals it: keys sorted; null when there is none. */
export function renderedMap(map: Readonly<Record<string, string>> | null | undefined): Record<string, string> | null {
  return map == null ? null : Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Constructors with upstream's message forms (k8s.io/apimachinery/pkg/util/validation/field). */
export const fieldErrors = {
  required: (path: FieldPath, detail = ''): FieldError =>
    new FieldError('FieldValueRequired', path.toString(), withDetail('Required value', detail)),
  invalid: (path: FieldPath, value: unknown, detail: string): FieldError =>
    new FieldError('FieldValueInvalid', path.toString(), withDetail(`Invalid value: ${renderValue(value)}`, detail)),
  /** Where the value would say nothing, or too much (`field.OmitValueType`). */
  invalidUnshown: (path: FieldPath, detail: string): FieldError =>
    new FieldError('FieldValueInvalid', path.toString(), withDetail('Invalid value', detail)),
  duplicate: (path: FieldPath, value: unknown): FieldError =>
    new FieldError('FieldValueDuplicate', path.toString(), `Duplicate value: ${renderValue(value)}`),
  notFound: (path: FieldPath, value: unknown): FieldError =>
    new FieldError('FieldValueNotFound', path.toString(), `Not found: ${renderValue(value)}`),
  /** `supported` is printed in the order given; callers sort where upstream does (sets are sorted). */
  notSupported: (path: FieldPath, value: unknown, supported: readonly string[]): FieldError =>
    new FieldError(
      'FieldValueNotSupported',
      path.toString(),
      withDetail(
        `Unsupported value: ${renderValue(value)}`,
        supported.length === 0 ? '' : `supported values: ${supported.map(goQuote).join(', ')}`,
      ),
    ),
  forbidden: (path: FieldPath, detail: string): FieldError =>
    new FieldError('FieldValueForbidden', path.toString(), withDetail('Forbidden', detail)),
  tooLong: (path: FieldPath, maxLength: number): FieldError =>
    new FieldError('FieldValueTooLong', path.toString(), `Too long: may not be more than ${String(maxLength)} bytes`),
  tooMany: (path: FieldPath, actual: number, max: number): FieldError =>
    new FieldError(
      'FieldValueTooMany',
      path.toString(),
      `Too many: ${String(actual)}: must have at most ${String(max)} items`,
    ),
  typeInvalid: (path: FieldPath, value: unknown, detail: string): FieldError =>
    new FieldError(
      'FieldValueTypeInvalid',
      path.toString(),
      withDetail(`Invalid value: ${renderValue(value)}`, detail),
    ),
  internal: (path: FieldPath, detail: string): FieldError =>
    new FieldError('InternalError', path.toString(), withDetail('Internal error', detail)),
};

function withDetail(text: string, detail: string): string {
  return detail === '' ? text : `${text}: ${detail}`;
}
