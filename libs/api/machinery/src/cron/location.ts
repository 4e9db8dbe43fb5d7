import { timeZoneNames } from './time-zone-names';

/** Why Go's `time.LoadLocation` would not load it; undefined if it would. */
export function locationProblem(name: string): string | undefined {
  if (name === '' || name === 'Local' || timeZoneNames.has(name)) return undefined;
  // What could leave the folder of the database.
  if (name.includes('..') || name.startsWith('/') || name.startsWith('\\')) return 'time: invalid location name';
  return `unknown time zone ${name}`;
}
