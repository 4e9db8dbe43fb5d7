import type { apiextensionsv1 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { countSpecChange } from '../../generation';
import { keepSpec } from '../../status-keeping';
import { type RulesChecker, uncheckedRules } from '../schema/rules-checker';
import { settleNames } from './accepted-names';
import { addStorageVersion, setDefinitionDefaults } from './custom-resource-definition.defaults';
import {
  validateDefinition,
  validateDefinitionUpdate,
  validateStatusNames,
} from './custom-resource-definition.validation';
import { formatWarnings } from './format.warnings';

type Definition = apiextensionsv1.CustomResourceDefinition;
type Status = apiextensionsv1.CustomResourceDefinitionStatus;

/** A status of which nothing is known yet, with the nulls that Go writes. */
const newStatus = (): Status => JSON.parse(emptyStatus) as Status;
const emptyStatus = '{"conditions":null,"acceptedNames":{"plural":"","kind":""},"storedVersions":null}';

/**
 * The strategies of definitions of custom resources. Upstream adds a finalizer when one is deleted, for a controller that deletes its
 * custom resources first; nothing can be created of a definition here yet, so it goes at once.
 */
export function definitionStrategies(checkRules: RulesChecker = uncheckedRules): {
  readonly strategy: Strategy<Definition>;
  readonly status: Strategy<Definition>;
} {
  const decide: Strategy<Definition>['decide'] = (ctx, storage, definition, old) =>
    settleNames(storage, definition, old, ctx.nowMs);
  return {
    strategy: {
      allowUnconditionalUpdate: false,
      returnsDeletedObject: true,
      defaults: setDefinitionDefaults,
      prepareForCreate: (_ctx, definition) => {
        definition.metadata.generation = 1;
        definition.status = newStatus();
        addStorageVersion(definition.status, definition.spec);
      },
      validate: (_ctx, definition) => validateDefinition(definition, checkRules),
      warningsOnCreate: (_ctx, definition) => formatWarnings(definition, undefined),
      prepareForUpdate: (_ctx, definition, old) => {
        // A copy: versions are added to it.
        definition.status = { ...(old.status ?? newStatus()) };
        countSpecChange(definition, old, definition.spec, old.spec);
        addStorageVersion(definition.status, definition.spec);
      },
      validateUpdate: (_ctx, definition, old) => validateDefinitionUpdate(definition, old, checkRules),
      warningsOnUpdate: (_ctx, definition, old) => formatWarnings(definition, old),
      decide,
    },
    status: {
      allowUnconditionalUpdate: false,
      resetFields: [['metadata'], ['spec']],
      defaults: setDefinitionDefaults,
      prepareForUpdate: (_ctx, definition, old) => {
        keepSpec(definition, old);
        dropObservedGeneration(definition, old);
      },
      validateUpdate: (_ctx, definition) => {
        const errors: ReturnType<typeof validateDefinition> = [];
        validateStatusNames(errors, definition);
        return errors;
      },
      decide,
    },
  };
}

/** CRDObservedGenerationTracking is off: it does not come in where it is not in use. */
function dropObservedGeneration({ status }: Definition, old: Definition): void {
  const before = old.status?.conditions ?? [];
  const isInUse =
    old.status?.observedGeneration !== undefined ||
    before.some(({ observedGeneration }) => observedGeneration !== undefined);
  if (!status || isInUse) return;
  delete status.observedGeneration;
  for (const condition of status.conditions ?? []) delete condition.observedGeneration;
}
