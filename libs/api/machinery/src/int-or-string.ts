import { goQuote } from './go-quote';
import { NumberSyntaxError, parseInt64 } from './go-number';

/** `intstr.IntOrString`: a number, or text such as `25%` or a port's name. */
export type IntOrString = number | string;

/** Neither a number nor a percentage; the message is upstream's. */
export class IntOrStringError extends Error {
  readonly code = 'InvalidIntOrString';
  constructor(message: string) {
    super(message);
    this.name = 'IntOrStringError';
  }
}

/** intstr.GetScaledValueFromIntOrPercent: a number as it is, `25%` as that part of `total`. Throws `IntOrStringError`. */
export function scaledIntOrPercent(value: IntOrString, total: number, rounding: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  const percent = percentOf(value);
  const part = (percent * total) / 100;
  return rounding === 'up' ? Math.ceil(part) : Math.floor(part);
}

function percentOf(text: string): number {
  if (!text.endsWith('%')) {
    throw new IntOrStringError('invalid value for IntOrString: invalid type: string is not a percentage');
  }
  try {
    return Number(parseInt64(text.slice(0, -1), 'Atoi'));
  } catch (error) {
    if (!(error instanceof NumberSyntaxError)) throw error;
    throw new IntOrStringError(`invalid value for IntOrString: invalid value ${goQuote(text)}: ${error.message}`);
  }
}

/** The number in front of `%`, undefined for anything else. */
export function percentValue(value: IntOrString): number | undefined {
  return typeof value === 'string' && /^[0-9]{1,15}%$/.test(value) ? Number(value.slice(0, -1)) : undefined;
}

/** intstr.Parse: text of digits becomes a number. */
export function parseIntOrString(text: string): IntOrString {
  return /^[+-]?[0-9]{1,10}$/.test(text) && Math.abs(Number(text)) < 2 ** 31 ? Number(text) : text;
}
