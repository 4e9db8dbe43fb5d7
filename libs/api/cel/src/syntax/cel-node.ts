import type { CelType } from '../check/cel-type';
import type { CelValue } from '../value/cel-value';

/** An expression; `at` is where a message about it points, as an index of UTF-16 units. */
export type CelNode =
  | { readonly kind: 'literal'; readonly at: number; readonly type: CelType; readonly value: CelValue }
  | { readonly kind: 'ident'; readonly at: number; readonly name: string }
  | {
      readonly kind: 'select';
      readonly at: number;
      readonly operand: CelNode;
      readonly field: string;
      readonly isOptional: boolean;
    }
  | {
      readonly kind: 'call';
      readonly at: number;
      readonly name: string;
      readonly target?: CelNode;
      readonly arguments: readonly CelNode[];
    }
  | {
      readonly kind: 'list';
      readonly at: number;
      readonly elements: readonly { readonly value: CelNode; readonly isOptional: boolean }[];
    }
  | { readonly kind: 'map'; readonly at: number; readonly entries: readonly CelEntry[] }
  | { readonly kind: 'message'; readonly at: number; readonly name: string; readonly fields: readonly CelField[] };

export interface CelEntry {
  readonly key: CelNode;
  readonly value: CelNode;
  readonly isOptional: boolean;
}

export interface CelField {
  readonly name: string;
  /** The colon. */
  readonly at: number;
  readonly value: CelNode;
  readonly isOptional: boolean;
}

/** What is wrong, and where; -1 where it is the whole. */
export interface CelProblem {
  readonly at: number;
  readonly message: string;
}
