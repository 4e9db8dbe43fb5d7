import type { Timers } from '@reckon/kernel';
import type { WebhookCredentials, WebhookCredentialSource } from '@reckon/serve/authn';
import type { PostOptions } from './webhook-client';

export type InTime = { readonly credentials: WebhookCredentials } | { readonly ended: 'Deadline' | 'Cancelled' };

/** Credentials of now; whoever gives them may take as long as the webhook itself. Rejects with what keeps them. */
export async function credentialsInTime(
  source: WebhookCredentialSource,
  { timers, timeoutMs, signal }: PostOptions & { readonly timers: Pick<Timers, 'after'> },
): Promise<InTime> {
  if (signal.aborted) return { ended: 'Cancelled' };
  let stop: () => void = () => undefined;
  const ended = new Promise<InTime>((resolve) => {
    const cancel = (): void => {
      resolve({ ended: 'Cancelled' });
    };
    const stopTimer = timers.after(Math.max(timeoutMs, 0), () => {
      resolve({ ended: 'Deadline' });
    });
    signal.addEventListener('abort', cancel);
    stop = () => {
      stopTimer();
      signal.removeEventListener('abort', cancel);
    };
  });
  try {
    return await Promise.race([(async () => ({ credentials: await source.current() }))(), ended]);
  } finally {
    stop();
  }
}
