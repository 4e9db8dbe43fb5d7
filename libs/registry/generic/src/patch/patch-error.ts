import { StatusError, failure } from '@reckon/api/machinery';

/**
 * A patch that is well-formed but cannot be applied: 422 with upstream's fixed text, which hides the reason
 * (apimachinery/pkg/api/errors `NewGenericServerResponse` for StatusUnprocessableEntity).
 */
export const unprocessablePatch = (): StatusError =>
  new StatusError(
    failure({
      reason: 'Invalid',
      message: 'the server rejected our request due to an error in our request',
      details: {},
    }),
  );
