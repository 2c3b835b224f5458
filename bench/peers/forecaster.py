"""The package's forecaster in PyTorch, on the same split of an ETT set: an anchor for its errors.

    apt-get install python3-torch
    /usr/bin/python3 bench/peers/forecaster.py path/to/ETTh1.csv --epochs 6

The model, the windows, the standardisation, the optimizer and its schedule are those of

    primal-attention train --data path/to/ETTh1.csv --task forecasting --split ett-hours --length 96 --horizon 96 --width 16 \
      --feed-forward 128 --heads 4 --layers 3 --dropout 0.3 --batch-size 128 --epochs 6 --optimizer adamW --weight-decay 0

Initial weights and the order of the batches differ. Prints MSE and MAE of the standardised test part after the epoch that is
best on the validation part, and after the last one.
"""

import argparse
import csv
import math
import sys
import time

try:
    import torch
    from torch import nn
except ImportError:
    print('skipped: there is no PyTorch; apt-get install python3-torch')
    sys.exit(0)


class Layer(nn.Module):
    """Post-norm, batch normalisation over cases and positions, exact GELU."""

    def __init__(self, width, hidden, heads, dropout):
        super().__init__()
        self.heads, self.rate = heads, dropout
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.norms = nn.ModuleList([nn.BatchNorm1d(width), nn.BatchNorm1d(width)])
        self.dropout = nn.Dropout(dropout)

    def normalize(self, index, x):
        return self.norms[index](x.transpose(1, 2)).transpose(1, 2)

    def attend(self, x):
        batch, n, width = x.shape
        q, k, v = self.qkv(x).reshape(batch, n, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        weights = self.dropout(torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]), -1))
        return self.out((weights @ v).transpose(1, 2).reshape(batch, n, width))

    def forward(self, x):
        x = self.normalize(0, x + self.dropout(self.attend(x)))
        fed = self.down(self.dropout(nn.functional.gelu(self.up(x))))
        return self.normalize(1, x + self.dropout(fed))


class Forecaster(nn.Module):
    def __init__(self, length, horizon, width, hidden, heads, layers, dropout, patch=16, stride=8):
        super().__init__()
        self.patch, self.stride = patch, stride
        patches = (length + stride - patch) // stride + 1
        self.embedding = nn.Linear(patch, width)
        self.positions = nn.Parameter(torch.empty(patches, width).uniform_(-0.02, 0.02))
        self.layers = nn.ModuleList([Layer(width, hidden, heads, dropout) for _ in range(layers)])
        self.head = nn.Linear(patches * width, horizon)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):  # [B, N, C]
        mean = x.mean(1, keepdim=True)
        deviation = torch.sqrt(x.var(1, keepdim=True, unbiased=False) + 1e-5)
        z = ((x - mean) / deviation).transpose(1, 2)  # [B, C, N]
        z = torch.cat([z, z[..., -1:].expand(-1, -1, self.stride)], -1).unfold(-1, self.patch, self.stride)
        batch, channels = z.shape[:2]
        z = self.dropout(self.embedding(z.flatten(0, 1)) + self.positions)
        for layer in self.layers:
            z = layer(z)
        z = self.head(self.dropout(z.flatten(1))).reshape(batch, channels, -1).transpose(1, 2)
        return z * deviation + mean


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('data')
    for name, value in dict(length=96, horizon=96, epochs=6, batch=128, width=16, hidden=128, heads=4, layers=3, seed=0, threads=1).items():
        parser.add_argument(f'--{name}', type=int, default=value)
    parser.add_argument('--dropout', type=float, default=0.3)
    parser.add_argument('--rate', type=float, default=1e-3)
    o = parser.parse_args()
    torch.manual_seed(o.seed)
    torch.set_num_threads(o.threads)
    with open(o.data) as file:
        names, *rows = list(csv.reader(file))
    channels = [i for i, name in enumerate(names) if name not in ('date', 'time')]
    values = torch.tensor([[float(row[i]) for i in channels] for row in rows])
    month = 30 * 24
    ends = [0, 12 * month, 16 * month, 20 * month]
    own = values[: ends[1]]
    values = (values - own.mean(0)) / own.std(0, unbiased=False)
    parts = [values[max(0, start - (o.length if start else 0)) : end] for start, end in zip(ends, ends[1:])]
    size = o.length + o.horizon
    train, validation, test = [part.unfold(0, size, 1).transpose(1, 2) for part in parts]  # [windows, size, C]
    model = Forecaster(o.length, o.horizon, o.width, o.hidden, o.heads, o.layers, o.dropout)
    optimizer = torch.optim.AdamW(model.parameters(), lr=o.rate, weight_decay=0)
    steps = o.epochs * math.ceil(len(train) / o.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5 * (1 + math.cos(math.pi * step / steps)))

    @torch.no_grad()
    def errors(windows):
        model.eval()
        error = torch.cat([model(w[:, : o.length]) - w[:, o.length :] for w in windows.split(256)])
        return error.square().mean().item(), error.abs().mean().item()

    best = (math.inf, None)
    for epoch in range(o.epochs):
        model.train()
        start = time.process_time()
        for batch in torch.randperm(len(train)).split(o.batch):
            window = train[batch]
            optimizer.zero_grad()
            (model(window[:, : o.length]) - window[:, o.length :]).square().mean().backward()
            nn.utils.clip_grad_norm_(model.parameters(), 4)
            optimizer.step()
            schedule.step()
        seconds = time.process_time() - start
        held, tested = errors(validation), errors(test)
        best = min(best, (held[0], tested))
        print(f'epoch {epoch + 1}: validation MSE {held[0]:.4f}, test MSE {tested[0]:.4f} MAE {tested[1]:.4f}, {seconds:.1f} s of CPU')
    print(f'chosen on validation: test MSE {best[1][0]:.4f}, MAE {best[1][1]:.4f}')


main()
