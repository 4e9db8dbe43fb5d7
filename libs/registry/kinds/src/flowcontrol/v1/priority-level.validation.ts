import { type FieldPath, fieldErrors, fieldPath } from '@reckon/api/machinery';
import type { flowcontrolv1 } from '@reckon/api/types';
import type { Errors } from '../../field-checks';

const types = ['Exempt', 'Limited'];
const responses = ['Queue', 'Reject'];
const mostQueues = 10_000_000;
/** shufflesharding.MaxHashBits: a hand of queues is dealt by a hash of so many bits. */
const mostHashBits = 60;

/** ValidatePriorityLevelConfigurationSpec. */
export function validatePriorityLevelSpec(
  errors: Errors,
  name: string,
  { type, limited, exempt }: flowcontrolv1.PriorityLevelConfigurationSpec,
): void {
  const path = fieldPath('spec');
  if ((name === 'exempt') !== (type === 'Exempt'))
    errors.push(fieldErrors.invalid(path.child('type'), type, "must be 'Exempt' if and only if `name` is 'exempt'"));
  switch (type) {
    case 'Exempt':
      if (limited !== undefined)
        errors.push(fieldErrors.forbidden(path.child('limited'), 'must be nil if the type is not Limited'));
      if (exempt !== undefined) validateExempt(errors, path.child('exempt'), exempt);
      break;
    case 'Limited':
      if (exempt !== undefined)
        errors.push(fieldErrors.forbidden(path.child('exempt'), 'must be nil if the type is Limited'));
      if (limited === undefined)
        errors.push(fieldErrors.required(path.child('limited'), 'must not be empty when type is Limited'));
      else validateLimited(errors, path.child('limited'), limited);
      break;
    default:
      if (!type) errors.push(fieldErrors.required(path.child('type')));
      else errors.push(fieldErrors.notSupported(path.child('type'), type, types));
  }
}

function validateExempt(errors: Errors, path: FieldPath, exempt: flowcontrolv1.ExemptPriorityLevelConfiguration): void {
  checkShares(errors, path, exempt.nominalConcurrencyShares);
  checkLendable(errors, path, exempt.lendablePercent);
}

function validateLimited(
  errors: Errors,
  path: FieldPath,
  limited: flowcontrolv1.LimitedPriorityLevelConfiguration,
): void {
  checkShares(errors, path, limited.nominalConcurrencyShares);
  validateResponse(errors, path.child('limitResponse'), limited.limitResponse ?? { type: '' });
  checkLendable(errors, path, limited.lendablePercent);
  const borrowed = limited.borrowingLimitPercent;
  if (borrowed !== undefined && borrowed < 0)
    errors.push(
      fieldErrors.invalid(
        path.child('borrowingLimitPercent'),
        borrowed,
        'if specified, must be a non-negative integer',
      ),
    );
}

function checkShares(errors: Errors, path: FieldPath, shares: number | undefined): void {
  if (shares !== undefined && shares < 0)
    errors.push(fieldErrors.invalid(path.child('nominalConcurrencyShares'), shares, 'must be a non-negative integer'));
}

function checkLendable(errors: Errors, path: FieldPath, percent: number | undefined): void {
  if (percent !== undefined && (percent < 0 || percent > 100))
    errors.push(fieldErrors.invalid(path.child('lendablePercent'), percent, 'must be between 0 and 100, inclusive'));
}

function validateResponse(errors: Errors, path: FieldPath, { type, queuing }: flowcontrolv1.LimitResponse): void {
  const queuingPath = path.child('queuing');
  switch (type) {
    case 'Reject':
      if (queuing !== undefined)
        errors.push(fieldErrors.forbidden(queuingPath, 'must be nil if limited.limitResponse.type is not Limited'));
      break;
    case 'Queue':
      if (queuing === undefined)
        errors.push(fieldErrors.required(queuingPath, 'must not be empty if limited.limitResponse.type is Limited'));
      else validateQueuing(errors, queuingPath, queuing);
      break;
    default:
      if (!type) errors.push(fieldErrors.required(path.child('type')));
      else errors.push(fieldErrors.notSupported(path.child('type'), type, responses));
  }
}

function validateQueuing(errors: Errors, path: FieldPath, queuing: flowcontrolv1.QueuingConfiguration): void {
  const { queues, handSize, queueLengthLimit } = queuing;
  const wrong = (field: keyof flowcontrolv1.QueuingConfiguration, why: string): void => {
    errors.push(fieldErrors.invalid(path.child(field), queuing[field], why));
  };
  if (queueLengthLimit <= 0) wrong('queueLengthLimit', 'must be positive');
  if (queues <= 0) wrong('queues', 'must be positive');
  else if (queues > mostQueues) wrong('queues', `must not be greater than ${String(mostQueues)}`);
  if (handSize <= 0) wrong('handSize', 'must be positive');
  else if (handSize > queues) wrong('handSize', `should not be greater than queues (${String(queues)})`);
  else if (entropyBits(queues, handSize) > mostHashBits)
    wrong(
      'handSize',
      `required entropy bits of deckSize ${String(queues)} and handSize ${String(handSize)} should not be greater than ${String(mostHashBits)}`,
    );
}

/** shufflesharding.RequiredEntropyBits: how many bits it takes to deal every hand. */
const entropyBits = (deckSize: number, handSize: number): number => Math.ceil(Math.log2(deckSize) * handSize);
