import { AddressRange } from '@reckon/registry/kinds';
import { OptionError } from './option-error';

/** The address of the `kubernetes` Service: the first of the (first) range. Throws `OptionError` for what is no range. */
export function firstServiceAddress(ranges: string): string {
  const [first = ''] = ranges.split(',');
  try {
    return new AddressRange(first).address(0);
  } catch (cause) {
    throw new OptionError(`--service-cluster-ip-range: ${first} is not a network`, 'give one like 10.96.0.0/12', {
      cause,
    });
  }
}
