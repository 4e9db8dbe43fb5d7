import type { CelType } from '../check/cel-type';
import type { ObjectTypes } from './object-types';

/** What an expression may refer to, beside `object`, `oldObject`, `request` and `namespaceObject`. */
export interface CelScope {
  readonly hasParams: boolean;
  readonly hasAuthorizer: boolean;
  /** Mutations write objects of types that only they know. */
  readonly hasPatchTypes?: boolean;
  /** The members of `variables`; undefined where there is no such thing. A variable that failed is of any type. */
  readonly variables?: ReadonlyMap<string, CelType>;
  /** What is known of the objects; absent: they may be anything. */
  readonly types?: ObjectTypes;
}

export type CelOutcome = { readonly type: CelType } | { readonly problem: string };

/** Compiles expressions of admission (apiserver/pkg/admission/plugin/cel), as far as to say what is wrong with them. */
export interface CelChecker {
  /** `results`: the types that it may evaluate to; any when there are none. The problem is said in upstream's words. */
  check(expression: string, scope: CelScope, results: readonly CelType[]): CelOutcome;
}
