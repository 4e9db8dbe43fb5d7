const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Digits replaced by letters that make no words (k8s.io/apimachinery/pkg/util/rand.SafeEncodeString). */
export const safeText = (digits: string): string =>
  digits.replace(/[0-9]/g, (digit) => alphabet[digit.charCodeAt(0) % alphabet.length] ?? '');
