import { type MacroOptions, macroProblem } from './cel-macros';
import type { CelNode, CelProblem } from '../syntax/cel-node';
import { compileGoPattern } from '../regex/go-pattern';
import { isTimestampRange, parseDuration, parseTimestamp } from '../value/cel-time';

/** What the checker refuses to go into is not gone into here either. */
const deepest = 1000;

/** Calls `visit` for every part of an expression, the parts of a part before it. */
export function visitCel(node: CelNode, visit: (node: CelNode) => void, depth = 0): void {
  if (depth > deepest) return;
  const visitPart = (part: CelNode): void => visitCel(part, visit, depth + 1);
  switch (node.kind) {
    case 'literal':
    case 'ident':
      break;
    case 'select':
      visitPart(node.operand);
      break;
    case 'call':
      if (node.target !== undefined) visitPart(node.target);
      for (const argument of node.arguments) visitPart(argument);
      break;
    case 'list':
      for (const { value } of node.elements) visitPart(value);
      break;
    case 'map':
      for (const { key, value } of node.entries) {
        visitPart(key);
        visitPart(value);
      }
      break;
    case 'message':
      for (const { value } of node.fields) visitPart(value);
  }
  visit(node);
}

/** Macros that are not written as they must be: found while parsing, so that no types are looked at. */
export function macroProblems(node: CelNode, options: MacroOptions): CelProblem[] {
  const problems: CelProblem[] = [];
  visitCel(node, (part) => {
    const problem = part.kind === 'call' ? macroProblem(part, options) : undefined;
    if (problem !== undefined) problems.push(problem);
  });
  return problems;
}

/**
 * Literals that a function can make nothing of (cel-go `ValidateDurationLiterals`, `ValidateTimestampLiterals`,
 * `ValidateRegexLiterals`): always the first argument, also where `matches` is no method.
 */
export function literalProblems(node: CelNode): CelProblem[] {
  const problems: CelProblem[] = [];
  visitCel(node, (part) => {
    if (part.kind !== 'call') return;
    const [argument] = part.arguments;
    if (argument?.kind !== 'literal' || !Object.hasOwn(rules, part.name)) return;
    const { value } = argument;
    const isRight =
      typeof value === 'string'
        ? rules[part.name]?.(value)
        : part.name !== 'timestamp' || typeof value !== 'bigint' || isTimestampRange(value * nanosPerSecond);
    if (isRight === false) problems.push({ at: argument.at, message: `invalid ${part.name} argument` });
  });
  return problems;
}

const nanosPerSecond = 1_000_000_000n;

const rules: Readonly<Record<string, (text: string) => boolean>> = {
  duration: (text) => parseDuration(text) !== undefined,
  matches: (text) => compileGoPattern(text).problem === undefined,
  timestamp: (text) => parseTimestamp(text) !== undefined,
};
