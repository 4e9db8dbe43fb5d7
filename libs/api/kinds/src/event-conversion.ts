import type { KubeObject } from '@reckon/api/machinery';
import type { Converters, GroupVersion } from './converters';
import type { Plans } from './normalize-plan';
import type { TypeTable } from './table';

/** What the two kinds of Event call the same thing (`Convert_v1_Event_To_core_Event`); other fields share their names. */
const coreToEvents: Readonly<Record<string, string>> = {
  involvedObject: 'regarding',
  message: 'note',
  source: 'deprecatedSource',
  firstTimestamp: 'deprecatedFirstTimestamp',
  lastTimestamp: 'deprecatedLastTimestamp',
  count: 'deprecatedCount',
  reportingComponent: 'reportingController',
};
const eventsToCore = Object.fromEntries(Object.entries(coreToEvents).map(([core, events]) => [events, core]));

const core: GroupVersion = { group: '', version: 'v1' };
const events: GroupVersion = { group: 'events.k8s.io', version: 'v1' };

/** Events are stored as core/v1 and served as events.k8s.io/v1 too. */
export function addEventConversion(converters: Converters, types: TypeTable, plans: Plans): void {
  const renaming =
    (names: Readonly<Record<string, string>>, struct: string, apiVersion: string) =>
    (object: KubeObject): KubeObject => {
      const renamed = Object.fromEntries(Object.entries(object).map(([name, value]) => [names[name] ?? name, value]));
      // The plan puts the fields in order and adds those that only this version always shows.
      const run = { keys: 0, doubtful: false };
      const converted = plans.ofStruct(types.struct(struct))({ ...renamed, apiVersion }, run);
      if (run.doubtful) throw new RangeError(`the Event is not in canonical form, so it cannot become ${apiVersion}`);
      return converted as KubeObject;
    };
  converters.add('Event', core, events, renaming(coreToEvents, 'events/v1.Event', 'events.k8s.io/v1'));
  converters.add('Event', events, core, renaming(eventsToCore, 'core/v1.Event', 'v1'));
}
