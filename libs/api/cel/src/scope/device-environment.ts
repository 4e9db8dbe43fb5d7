import { type CelEnvironment, environmentOf } from '../check/cel-environment';
import type { SizedType } from '../cost/sized-type';
import { celTypes, mapOf, objectType } from '../check/cel-type';

const { any, bool, string } = celTypes;

/** What a selector of devices sees (k8s.io/dynamic-resource-allocation/cel `mustBuildEnv`). */
export const deviceEnvironment = (): CelEnvironment =>
  environmentOf({
    variables: [['device', objectType('kubernetes.DRADevice')]],
    objects: {
      'kubernetes.DRADevice': {
        driver: string,
        // By domain, then by name: `device.attributes["example.com"].model`.
        attributes: mapOf(string, mapOf(string, any)),
        capacity: mapOf(string, mapOf(string, objectType('kubernetes.Quantity'))),
        allowMultipleAllocations: bool,
      },
    },
    hasBind: true,
  });

const most = (maxElements: number): SizedType => ({ maxElements, minSerializedSize: 1 });
const name = most(63);
const identifier = most(32);
const value = most(64);
const mostParts = 32;

/** What the limits on devices mean for the size of `device`. */
export const deviceSize: SizedType = {
  maxElements: 0,
  minSerializedSize: 2,
  fields: new Map<string, SizedType>([
    ['driver', name],
    [
      'attributes',
      {
        ...most(mostParts),
        key: name,
        element: { ...most(mostParts), key: identifier, element: value, anyField: value },
      },
    ],
    ['capacity', { ...most(mostParts), key: name, element: { ...most(mostParts), key: identifier, element: most(0) } }],
    ['allowMultipleAllocations', most(0)],
  ]),
};
