"""Times training steps of PyTorch. Reads numbers of steps, answers with the time per step as JSON.

python3 torch_steps.py mlp|cnn|discriminator|critic|lstm|gru|lstm512 <batch> <threads>
"""
import json
import sys
import time

import torch
from torch import nn

NAME, BATCH, THREADS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

torch.set_num_threads(THREADS)
torch.manual_seed(1)


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10))


def discriminator():
    return nn.Sequential(
        nn.Conv2d(1, 64, 4, stride=2, padding=1), nn.LeakyReLU(0.2),
        nn.Conv2d(64, 128, 4, stride=2, padding=1), nn.BatchNorm2d(128), nn.LeakyReLU(0.2),
        nn.Flatten(), nn.Linear(6272, 1))


class Last(nn.Module):
    """The state of the last step of a recurrent layer, into ten classes."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer
        self.head = nn.Linear(layer.hidden_size, 10)

    def forward(self, x):
        return self.head(self.layer(x)[0][:, -1])


def lstm():
    return Last(nn.LSTM(64, 128, batch_first=True))


def gru():
    return Last(nn.GRU(64, 128, batch_first=True))


def lstm512():
    return Last(nn.LSTM(512, 512, num_layers=2, batch_first=True))


INPUTS = {"lstm": (100, 64), "gru": (100, 64), "lstm512": (64, 512)}


class Training:
    def __init__(self, model, binary):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        self.loss = nn.BCEWithLogitsLoss() if binary else nn.CrossEntropyLoss()
        self.x = torch.rand(BATCH, *INPUTS.get(NAME, (1, 28, 28)))
        self.y = (torch.arange(BATCH) % 2).float().reshape(BATCH, 1) if binary else torch.arange(BATCH) % 10

    def step(self):
        self.optimizer.zero_grad()
        loss = self.loss(self.model(self.x), self.y)
        loss.backward()
        self.optimizer.step()
        return loss.item()


class WganGp:
    """Five updates of the critic with a gradient penalty, and one of the generator, as in critic.ts."""

    def __init__(self):
        self.critic = nn.Sequential(
            nn.Linear(784, 512), nn.LeakyReLU(0.2), nn.Linear(512, 256), nn.LeakyReLU(0.2), nn.Linear(256, 1))
        self.generator = nn.Linear(1, 784)
        self.for_critic, self.for_generator = [
            torch.optim.Adam(model.parameters(), lr=1e-4, betas=(0, 0.9)) for model in (self.critic, self.generator)]
        self.real = [torch.rand(BATCH, 784) for _ in range(5)]
        self.noise = [torch.rand(BATCH, 1) for _ in range(6)]

    def update_critic(self, real, noise):
        with torch.no_grad():
            fake = self.generator(noise)
        share = torch.rand(BATCH, 1)
        mixed = (share * real + (1 - share) * fake).requires_grad_()
        self.for_critic.zero_grad()
        slope, = torch.autograd.grad(self.critic(mixed).sum(), mixed, create_graph=True)
        penalty = ((slope.square().sum(1) + 1e-12).sqrt() - 1).square().mean()
        loss = self.critic(fake).mean() - self.critic(real).mean() + 10 * penalty
        loss.backward()
        self.for_critic.step()
        return loss

    def update_generator(self, noise):
        self.for_generator.zero_grad()
        loss = -self.critic(self.generator(noise)).mean()
        loss.backward()
        self.for_generator.step()
        return loss

    def step(self):
        for parameter in self.critic.parameters():
            parameter.requires_grad_(True)
        losses = [self.update_critic(real, noise) for real, noise in zip(self.real, self.noise)]
        # Ours has no gradient by the critic's parameters here either.
        for parameter in self.critic.parameters():
            parameter.requires_grad_(False)
        return sum(losses).item() / len(losses), self.update_generator(self.noise[-1]).item()


models = {"mlp": mlp, "cnn": cnn, "discriminator": discriminator, "lstm": lstm, "gru": gru, "lstm512": lstm512}
training = WganGp() if NAME == "critic" else Training(models[NAME](), NAME == "discriminator")
print(json.dumps({"version": torch.__version__}), flush=True)
for line in sys.stdin:
    n = int(line)
    cpu, start = time.process_time(), time.perf_counter()
    for _ in range(n):
        training.step()
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    print(json.dumps({"wall": 1000 * wall / n, "cpu": 1000 * cpu / n}), flush=True)
