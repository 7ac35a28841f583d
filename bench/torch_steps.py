"""Times training steps of PyTorch. Reads numbers of steps, answers with the time per step as JSON.

python3 torch_steps.py mlp|cnn|discriminator|critic|lstm|gru|lstm512|block|gpt|gptSmall|gpt6 <batch> <threads>
"""
import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

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


class Attention(nn.Module):
    """Causal self-attention, by what PyTorch has for it where it has it."""

    def __init__(self, features, heads, time):
        super().__init__()
        self.heads = heads
        self.qkv, self.output = nn.Linear(features, 3 * features), nn.Linear(features, features)
        self.register_buffer("later", torch.ones(time, time, dtype=torch.bool).triu(1))

    def forward(self, x):
        batch, time, features = x.shape
        q, k, v = self.qkv(x).reshape(batch, time, 3, self.heads, features // self.heads).permute(2, 0, 3, 1, 4)
        if hasattr(F, "scaled_dot_product_attention"):
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = (q * (features // self.heads) ** -0.5) @ k.transpose(2, 3)
            y = scores.masked_fill(self.later, float("-inf")).softmax(3) @ v
        return self.output(y.transpose(1, 2).reshape(batch, time, features))


class Block(nn.Module):
    """A pre-norm block of a transformer."""

    def __init__(self, features, heads, time):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(features), nn.LayerNorm(features)
        self.attention = Attention(features, heads, time)
        self.feed_forward = nn.Sequential(
            nn.Linear(features, 4 * features), nn.GELU(), nn.Linear(4 * features, features))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.feed_forward(self.norm2(x))


class Gpt(nn.Module):
    """A language model of bytes or characters, whose head is the table of its embedding."""

    def __init__(self, layers, features, heads, time):
        super().__init__()
        self.table, self.positions = nn.Embedding(VOCABULARY, features), nn.Embedding(time, features)
        nn.init.normal_(self.table.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)
        self.blocks = nn.Sequential(*[Block(features, heads, time) for _ in range(layers)], nn.LayerNorm(features))

    def forward(self, ids):
        return F.linear(self.blocks(self.table(ids) + self.positions.weight), self.table.weight)


VOCABULARY = 65

# Layers, width, heads and steps, as in models.ts.
GPTS = {"gpt": (6, 384, 6, 256), "gptSmall": (2, 64, 4, 32), "gpt6": (8, 256, 8, 128)}
INPUTS = {"lstm": (100, 64), "gru": (100, 64), "lstm512": (64, 512), "block": (128, 192)}


class Training:
    def __init__(self, model, binary):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        self.loss = nn.BCEWithLogitsLoss() if binary else nn.CrossEntropyLoss()
        if NAME in GPTS:
            self.x = torch.randint(0, VOCABULARY, (BATCH, GPTS[NAME][3]))
            self.y = self.x.roll(-1, 1)
            self.loss = lambda y, target: F.cross_entropy(y.reshape(-1, VOCABULARY), target.reshape(-1))
            return
        self.x = torch.rand(BATCH, *INPUTS.get(NAME, (1, 28, 28)))
        self.y = (torch.arange(BATCH) % 2).float().reshape(BATCH, 1) if binary else torch.arange(BATCH) % 10
        if NAME == "block":
            self.y, self.loss = torch.rand(BATCH, *INPUTS[NAME]), nn.MSELoss()

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
models["block"] = lambda: Block(192, 6, 128)
models.update({name: lambda sizes=sizes: Gpt(*sizes) for name, sizes in GPTS.items()})
training = WganGp() if NAME == "critic" else Training(models[NAME](), NAME == "discriminator")
print(json.dumps({"version": torch.__version__}), flush=True)
for line in sys.stdin:
    n = int(line)
    cpu, start = time.process_time(), time.perf_counter()
    for _ in range(n):
        training.step()
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    print(json.dumps({"wall": 1000 * wall / n, "cpu": 1000 * cpu / n}), flush=True)
