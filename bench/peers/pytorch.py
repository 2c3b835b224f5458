"""PyTorch as a peer of bench:peers: it computes what it is told on standard input, and answers on standard output.

A message is one line of JSON; arrays are {"dims": [...], "data": base64 of float32}. The first message names the case and holds its
arrays; the answer tells the version and what the first calls computed. After that each line is one call, and its answer
the milliseconds that it took.
"""

import base64
import json
import math
import os
import sys
import time

import torch
from torch.nn import functional as F


def tensor(array):
    data = bytearray(base64.b64decode(array['data']))
    return torch.frombuffer(data, dtype=torch.float32).reshape(array['dims'])


def say(answer):
    print(json.dumps(answer), flush=True)


def blas():
    """The library that products are computed by: Debian's packages leave it to the machine which one libblas.so.3 is."""
    with open('/proc/self/maps') as maps:
        files = {os.path.realpath(line.split()[-1]) for line in maps if 'blas' in line or 'lapack' in line}
    names = sorted(os.path.basename(file).removeprefix('lib').removesuffix('.so') for file in files)
    return next((name for name in names if not name.startswith(('blas', 'lapack'))), 'reference BLAS')


fused = getattr(F, 'scaled_dot_product_attention', None)
WAY = 'composed' if fused is None else 'fused'


def attention(q, k, v):
    """softmax(q k^T / sqrt(D)) v; by PyTorch's own operator from version 2.0 on."""
    if fused is not None:
        return fused(q, k, v)
    return torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]), -1) @ v


class Step:
    """A training step of the classifier of bench/steps, as tfjsModel.ts writes it: forward, backward and AdamW."""

    def __init__(self, model, weights, batches, labels, learning_rate, weight_decay, classes):
        self.model, self.classes, self.labels = model, classes, labels
        # As torch.nn.Linear has them: [out, in].
        held = {name: w.t().contiguous() if name.endswith('/kernel') else w for name, w in weights.items()}
        self.weights = {name: torch.nn.Parameter(w) for name, w in held.items()}
        width = model['width']
        self.running = {}
        for index in range(model['layers']):
            for norm in ('attention_norm', 'feed_forward_norm'):
                self.running[f'encoder_{index}/{norm}'] = (torch.zeros(width), torch.ones(width))
        self.optimizer = torch.optim.AdamW(
            self.weights.values(), lr=learning_rate, betas=(0.9, 0.999), eps=1e-8, weight_decay=weight_decay
        )
        self.batches, self.taken = batches, 0

    def linear(self, x, name):
        return F.linear(x, self.weights[f'{name}/kernel'], self.weights[f'{name}/bias'])

    def attend(self, x, name):
        batch, n, width = x.shape
        heads = self.model['heads']
        parts = [self.linear(x, f'{name}/{part}') for part in ('query', 'key', 'value')]
        q, k, v = [part.reshape(batch, n, heads, -1).transpose(1, 2) for part in parts]
        return self.linear(attention(q, k, v).transpose(1, 2).reshape(batch, n, width), f'{name}/attention_output')

    def normalize(self, x, name):
        mean, variance = self.running[name]
        gamma, beta = self.weights[f'{name}/gamma'], self.weights[f'{name}/beta']
        rows = F.batch_norm(x.reshape(-1, x.shape[-1]), mean, variance, gamma, beta, True, 0.1, 1e-5)
        return rows.reshape(x.shape)

    def loss(self, series, labels):
        x = self.linear(series, 'embedding') * math.sqrt(self.model['width']) + self.weights['positions/embeddings']
        for index in range(self.model['layers']):
            name = f'encoder_{index}'
            y = self.normalize(x + self.attend(x, f'{name}/attention'), f'{name}/attention_norm')
            fed = self.linear(F.gelu(self.linear(y, f'{name}/intermediate')), f'{name}/output')
            x = self.normalize(y + fed, f'{name}/feed_forward_norm')
        return F.cross_entropy(self.linear(F.gelu(x).flatten(1), 'classes'), labels)

    def __call__(self):
        series = self.batches[self.taken % len(self.batches)]
        if self.taken < len(self.labels):
            labels = torch.tensor(self.labels[self.taken])
        else:
            labels = torch.randint(self.classes, (series.shape[0],))
        self.taken += 1
        self.optimizer.zero_grad()
        loss = self.loss(series, labels)
        loss.backward()
        self.optimizer.step()
        return loss.item()


def main():
    lines = iter(sys.stdin.readline, '')
    job = json.loads(next(lines))
    torch.set_num_threads(job['threads'])
    kind = job['kind']
    if kind == 'step':
        weights = {name: tensor(w) for name, w in job['weights'].items()}
        batches = [tensor(batch) for batch in job['batches']]
        call = Step(job['model'], weights, batches, job['labels'], job['learningRate'], job['weightDecay'], job['classes'])
        result = torch.tensor([call() for _ in job['labels']])
    else:
        operands = [tensor(operand) for operand in job['operands']]

        @torch.no_grad()
        def call():
            return operands[0] @ operands[1] if kind == 'matMul' else attention(*operands)

        result = call()
    data = base64.b64encode(result.contiguous().numpy().tobytes()).decode()
    say({'version': f'{torch.__version__}, {blas()}', 'way': WAY if kind == 'attention' else 'ops', 'result': data})
    for _ in lines:
        begin = time.perf_counter()
        call()
        say((time.perf_counter() - begin) * 1e3)


main()
