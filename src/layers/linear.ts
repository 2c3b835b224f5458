export { linear } from '../ops/linear.js';
