const absent = '404|invalid|non-?existent|non-?existing|not-?existing|does-?not-?exist|no-?such-?(?:tag|image)';
const tag = new RegExp(`:(?:${absent})(?:@.*)?$`, 'i');
const part = new RegExp(`(?:^|/)(?:${absent})(?=[/:@]|$)`, 'i');
/** Hosts that say so: RFC 6761 keeps `.invalid` for those that are none, and some write the word in front. */
const host = /^(?:invalid\.[^/]*|[^/]*\.invalid(?::\d+)?)\//i;

/**
 * Whether an image says by its name that there is none: `nginx:nonexistent`, `webserver:404`, `registry.invalid/x`. Of all others a
 * simulated machine has a copy.
 */
export const isMissingImage = (image: string): boolean => tag.test(image) || part.test(image) || host.test(image);
