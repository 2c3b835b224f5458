// ONNX models, written byte by byte. Field numbers are those of onnx.proto (github.com/onnx/onnx).

import type { AttentionCase, ProductCase } from './cases.js';
import { bytes, concat, type Field, float, integer, message, text } from './protobuf.js';

const FLOAT32 = 1;
const ATTRIBUTE_FLOAT = 1;
const ATTRIBUTE_INTEGER = 2;
const MICROSOFT = 'com.microsoft';

interface Node {
  type: string;
  inputs: string[];
  output: string;
  domain?: string;
  attributes?: Field[];
}

function attribute(name: string, value: Field, type: number): Field {
  return message(5, [text(1, name), value, integer(20, type)]);
}
const integerAttribute = (name: string, value: number) => attribute(name, integer(3, value), ATTRIBUTE_INTEGER);
const floatAttribute = (name: string, value: number) => attribute(name, float(2, value), ATTRIBUTE_FLOAT);
/** A list of integers has type 7. */
const integersAttribute = (name: string, values: number[]) =>
  message(5, [text(1, name), ...values.map((value) => integer(8, value)), integer(20, 7)]);

function nodeOf({ type, inputs, output, domain, attributes = [] }: Node): Field {
  const names = [...inputs.map((name) => text(1, name)), text(2, output)];
  return message(1, [...names, text(3, output), text(4, type), ...attributes, ...(domain ? [text(7, domain)] : [])]);
}

/** An input (field 11) or output (field 12) of the graph. */
function valueInfo(number: number, name: string, dims: readonly number[]): Field {
  const shape = message(
    2,
    dims.map((size) => message(1, [integer(1, size)])),
  );
  return message(number, [text(1, name), message(2, [message(1, [integer(1, FLOAT32), shape])])]);
}

/** A constant number. */
function scalar(name: string, value: number): Field {
  return message(5, [integer(2, FLOAT32), text(8, name), bytes(9, new Uint8Array(Float32Array.of(value).buffer))]);
}

interface Graph {
  nodes: Node[];
  inputs: Record<string, readonly number[]>;
  output: readonly number[];
  constants?: Record<string, number>;
}

/** A model whose output is 'out'. */
function modelOf({ nodes, inputs, output, constants = {} }: Graph): Uint8Array {
  const graph = [
    ...nodes.map(nodeOf),
    text(2, 'graph'),
    ...Object.entries(constants).map(([name, value]) => scalar(name, value)),
    ...Object.entries(inputs).map(([name, dims]) => valueInfo(11, name, dims)),
    valueInfo(12, 'out', output),
  ];
  const operators = [message(8, [text(1, ''), integer(2, 17)]), message(8, [text(1, MICROSOFT), integer(2, 1)])];
  return concat([integer(1, 8), message(7, graph), ...operators]);
}

/** MatMul(Softmax(MatMul(q, k^T) * scale), v), all [B, H, N, D]. */
export function composedAttention({ shape }: AttentionCase): Uint8Array {
  return modelOf({
    nodes: [
      {
        type: 'Transpose',
        inputs: ['k'],
        output: 'kT',
        attributes: [integersAttribute('perm', [0, 1, 3, 2])],
      },
      { type: 'MatMul', inputs: ['q', 'kT'], output: 'products' },
      { type: 'Mul', inputs: ['products', 'scale'], output: 'scores' },
      { type: 'Softmax', inputs: ['scores'], output: 'weights' },
      { type: 'MatMul', inputs: ['weights', 'v'], output: 'out' },
    ],
    inputs: { q: shape, k: shape, v: shape },
    output: shape,
    constants: { scale: 1 / Math.sqrt(shape[3]) },
  });
}

/** onnxruntime's own operator MultiHeadAttention; all are [B, N, H D]. */
export function fusedAttention({ shape: [batch, heads, positions, headWidth] }: AttentionCase): Uint8Array {
  const dims = [batch, positions, heads * headWidth];
  const attributes = [integerAttribute('num_heads', heads), floatAttribute('scale', 1 / Math.sqrt(headWidth))];
  return modelOf({
    nodes: [{ type: 'MultiHeadAttention', inputs: ['q', 'k', 'v'], output: 'out', domain: MICROSOFT, attributes }],
    inputs: { q: dims, k: dims, v: dims },
    output: dims,
  });
}

export function product({ shape: [m, k, n] }: ProductCase): Uint8Array {
  return modelOf({
    nodes: [{ type: 'MatMul', inputs: ['a', 'b'], output: 'out' }],
    inputs: { a: [m, k], b: [k, n] },
    output: [m, n],
  });
}
