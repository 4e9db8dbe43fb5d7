import type { Figures } from '../rows';
import { manyBindings } from './many-bindings';
import { type AuthorizeOptions, measureAuthorize } from './measure-authorize';

/** What the process is asked; it answers with figures and ends. */
export interface AuthorizeJob extends AuthorizeOptions {
  readonly bindings: number;
}

export type AuthorizeResult = { readonly figures: Figures } | { readonly error: string };

async function run({ bindings, ...options }: AuthorizeJob): Promise<Figures> {
  const world = await manyBindings(bindings);
  try {
    return await measureAuthorize(world, options);
  } finally {
    await world.stop();
  }
}

process.once('message', (job) => {
  void run(job as AuthorizeJob)
    .then(
      (figures): AuthorizeResult => ({ figures }),
      (error: unknown): AuthorizeResult => ({ error: error instanceof Error ? error.message : String(error) }),
    )
    .then((result) => process.send?.(result, () => process.exit(0)));
});
