export { checkChoice, checkRate } from '../ops/checks.js';
