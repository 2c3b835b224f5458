// Requests that are wrong, whichever way the dice fall.

import type { Random } from '../support/random.js';

export interface MalformedRequest {
  /** What is wrong. */
  what: string;
  path: string;
  body: Uint8Array;
  headers: Record<string, string>;
}

type Json = Record<string, unknown>;

const json = { 'content-type': 'application/json' };

/** A request for inference of series of two channels, valid but for what is done to it. */
function valid(random: Random) {
  const [cases, positions] = [random.integer(1, 3), random.integer(1, 5)];
  const data = Array.from({ length: cases * positions * 2 }, () => random.normal());
  const input: Json = { name: 'series', shape: [cases, positions, 2], datatype: 'FP32', data };
  return { input, request: { id: 'a', inputs: [input] } as Json, data, shape: [cases, positions, 2] };
}

/** What is no float32; null is not among them, which is a missing value in a plain prediction. */
const wrongNumbers = ['1e39', '-1e39', '1e999', '"1"', '""', 'true', '[]', '{}', '[1]'];
const wrongSizes = [0, -1, 1.5, 1e12, 2 ** 53, '2', null, true, [], {}];
const wrongValues: unknown[] = [null, 0, 1, '', 'x', true, [], {}, [[]], [null], [{}], ['series']];

const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

/** Ways to be wrong: each makes a body. */
const ways: Record<string, (random: Random) => string | Uint8Array | { body: Uint8Array; header: string }> = {
  'JSON that ends too early': (random) => {
    const whole = text(valid(random).request);
    return whole.slice(0, random.integer(0, whole.length - 1));
  },
  'JSON with a character too many': (random) => {
    const whole = text(valid(random).request);
    const at = random.integer(0, whole.length);
    // Control characters stand nowhere in JSON.
    return `${whole.slice(0, at)}\u0001${whole.slice(at)}`;
  },
  'bytes that are no UTF-8': (random) =>
    Uint8Array.from({ length: random.integer(1, 300) }, (_, at) => (at === 0 ? 0xff : random.integer(0, 255))),
  'brackets without end': (random) => '['.repeat(random.integer(1, 100_000)),
  'lists within lists': (random) => {
    const depth = random.integer(1, 20_000);
    return `{"inputs":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  },
  'JSON of another kind': (random) => text(random.pick(wrongValues)),
  'a number that is none': (random) => {
    const { request, data } = valid(random);
    const at = random.integer(0, data.length - 1);
    (data as unknown[])[at] = 'HERE';
    return text(request).replace('"HERE"', random.pick(wrongNumbers));
  },
  'a size that is none': (random) => {
    const { request, shape } = valid(random);
    (shape as unknown[])[random.integer(0, 2)] = random.pick(wrongSizes);
    return text({ ...request, inputs: [{ ...(request.inputs as Json[])[0], shape }] });
  },
  'a shape that is none': (random) => {
    const { request, input, shape } = valid(random);
    input.shape = random.pick<unknown>([...wrongValues, shape.slice(1), [...shape, 1], shape.flatMap((n) => [n, n])]);
    return text(request);
  },
  'too many or too few numbers': (random) => {
    const { request, input, data } = valid(random);
    input.data = random.chance(0.5) ? data.slice(1) : [...data, 1];
    return text(request);
  },
  'data that is none': (random) => {
    const { request, input } = valid(random);
    input.data = random.pick(wrongValues);
    return text(request);
  },
  'a field that is missing': (random) => {
    const { request, input } = valid(random);
    delete input[random.pick(['name', 'shape', 'datatype', 'data'])];
    return text(request);
  },
  'another name or type': (random) => {
    const { request, input } = valid(random);
    input[random.pick(['name', 'datatype'])] = random.pick([
      ...wrongValues.slice(0, 10),
      'FP64',
      '__proto__',
      'lengths',
    ]);
    return text(request);
  },
  'inputs that are none': (random) => {
    const { request } = valid(random);
    request.inputs = random.pick(wrongValues);
    return text(request);
  },
  'outputs that are none': (random) => {
    const { request } = valid(random);
    request.outputs = random.pick<unknown>([
      ...wrongValues,
      [{ name: 'none' }],
      [{ name: 'label' }, { name: 'label' }],
    ]);
    return text(request);
  },
  'lengths that do not fit': (random) => {
    const { request, input, shape } = valid(random);
    const [cases, positions] = shape;
    const data = Array.from({ length: cases }, () => positions);
    data[random.integer(0, cases - 1)] = random.pick([0, -1, positions + 1, 0.5, 2 ** 31]);
    request.inputs = [input, { name: 'lengths', shape: [cases], datatype: 'INT32', data }];
    return text(request);
  },
  'binary data of another size': (random) => {
    const { request, input, data } = valid(random);
    delete input.data;
    const bytes = new Uint8Array(Float32Array.from(data).buffer);
    const off = random.pick([-4, -1, 1, 4, bytes.length]);
    input.parameters = { binary_data_size: bytes.length + (random.chance(0.5) ? off : 0) };
    const head = Buffer.from(text(request));
    const tail = bytes.subarray(0, random.integer(0, bytes.length - 1));
    return { body: Buffer.concat([head, tail]), header: `${head.length}` };
  },
  'binary numbers that are none': (random) => {
    const { request, input, data } = valid(random);
    delete input.data;
    const values = Float32Array.from(data);
    values[random.integer(0, values.length - 1)] = random.pick([NaN, Infinity, -Infinity]);
    input.parameters = { binary_data_size: 4 * values.length };
    const head = Buffer.from(text(request));
    return { body: Buffer.concat([head, new Uint8Array(values.buffer)]), header: `${head.length}` };
  },
  'a header that is none': (random) => ({
    body: Buffer.from(text(valid(random).request)),
    header: random.pick(['-1', 'x', '1.5', '1e3', '999999999', '0', '1']),
  }),
};

/** Ways of `POST /predict`. */
const plainWays: Record<string, (random: Random) => string> = {
  'cases that are none': (random) => text({ cases: random.pick(wrongValues.filter((value) => value !== '')) }),
  'a case with a number that is none': (random) => {
    const rows = Array.from({ length: random.integer(1, 5) }, () => [random.normal(), random.normal()]);
    (random.pick(rows) as unknown[])[random.integer(0, 1)] = 'HERE';
    return text({ cases: [rows] }).replace('"HERE"', random.pick(wrongNumbers));
  },
  'a case of another size': (random) =>
    text({
      cases: [
        random.pick([Array.from({ length: random.integer(6, 50) }, () => [1, 2]), [[1, 2], [1]], [[1, 2, 3]], []]),
      ],
    }),
};

/** A request that is wrong, for a model `series` of two channels and up to 5 positions. */
export function malformed(random: Random): MalformedRequest {
  if (random.chance(0.2)) {
    const [what, make] = random.pick(Object.entries(plainWays));
    return { what, path: '/predict', body: Buffer.from(make(random)), headers: json };
  }
  const [what, make] = random.pick(Object.entries(ways));
  const made = make(random);
  const path = '/v2/models/series/infer';
  if (typeof made === 'string') return { what, path, body: Buffer.from(made), headers: json };
  if (made instanceof Uint8Array) return { what, path, body: made, headers: json };
  return { what, path, body: made.body, headers: { 'inference-header-content-length': made.header } };
}
