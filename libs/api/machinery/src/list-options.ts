import { type FieldError, fieldErrors, fieldPath } from './field-error';
import { type FieldSelector, parseFieldSelector } from './field-selector';
import { type LabelSelector, parseLabelSelector } from './label-selector';
import { type QueryValues, queryFlag, queryNumber, queryText } from './query-values';
import { SelectorError } from './selector-error';
import { statusErrors } from './status-error';

/** `metav1.ListOptions` of a list, watch or deletecollection. Absent texts are empty, as upstream. */
export interface ListOptions {
  readonly labelSelector: LabelSelector;
  readonly fieldSelector: FieldSelector;
  readonly watch: boolean;
  readonly allowWatchBookmarks: boolean;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly timeoutSeconds: number | undefined;
  /** 0 or less is no limit. */
  readonly limit: number;
  readonly continue: string;
  readonly sendInitialEvents: boolean | undefined;
}

export interface ListOptionsRules {
  /** Paths under `/watch/` watch whatever the query says. */
  readonly isWatchPath?: boolean;
}

/**
 * Decodes, defaults and validates in upstream's order; throws a `StatusError`: 400 for what cannot be read, 422 of
 * `ListOptions.meta.k8s.io` for what does not go together. A watch from 0 or nowhere is asked to begin with the state
 * (`sendInitialEvents`, SetListOptionsDefaults).
 */
export function parseListOptions(query: QueryValues, { isWatchPath = false }: ListOptionsRules = {}): ListOptions {
  const timeoutSeconds = queryNumber(query, 'timeoutSeconds');
  const limit = queryNumber(query, 'limit') ?? 0;
  const options: ListOptions = {
    ...selectors(query),
    watch: isWatchPath || (queryFlag(query, 'watch') ?? false),
    allowWatchBookmarks: queryFlag(query, 'allowWatchBookmarks') ?? false,
    resourceVersion: queryText(query, 'resourceVersion'),
    resourceVersionMatch: queryText(query, 'resourceVersionMatch'),
    timeoutSeconds,
    limit,
    continue: queryText(query, 'continue'),
    sendInitialEvents: queryFlag(query, 'sendInitialEvents'),
  };
  const defaulted = withDefaults(options);
  const errors = validateListOptions(defaulted);
  if (errors.length > 0) throw statusErrors.invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  return defaulted;
}

function selectors(query: QueryValues): Pick<ListOptions, 'labelSelector' | 'fieldSelector'> {
  try {
    return {
      labelSelector: parseLabelSelector(queryText(query, 'labelSelector')),
      fieldSelector: parseFieldSelector(queryText(query, 'fieldSelector')),
    };
  } catch (error) {
    if (error instanceof SelectorError) throw statusErrors.badRequest(error.message, error);
    throw error;
  }
}

function withDefaults(options: ListOptions): ListOptions {
  const { watch, resourceVersion, resourceVersionMatch, sendInitialEvents } = options;
  if (!watch || sendInitialEvents !== undefined || resourceVersionMatch !== '') return options;
  if (resourceVersion !== '' && resourceVersion !== '0') return options;
  return { ...options, sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' };
}

/** k8s.io/apimachinery/pkg/apis/meta/internalversion/validation.ValidateListOptions, with the WatchList feature on. */
export function validateListOptions(options: ListOptions): FieldError[] {
  return options.watch ? validateWatchOptions(options) : validateReadOptions(options);
}

const matchPath = fieldPath('resourceVersionMatch');
const withContinue = 'resourceVersionMatch is forbidden when continue is provided';

function validateReadOptions(options: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  const match = options.resourceVersionMatch;
  if (match !== '') {
    if (options.resourceVersion === '') {
      errors.push(
        fieldErrors.forbidden(matchPath, 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
      );
    }
    if (options.continue !== '') errors.push(fieldErrors.forbidden(matchPath, withContinue));
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(fieldErrors.notSupported(matchPath, match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && options.resourceVersion === '0') {
      errors.push(
        fieldErrors.forbidden(matchPath, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
      );
    }
  }
  if (options.sendInitialEvents !== undefined) {
    errors.push(fieldErrors.forbidden(fieldPath('sendInitialEvents'), 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

function validateWatchOptions(options: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  const match = options.resourceVersionMatch;
  if (options.sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(
      fieldErrors.forbidden(matchPath, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'),
    );
  }
  if (match === '') return errors;
  if (options.sendInitialEvents === undefined) {
    errors.push(
      fieldErrors.forbidden(
        matchPath,
        'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      ),
    );
  }
  if (match !== 'NotOlderThan') errors.push(fieldErrors.notSupported(matchPath, match, ['NotOlderThan']));
  if (options.continue !== '') errors.push(fieldErrors.forbidden(matchPath, withContinue));
  return errors;
}
