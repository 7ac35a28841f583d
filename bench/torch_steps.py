"""Times training steps of PyTorch. Reads numbers of steps, answers with the time per step as JSON."""
import json
import sys
import time

import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(1)

BATCH = 64


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10))


class Training:
    def __init__(self, model):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        self.loss = nn.CrossEntropyLoss()
        self.x = torch.rand(BATCH, 1, 28, 28)
        self.y = torch.arange(BATCH) % 10

    def step(self):
        self.optimizer.zero_grad()
        loss = self.loss(self.model(self.x), self.y)
        loss.backward()
        self.optimizer.step()
        return loss.item()


training = Training({"mlp": mlp, "cnn": cnn}[sys.argv[1]]())
print(json.dumps({"version": torch.__version__}), flush=True)
for line in sys.stdin:
    n = int(line)
    cpu, start = time.process_time(), time.perf_counter()
    for _ in range(n):
        training.step()
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    print(json.dumps({"wall": 1000 * wall / n, "cpu": 1000 * cpu / n}), flush=True)
