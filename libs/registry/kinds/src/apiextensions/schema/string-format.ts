import { isIP } from 'node:net';
import {
  canonicalQuantity,
  QuantityError,
  validateDns1123Label,
  validateDns1123Subdomain,
} from '@reckon/api/machinery';

const uuid = (version: string): RegExp => new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}-?[0-9a-f]{12}$`, 'i');

const digitsOf = (text: string): string => text.replace(/[\s-]/g, '');

function isIsbn10(text: string): boolean {
  const digits = digitsOf(text);
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  const sum = Array.from(digits).reduce((total, digit, i) => total + (digit === 'X' ? 10 : Number(digit)) * (i + 1), 0);
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = digitsOf(text);
  if (!/^\d{13}$/.test(digits)) return false;
  const sum = Array.from(digits).reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 1 : 3), 0);
  return sum % 10 === 0;
}

const cardNumber =
  /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11})$/;

function isCreditCard(text: string): boolean {
  const digits = text.replace(/[^0-9]+/g, '');
  if (!cardNumber.test(digits)) return false;
  const sum = Array.from(digits)
    .reverse()
    .reduce((total, digit, i) => {
      const doubled = Number(digit) * (i % 2 === 0 ? 1 : 2);
      return total + (doubled > 9 ? doubled - 9 : doubled);
    }, 0);
  return sum % 10 === 0;
}

function isHostname(text: string): boolean {
  if (Buffer.byteLength(text) > 255) return false;
  const labels = text.split('.');
  const label = /^[a-zA-Z0-9\p{S}\p{L}](?:[a-zA-Z0-9\-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?$/u;
  const last = labels.length === 1 ? label : /^[a-zA-Z0-9\p{S}\p{L}](?:-?[a-zA-Z0-9\p{S}\p{L}]){1,62}$/u;
  return labels.every(
    (part, i) => (i === labels.length - 1 ? last : label).test(part) && Buffer.byteLength(part) <= 63,
  );
}

function isCidr(text: string): boolean {
  const [address = '', length = '', more] = text.split('/');
  const family = isIP(address);
  return more === undefined && family !== 0 && /^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128);
}

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function isDateTime(text: string): boolean {
  const match = /^([^T]+)[Tt](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:[Zz]|[+-](\d{2}):(\d{2}))$/.exec(text);
  if (match === null || !isDate(match[1] ?? '')) return false;
  const [hour, minute, second] = [Number(match[2]), Number(match[3]), Number(match[4])];
  return hour <= 23 && minute <= 59 && second <= 59;
}

/** Go's, or a number and a word as Scala writes them. */
const isDuration = (text: string): boolean =>
  /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.test(text) ||
  /^\s*\d+\s*(?:ns|nanos?|nanoseconds?|us|µs|micros?|microseconds?|ms|millis?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)\s*$/i.test(
    text,
  );

function isQuantity(text: string): boolean {
  try {
    canonicalQuantity(text);
    return true;
  } catch (error) {
    if (error instanceof QuantityError) return false;
    throw error;
  }
}

/** net/url `ParseRequestURI`: absolute, or a path from the root. */
const isRequestUri = (text: string): boolean =>
  /^(?:\/[^\s]*|[A-Za-z][A-Za-z0-9+.-]*:[^\s]+)$/.test(text) && !/%(?![0-9A-Fa-f]{2})/.test(text);

const isEmail = (text: string): boolean =>
  /^(?:[^<>@,;:\\"()[\]\s]+|"[^"]*")@[^<>@,;:\\"()[\]\s]+$/.test(text) ||
  /^[^<>@]*<[^<>@,;:\\"()[\]\s]+@[^<>@,;:\\"()[\]\s]+>$/.test(text);

/** Names without dashes, as go-openapi normalises them. */
const formats: Readonly<Record<string, (text: string) => boolean>> = {
  bsonobjectid: (text) => /^[0-9a-fA-F]{24}$/.test(text),
  uri: isRequestUri,
  email: isEmail,
  hostname: isHostname,
  ipv4: (text) => isIP(text) === 4,
  ipv6: (text) => isIP(text) === 6,
  cidr: isCidr,
  mac: (text) =>
    /^(?:[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}(?:[0-9A-Fa-f]{2}\1[0-9A-Fa-f]{2}\1)?[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}\.){2,3}[0-9A-Fa-f]{4})$/.test(
      text,
    ),
  uuid: (text) => uuid('[0-9a-f]{4}-?[0-9a-f]{4}').test(text),
  uuid3: (text) => uuid('3[0-9a-f]{3}-?[0-9a-f]{4}').test(text),
  uuid4: (text) => uuid('4[0-9a-f]{3}-?[89ab][0-9a-f]{3}').test(text),
  uuid5: (text) => uuid('5[0-9a-f]{3}-?[89ab][0-9a-f]{3}').test(text),
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: isCreditCard,
  ssn: (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  hexcolor: (text) => /^#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text),
  rgbcolor: (text) => {
    const parts = /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/.exec(text)?.slice(1);
    return parts !== undefined && parts.every((part) => Number(part) <= 255);
  },
  byte: (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/.test(text),
  password: () => true,
  date: isDate,
  duration: isDuration,
  datetime: isDateTime,
  quantity: isQuantity,
  k8sshortname: (text) => validateDns1123Label(text).length === 0,
  k8slongname: (text) => validateDns1123Subdomain(text).length === 0,
};

const normal = (format: string): string => format.replaceAll('-', '');

export const isKnownFormat = (format: string): boolean => Object.hasOwn(formats, normal(format));

/** True for formats that are unknown: those say nothing. */
export const matchesFormat = (format: string, text: string): boolean =>
  !isKnownFormat(format) || (formats[normal(format)]?.(text) ?? true);
