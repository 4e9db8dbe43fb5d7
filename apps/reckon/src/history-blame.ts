import { BlameFold, blameText, HistoryError, maskSecret, yamlText } from '@reckon/history';
import { mergeShapes } from '@reckon/compose/history';
import { write } from '@reckon/compose/programs';
import { noHistory, openSource, type ScopeFlags, scopesOf, type SourceFlags } from './history-flags';

export interface BlameFlags extends SourceFlags, ScopeFlags {
  readonly output: 'text' | 'json' | 'yaml';
  readonly showSecrets?: boolean;
}

/** Prints each field of an object with who set it last. */
export async function printBlame(objects: readonly string[], flags: BlameFlags): Promise<void> {
  const open = await openSource(flags);
  try {
    const [scope, more] = await scopesOf(open, objects, flags);
    if (scope === undefined || more !== undefined || scope.name === '')
      throw new HistoryError('BadName', 'blame is of one object', 'Name it as kind/name.');
    const fold = new BlameFold(mergeShapes());
    // Masked before they are compared, Secrets would all look alike: each is told apart from the one before it.
    let before;
    for await (const entry of open.source.entries({ scope })) {
      fold.add(flags.showSecrets === true ? entry : { ...entry, object: maskSecret(entry.object, before) });
      before = entry.object;
    }
    const { newest } = fold;
    if (newest === undefined) throw noHistory(scope);
    if (newest.verb === 'delete')
      console.error(
        `Deleted at revision ${String(newest.revision)} (${newest.at}) by ${newest.actor}; this is what it was:`,
      );
    const fields = fold.fields();
    if (flags.output === 'text') await write(blameText(fields));
    else await write(flags.output === 'json' ? `${JSON.stringify(fields, null, 2)}\n` : yamlText(fields));
  } finally {
    await open.source.close();
  }
}
