import type { FieldPath } from '@reckon/api/machinery';
import type { Errors } from '../../field-checks';

/**
 * Compiles the expression of a device selector and appends what is wrong with it, or that it costs too much
 * (k8s.io/dynamic-resource-allocation/cel `CompileCELExpression`). `stored` ones compile with what any version knew.
 */
export type SelectorChecker = (errors: Errors, path: FieldPath, expression: string, origin: 'new' | 'stored') => void;

/** No expression is looked at. */
export const uncheckedSelectors: SelectorChecker = () => undefined;
