import type { AdmissionAttributes, PluginRound, Reinvocation } from './plugin';

/** Of this request; begun by whoever asks first. */
export const reinvocationOf = (attributes: AdmissionAttributes): Reinvocation =>
  (attributes.reinvocation ??= { isSecond: false, isWanted: false, plugins: new Map<string, PluginRound>() });

/** What a plugin remembers of this request. */
export function roundOf(reinvocation: Reinvocation, plugin: string): PluginRound {
  let round = reinvocation.plugins.get(plugin);
  if (round === undefined) {
    round = { reinvocable: new Set(), due: new Set(), lastOutput: '' };
    reinvocation.plugins.set(plugin, round);
  }
  return round;
}

/** The object changed: whoever was asked before and wants to see changes is due, and those who come first know nothing yet. */
export function requireAgain(round: PluginRound): void {
  for (const id of round.reinvocable) round.due.add(id);
  round.reinvocable.clear();
}
