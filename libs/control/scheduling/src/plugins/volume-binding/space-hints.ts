import type { EventHint } from '../../framework/plugin';
import { largestVolume } from './storage-space';

const migratedPlugins = 'storage.alpha.kubernetes.io/migrated-plugins';

/** What drivers say of themselves and of their room may help a pod whose volumes could not be made (volumebinding.EventsToRegister). */
export const spaceHints: readonly EventHint[] = [
  {
    resource: 'CSINode',
    actions: ['Add', 'Update'],
    helps: (_, event) =>
      event.resource !== 'CSINode' ||
      event.before === undefined ||
      event.before.metadata.annotations?.[migratedPlugins] !== event.after?.metadata.annotations?.[migratedPlugins],
  },
  {
    resource: 'CSIDriver',
    actions: ['Update'],
    // Room counts no more.
    helps: (_, event) =>
      event.resource !== 'CSIDriver' ||
      (event.before?.spec.storageCapacity === true && event.after?.spec.storageCapacity !== true),
  },
  {
    resource: 'CSIStorageCapacity',
    actions: ['Add', 'Update'],
    helps: (_, event) => {
      if (event.resource !== 'CSIStorageCapacity' || event.before === undefined || event.after === undefined)
        return true;
      return (largestVolume(event.after) ?? -1n) > (largestVolume(event.before) ?? -1n);
    },
  },
];
