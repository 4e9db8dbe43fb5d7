import type { CelEnvironment } from '../check/cel-environment';
import { type CelType, celTypes } from '../check/cel-type';
import { compileCelTree, resultProblem } from '../check/compile-cel-tree';
import { visitCel } from '../check/cel-validators';
import type { CelNode } from '../syntax/cel-node';
import { estimateCost, type SizeOfName } from '../cost/estimate-cost';
import { libraryFunctions } from '../library/library-functions';
import { CelAuthorizerValue, CelPending } from '../library/authorizer';
import { CelError, type CelValue } from '../value/cel-value';
import { valueOfJson } from '../value/json-value';
import { CelCostExceeded, CelMeter } from './cel-meter';
import type { CelRun, CelStep } from './cel-run';
import { compileNode } from './compile-node';
import { CelInstantiationError } from './fold-constants';

/** What one evaluation may cost (apiserver/pkg/apis/cel `PerCallLimit`). */
export const perCallCostLimit = 1_000_000;

/** Plain JSON by the names of variables; it is looked at, never copied or changed. */
export type CelVariables = Readonly<Record<string, unknown>>;

export interface CelRunOptions {
  readonly costLimit?: number;
}

export type CelResult =
  | { readonly value: CelValue; readonly cost: number; readonly error?: never }
  | {
      /** As cel-go words it: `no such key: x`. */
      readonly error: string;
      readonly cost: number;
      readonly isOverCost: boolean;
      readonly value?: never;
    };

/** An expression that is known to be right, as far as its types say. */
export interface CelProgram {
  readonly expression: string;
  readonly type: CelType;
  /** Names of those that it speaks of. */
  readonly variables: ReadonlySet<string>;
  /** What it costs at most, given how large variables can be. */
  estimateCost(sizeOf: SizeOfName): number;
  /** Throws `CelPending` when the authorizer answers with a promise: then `evaluateAsync` is meant. */
  evaluate(variables: CelVariables, options?: CelRunOptions): CelResult;
  /** Waits for an authorizer; asks nothing twice. */
  evaluateAsync(variables: CelVariables, options?: CelRunOptions): Promise<CelResult>;
}

export interface CompileCelOptions {
  /** What it may evaluate to; anything when there are none. */
  readonly results?: readonly CelType[];
}

export type CompiledCel =
  | { readonly program: CelProgram; readonly type: CelType; readonly problem?: never }
  | {
      /** In the words of upstream's admission: `compilation failed: …`, `program instantiation failed: …`, `must evaluate to bool but got string`. */
      readonly problem: string;
      readonly reason: 'compile' | 'result';
      /** Of an expression that is right but for what it evaluates to. */
      readonly type?: CelType;
      readonly program?: never;
    };

/** Reads, checks and makes ready to run. */
export function compileCel(
  expression: string,
  environment: CelEnvironment,
  { results = [] }: CompileCelOptions = {},
): CompiledCel {
  const checked = compileCelTree(expression, environment);
  if (checked.problem !== undefined) return { problem: `compilation failed: ${checked.problem}`, reason: 'compile' };
  const { type, node, types } = checked;
  const problem = resultProblem(type, results);
  if (problem !== undefined) return { problem, reason: 'result', type };
  let step: CelStep;
  try {
    step = compileNode(node, { environment, functions: libraryFunctions, types, locals: [] });
  } catch (error) {
    if (error instanceof CelInstantiationError) return { problem: error.message, reason: 'compile' };
    throw error;
  }
  return {
    program: programOf(
      {
        expression,
        type,
        variables: namesIn(node),
        estimateCost: (sizeOf) => estimateCost(node, { environment, types, sizeOf }),
      },
      step,
      environment,
    ),
    type,
  };
}

function namesIn(node: CelNode): ReadonlySet<string> {
  const names = new Set<string>();
  visitCel(node, (part) => {
    if (part.kind === 'ident') names.add(part.name.replace(/^\./, ''));
  });
  return names;
}

function programOf(
  facts: Omit<CelProgram, 'evaluate' | 'evaluateAsync'>,
  step: CelStep,
  environment: CelEnvironment,
): CelProgram {
  const evaluate = (variables: CelVariables, { costLimit = perCallCostLimit }: CelRunOptions = {}): CelResult => {
    const meter = new CelMeter(costLimit);
    try {
      const value = step(runOf(variables, environment, meter));
      return value instanceof CelError
        ? { error: value.message, cost: meter.cost, isOverCost: false }
        : { value, cost: meter.cost };
    } catch (error) {
      if (!(error instanceof CelCostExceeded)) throw error;
      return { error: error.message, cost: meter.cost, isOverCost: true };
    }
  };
  return {
    ...facts,
    evaluate,
    async evaluateAsync(variables, options) {
      for (;;) {
        try {
          return evaluate(variables, options);
        } catch (error) {
          if (!(error instanceof CelPending)) throw error;
          // What was asked is remembered, so that the expression comes further each time.
          await error.settled;
        }
      }
    },
  };
}

function runOf(variables: CelVariables, environment: CelEnvironment, meter: CelMeter): CelRun {
  const known = new Map<string, CelValue>();
  const typeOf = (name: string): CelType =>
    (environment.isRaw === true ? undefined : environment.variables.get(name)) ?? celTypes.dyn;
  const read = (name: string): CelValue => {
    if (Object.hasOwn(variables, name)) return valueOfJson(variables[name], typeOf(name), environment);
    const { authorizer } = variables;
    if (name === 'authorizer.requestResource' && authorizer instanceof CelAuthorizerValue)
      return authorizer.requestResource() ?? new CelError(`no such attribute(s): ${name}`);
    return environment.variables.has(name) && name !== 'authorizer'
      ? null
      : new CelError(`no such attribute(s): ${name}`);
  };
  return {
    meter,
    locals: [],
    variable: (name) => {
      let value = known.get(name);
      if (value === undefined) known.set(name, (value = read(name)));
      return value;
    },
  };
}
