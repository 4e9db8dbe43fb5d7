import type { StatusError } from '@reckon/api/machinery';

/** The webhook could not be asked, or did not answer as it should (util/webhook.ErrCallingWebhook): the failure policy decides. */
export class WebhookCallError extends Error {
  readonly code = 'WebhookCall';
  /** The request itself is over, since its time is or its client went away: the failure policy decides nothing. */
  readonly ended: 'Deadline' | 'Cancelled' | undefined;

  /** `reason` follows the webhook's name. `status` is the HTTP code that metrics tell. */
  constructor(
    readonly webhook: string,
    reason: string,
    readonly status: number,
    options?: { readonly cause?: unknown; readonly ended?: 'Deadline' | 'Cancelled' },
  ) {
    super(`failed calling webhook ${JSON.stringify(webhook)}: ${reason}`, options);
    this.name = 'WebhookCallError';
    this.ended = options?.ended;
  }
}

/** The webhook said no (util/webhook.ErrWebhookRejection). */
export class WebhookRejection extends Error {
  readonly code = 'WebhookRejection';

  constructor(readonly refusal: StatusError) {
    super(refusal.message, { cause: refusal });
    this.name = 'WebhookRejection';
  }
}
