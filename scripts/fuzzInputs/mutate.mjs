// Changes inputs at random: bytes, lines, numbers, words of the formats, and the values of JSON.

const NUMBERS = [
  '0',
  '-1',
  '1e39',
  '-1e39',
  '1e-50',
  'NaN',
  'Infinity',
  '-inf',
  '1e999',
  '0x10',
  '1_0',
  '٣',
  '4294967296',
  '9007199254740993',
  '2.5',
  '',
  '+-1',
  '.',
  '1,2',
];
const WORDS = [
  '@data',
  '@classLabel true a b',
  '@classLabel false',
  '@dimensions 3',
  '@univariate true',
  '@equalLength true',
  '@seriesLength 9',
  '@timeStamps true',
  '@targetlabel true',
  ':',
  ',',
  '?',
  '"',
  "'",
  '\t',
  '\r',
  '\n',
  '\u0000',
  '\u2028',
  '\uFEFF',
  'case',
  'label',
  '[[',
  ']]',
  '{"a":1}',
  '__proto__',
  'constructor',
  '[MAX',
  ']',
  '(',
  'Source\tTarget',
  'null',
  'true',
  '#',
  '%',
  '../',
  '💥',
];
const VALUES = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e39,
  1e308,
  2 ** 53,
  '',
  'x',
  '__proto__',
  'constructor',
  [],
  {},
  [[]],
  [null],
  { a: 1 },
  'NaN',
  '../../x',
  '/etc/passwd',
  4294967296,
];

export class Mutator {
  /** @param random numbers from 0 to 1 */
  constructor(random) {
    this.random = random;
  }

  below(n) {
    return Math.floor(this.random() * n);
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** Bytes with a few of them, or a stretch, changed. */
  bytes(input, other) {
    let bytes = Buffer.from(input);
    for (let left = 1 + this.below(4); left > 0; left--) {
      const at = this.below(bytes.length + 1);
      const end = Math.min(bytes.length, at + this.below(16));
      const kind = this.below(6);
      if (kind === 0 && bytes.length > 0) bytes[Math.min(at, bytes.length - 1)] ^= 1 << this.below(8);
      else if (kind === 1) bytes = bytes.subarray(0, at);
      else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
      else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
      else if (kind === 4) bytes.fill(this.pick([0, 1, 0x7f, 0x80, 0xff]), at, end);
      else bytes = Buffer.concat([bytes.subarray(0, at), other.subarray(this.below(other.length + 1))]);
    }
    return bytes;
  }

  /** Text with a word, number or line changed. */
  text(input, other) {
    let text = input.toString('latin1');
    for (let left = 1 + this.below(3); left > 0; left--) {
      const at = this.below(text.length + 1);
      const kind = this.below(7);
      const numbers = [...text.matchAll(/-?\d+(\.\d+)?/g)];
      if (kind < 2 && numbers.length > 0) {
        const { index, 0: found } = this.pick(numbers);
        text = text.slice(0, index) + this.pick(NUMBERS) + text.slice(index + found.length);
      } else if (kind === 2)
        text = text.slice(0, at) + Buffer.from(this.pick(WORDS)).toString('latin1') + text.slice(at);
      else if (kind === 3) text = text.slice(0, at) + this.pick(WORDS).repeat(1 + this.below(2000)) + text.slice(at);
      else if (kind < 6) {
        const lines = text.split('\n');
        const line = this.below(lines.length);
        if (kind === 4) lines.splice(line, 1);
        else lines.splice(this.below(lines.length), 0, lines[line]);
        text = lines.join('\n');
      } else return this.bytes(Buffer.from(text, 'latin1'), other);
    }
    return Buffer.from(text, 'latin1');
  }

  /** JSON with a value, a key or a place in it changed; text that is none is changed as text. */
  json(input, other) {
    let value;
    try {
      value = JSON.parse(input.toString());
    } catch {
      return this.text(input, other);
    }
    if (this.below(5) === 0) return this.text(input, other);
    const places = [];
    const visit = (node, depth) => {
      if (typeof node !== 'object' || node === null || depth > 20) return;
      for (const key of Object.keys(node)) {
        places.push({ node, key });
        visit(node[key], depth + 1);
      }
    };
    visit(value, 0);
    for (let left = 1 + this.below(2); left > 0 && places.length > 0; left--) {
      const { node, key } = this.pick(places);
      const kind = this.below(6);
      if (kind === 0) delete node[key];
      else if (kind === 1 && !Array.isArray(node)) {
        Object.defineProperty(node, this.pick(['__proto__', 'constructor', 'x', 'class_name', `${key}s`]), {
          ...{ value: node[key], enumerable: true, configurable: true, writable: true },
        });
      } else if (kind === 2) node[key] = this.pick(places).node;
      else node[key] = this.pick(VALUES);
      try {
        JSON.stringify(value);
      } catch {
        return this.text(input, other); // it holds itself
      }
    }
    return Buffer.from(JSON.stringify(value));
  }

  /** IDX, CIFAR-10, zip: numbers of the header changed, or any bytes. */
  binary(input, other) {
    if (this.below(3) === 0) return this.bytes(input, other);
    const bytes = Buffer.from(input);
    for (let left = 1 + this.below(3); left > 0; left--) {
      const at = this.below(Math.min(bytes.length, this.pick([8, 16, 64, bytes.length])));
      const width = this.pick([1, 2, 4]);
      if (at + width <= bytes.length) {
        bytes.writeUIntBE(
          this.pick([0, 1, 2, 255, 127, 128, 2 ** (8 * width) - 1, this.below(2 ** (8 * width))]) % 2 ** (8 * width),
          at,
          width,
        );
      }
    }
    return bytes;
  }
}
