import { type FieldError, fieldErrors, fieldPath, parseTime, statusErrors } from '@reckon/api/machinery';

/** What of the query is meant for the kubelet (`PodLogOptions`). */
const forwarded = ['follow', 'previous', 'sinceSeconds', 'sinceTime', 'timestamps', 'tailLines', 'limitBytes'] as const;

/**
 * The part of a log request that goes to the kubelet. Throws 400 for text that is no number, 422 for numbers out of range
 * (core/validation.ValidatePodLogOptions).
 */
export function podLogOptions(query: URLSearchParams, podName: string): URLSearchParams {
  const errors: FieldError[] = [];
  atLeast(query, 'tailLines', 0, 'must be greater than or equal to 0', errors);
  atLeast(query, 'limitBytes', 1, 'must be greater than 0', errors);
  const time = query.get('sinceTime');
  if (time !== null && !isTime(time))
    throw statusErrors.badRequest(`parsing time ${JSON.stringify(time)}: it is not RFC 3339`);
  const seconds = atLeast(query, 'sinceSeconds', 1, 'must be greater than 0', errors);
  if (seconds !== undefined && time !== null)
    errors.push(fieldErrors.forbidden(fieldPath(''), 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  if (errors.length > 0) throw statusErrors.invalid({ group: '', kind: 'PodLogOptions' }, podName, errors);

  const passed = new URLSearchParams();
  for (const name of forwarded) {
    const value = query.get(name);
    if (value !== null) passed.set(name, value);
  }
  return passed;
}

function atLeast(
  query: URLSearchParams,
  name: string,
  least: number,
  rule: string,
  errors: FieldError[],
): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(value))
    throw statusErrors.badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  if (value < least) errors.push(fieldErrors.invalid(fieldPath(name), value, rule));
  return value;
}

function isTime(text: string): boolean {
  try {
    parseTime(text);
    return true;
  } catch {
    return false;
  }
}
