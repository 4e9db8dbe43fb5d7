import { plus } from './estimate';

/** What a comprehension costs beside its range: what it begins and ends with, and each round. */
interface MacroSteps {
  readonly once: number;
  readonly each: number;
  readonly makes: 'value' | 'list' | 'map';
}

/** How many of the arguments of a comprehension name its variables. */
export const variableCount = (name: string, length: number): number => {
  if (name.startsWith('transform')) return 2;
  return ['all', 'exists', 'exists_one', 'existsOne'].includes(name) ? length - 1 : 1;
};

const listCost = 10;
const mapCost = 30;

/**
 * The calls and names that cel-go expands macros to, as costs. `all` begins with true; each round looks whether the result
 * so far is not false (2), and joins it (1) to the condition; the result is read at the end (1).
 */
export function macroSteps(name: string, bodies: readonly number[]): MacroSteps {
  const [first = 0] = bodies;
  const last = bodies.at(-1) ?? 0;
  /** Beside what is made; nothing but reading the result when it is not chosen. */
  const chosen = (made: number): number => (bodies.length > 1 ? plus(first, Math.max(made, 1)) : made);
  switch (name) {
    case 'all':
      return { once: 1, each: plus(3, last), makes: 'value' };
    case 'exists':
      return { once: 1, each: plus(4, last), makes: 'value' };
    case 'exists_one':
    case 'existsOne':
      return { once: 2, each: plus(2, last), makes: 'value' };
    case 'filter':
      return { once: plus(listCost, 1), each: plus(last, 3, listCost), makes: 'list' };
    case 'transformMap':
      return { once: plus(mapCost, 1), each: chosen(plus(3, last)), makes: 'map' };
    case 'transformMapEntry':
      return { once: plus(mapCost, 1), each: chosen(plus(2, last)), makes: 'map' };
    default:
      return { once: plus(listCost, 1), each: chosen(plus(2, listCost, last)), makes: 'list' };
  }
}
