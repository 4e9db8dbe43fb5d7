import { callCosts } from '../evaluate/call-cost';
import type { CelFunctionTable } from '../evaluate/cel-run';
import { addressFunctions } from './addresses';
import { authorizerFunctions } from './authorizer';
import { conversionFunctions } from './conversions';
import { formatFunctions } from './named-formats';
import { listExtensionFunctions } from './list-extension';
import { listFunctions } from './lists';
import { operators } from './operators';
import { optionalFunctions } from './optionals';
import { quantityFunctions } from './quantities';
import { semverFunctions } from './semver';
import { stringFunctions } from './strings';
import { timeFunctions } from './times';
import { urlFunctions } from './urls';

/** What every declared function does; one that several libraries have tells their values apart. */
export const libraryFunctions: CelFunctionTable = {
  ...operators,
  ...conversionFunctions,
  ...stringFunctions,
  ...listFunctions,
  ...listExtensionFunctions,
  ...optionalFunctions,
  ...timeFunctions,
  ...quantityFunctions,
  ...semverFunctions,
  ...addressFunctions,
  ...urlFunctions,
  ...formatFunctions,
  ...authorizerFunctions,
  // A key as a part of a JSON pointer.
  'jsonpatch.escapeKey': {
    run: ([key]) => (typeof key === 'string' ? key.replaceAll('~', '~0').replaceAll('/', '~1') : undefined),
    cost: callCosts.traverse,
  },
};
