const take = (/** @type {string} */ what) => `Take ${what} from @reckon/kernel as a parameter.`;

const clocks = [
  { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: take('a Clock') },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: take('a Clock') },
  { selector: "CallExpression[callee.name='Date']", message: take('a Clock') },
  { selector: "MemberExpression[object.name='Math'][property.name='random']", message: take('Random') },
  { selector: "MemberExpression[property.name='randomUUID']", message: take('Random') },
  { selector: "ImportSpecifier[imported.name='randomUUID']", message: take('Random') },
];

const monotonic = [
  { selector: "MemberExpression[object.name='performance'][property.name='now']", message: take('a Clock') },
  { selector: "MemberExpression[object.name='process'][property.name='hrtime']", message: take('a Clock') },
];

const timerGlobals = ['setTimeout', 'setInterval', 'setImmediate'];
const timerModules = ['timers', 'node:timers', 'timers/promises', 'node:timers/promises'];

/**
 * Time, randomness and ids are passed in, so that a test can hold the clock and a run can be repeated. Tests may wait
 * on real timers (they talk to real servers); what they may not do is depend on the date or on chance.
 *
 * @param {{ readonly timers: 'allowed' | 'forbidden' }} options
 * @returns {import('eslint').Linter.RulesRecord}
 */
export const timersAndClocks = ({ timers }) =>
  timers === 'allowed'
    ? { 'no-restricted-syntax': ['error', ...clocks] }
    : {
        'no-restricted-syntax': ['error', ...clocks, ...monotonic],
        'no-restricted-globals': ['error', ...timerGlobals.map((name) => ({ name, message: take('Timers') }))],
        'no-restricted-imports': ['error', { paths: timerModules.map((name) => ({ name, message: take('Timers') })) }],
      };
