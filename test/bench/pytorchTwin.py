"""The same network and optimizer in PyTorch, timed on request.

Reads one JSON object a line on standard input, answers one a line on standard output:
{"setup": {config, device, threads, observed, queries, batch}} -> {"parameters", "device", "version"}
{"train": {"engine": "eager" | "compiled", "steps": n}}        -> {"milliseconds": [...]}
{"sample": {"engine": ..., "evaluations": n, "images": b}}     -> {"milliseconds": [...]}
{"memory": {}}                                                -> {"megabytes"}
Sampling encodes the context anew at every function evaluation, as the notebook does.
"""

import json
import math
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def __init__(self, dim, heads, dropout):
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.q_proj, self.k_proj = nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.v_proj, self.out_proj = nn.Linear(dim, dim), nn.Linear(dim, dim)

    def forward(self, queries, context):
        def split(x):
            return x.view(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)

        q, k, v = split(self.q_proj(queries)), split(self.k_proj(context)), split(self.v_proj(context))
        rate = self.dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(q, k, v, dropout_p=rate)
        return self.out_proj(mixed.transpose(1, 2).flatten(2))


class Norm(nn.Module):
    """Layer norm, or one whose gain and shift are read from the time vector."""

    def __init__(self, dim, adaptive):
        super().__init__()
        self.dim = dim
        self.plain = None if adaptive else nn.LayerNorm(dim)
        self.modulation = nn.Linear(dim, 2 * dim) if adaptive else None

    def forward(self, x, time):
        if self.plain is not None:
            return self.plain(x)
        shift, gain = self.modulation(F.silu(time))[:, None].chunk(2, dim=-1)
        return F.layer_norm(x, (self.dim,)) * (gain + 1) + shift


class Mlp(nn.Module):
    def __init__(self, dim, dropout):
        super().__init__()
        self.inner, self.outer, self.dropout = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim), dropout

    def forward(self, x):
        return self.outer(F.dropout(F.gelu(self.inner(x)), self.dropout, self.training))


class Block(nn.Module):
    def __init__(self, dim, heads, dropout, adaptive, has_self):
        super().__init__()
        self.cross, self.cross_norm = Attention(dim, heads, dropout), Norm(dim, adaptive)
        self.own = Attention(dim, heads, dropout) if has_self else None
        self.own_norm = Norm(dim, adaptive) if has_self else None
        self.mlp, self.mlp_norm = Mlp(dim, dropout), Norm(dim, adaptive)

    def forward(self, x, context, time):
        x = x + self.cross(self.cross_norm(x, time), context)
        if self.own is not None:
            normed = self.own_norm(x, time)
            x = x + self.own(normed, normed)
        return x + self.mlp(self.mlp_norm(x, time))


class Field(nn.Module):
    def __init__(self, c):
        super().__init__()
        dim, heads, rate = c["dim"], c["heads"], c["dropout"]
        self.c, adaptive, features = c, c["timeConditioning"] == "adaptive", 2 * c["fourierFeatures"]
        self.adaptive, self.carries = adaptive, c["queryCarriesState"]
        self.register_buffer("frequencies", torch.randn(c["fourierFeatures"], 2) * c["fourierScale"])
        self.latents = nn.Parameter(torch.randn(c["latents"], dim) * 0.02)
        self.input_proj, self.input_norm = nn.Linear(features + 3, dim), nn.LayerNorm(dim)
        self.query_proj = nn.Linear(features + 4 * c["patch"] ** 2, dim)
        self.query_norm = nn.LayerNorm(dim)
        self.state_proj = nn.Linear(3, dim) if self.carries else None
        reader_adaptive = adaptive and not self.carries
        self.blocks = nn.ModuleList(Block(dim, heads, rate, reader_adaptive, True) for _ in range(c["blocks"]))
        self.read = nn.ModuleList(Block(dim, heads, rate, adaptive, False) for _ in range(c["readBlocks"]))
        self.decoder = Attention(dim, heads, rate) if c["readBlocks"] == 0 else None
        self.read_norm = Norm(dim, adaptive) if c["readBlocks"] > 0 else None
        self.output = nn.Linear(dim, 3)
        self.time_in, self.time_out = nn.Linear(dim, dim), nn.Linear(dim, dim)

    def features(self, coords):
        phase = 2 * math.pi * coords @ self.frequencies.T
        return torch.cat([phase.sin(), phase.cos()], -1)

    def time_vector(self, t):
        half = self.c["dim"] // 2
        rates = torch.exp(torch.arange(half, device=t.device) * -(math.log(10000) / (half - 1)))
        phase = (t * (1000 if self.adaptive else 1))[:, None] * rates[None]
        return self.time_out(F.silu(self.time_in(torch.cat([phase.sin(), phase.cos()], -1))))

    def forward(self, batch, state, t):
        time = self.time_vector(t)
        shift = None if self.adaptive else time[:, None, :3]
        observed = batch["observedValues"] if shift is None else batch["observedValues"] + shift
        state = state if shift is None else state + shift
        query_features = self.features(batch["queryCoords"])
        known = self.features(batch["observedCoords"])
        if not self.carries:
            known, observed = torch.cat([known, query_features], 1), torch.cat([observed, state], 1)
        tokens = F.gelu(self.input_norm(self.input_proj(torch.cat([known, observed], -1))))
        latents = self.latents[None].expand(tokens.shape[0], -1, -1)
        for block in self.blocks:
            latents = block(latents, tokens, time)
        if "patch" in batch:
            query_features = torch.cat([query_features, batch["patch"]], -1)
        queries = self.query_proj(query_features)
        if self.state_proj is not None:
            queries = queries + self.state_proj(state)
        x = F.gelu(self.query_norm(queries))
        if self.decoder is not None:
            out = self.output(self.decoder(x, latents))
        else:
            for block in self.read:
                x = block(x, latents, time)
            out = self.output(self.read_norm(x, time))
        return out if "estimate" not in batch or self.c["residual"] == "none" else out + batch["estimate"]


class Twin:
    def __init__(self, request):
        torch.manual_seed(0)
        if request.get("threads"):
            torch.set_num_threads(request["threads"])
        self.device = request["device"]
        self.config, self.shape = request["config"], request
        self.model = Field(self.config["field"]).to(self.device)
        optim = self.config["optim"]
        betas = (optim["beta1"], optim["beta2"])
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=optim["learningRate"], betas=betas)
        self.average = [p.detach().clone() for p in self.model.parameters()] if optim["ema"] > 0 else None
        self.forward = {"eager": self.model, "compiled": torch.compile(self.model)}

    def batch(self, size, queries):
        field, rand = self.config["field"], lambda *s: torch.rand(*s, device=self.device)
        observed = self.shape["observed"]
        batch = {
            "observedCoords": rand(size, observed, 2),
            "observedValues": rand(size, observed, 3),
            "queryCoords": rand(size, queries, 2),
        }
        if field["residual"] != "none":
            batch["estimate"] = rand(size, queries, 3)
        if field["patch"] > 0:
            batch["patch"] = rand(size, queries, 4 * field["patch"] ** 2)
        return batch

    def step(self, engine, batch, target):
        start = torch.randn_like(target)
        t = torch.rand(target.shape[0], device=self.device)
        at = t[:, None, None]
        state = (1 - at) * start + at * target
        goal = target if self.config["path"]["prediction"] == "data" else target - start
        loss = F.mse_loss(self.forward[engine](batch, state, t), goal)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config["optim"]["clipNorm"])
        self.optimizer.step()
        if self.average is not None:
            with torch.no_grad():
                torch._foreach_lerp_(self.average, list(self.model.parameters()), 0.005)
        return loss.item()

    def train(self, engine, steps):
        self.model.train()
        size, queries = self.shape["batch"], self.shape["queries"]
        batch = self.batch(size, queries)
        target = torch.rand(size, queries, 3, device=self.device)
        return [self.timed(lambda: self.step(engine, batch, target)) for _ in range(steps)]

    @torch.no_grad()
    def sample(self, engine, evaluations, images):
        self.model.eval()
        pixels = self.config["data"]["imageSize"] ** 2
        batch = self.batch(images, pixels)

        def solve():
            x = torch.randn(images, pixels, 3, device=self.device)
            for index in range(evaluations):
                t = torch.full((images,), index / evaluations, device=self.device)
                out = self.forward[engine](batch, x, t)
                if self.config["path"]["prediction"] == "data":
                    out = (out - x) / (1 - index / evaluations)
                x = x + out / evaluations
            return x.sum().item()

        return [self.timed(solve)]

    def timed(self, work):
        started = time.perf_counter()
        work()
        if self.device == "cuda":
            torch.cuda.synchronize()
        return 1000 * (time.perf_counter() - started)


def main():
    twin = None
    for line in sys.stdin:
        request = json.loads(line)
        if "setup" in request:
            twin = Twin(request["setup"])
            count = sum(p.numel() for p in twin.model.parameters())
            answer = {"parameters": count, "device": twin.device, "version": torch.__version__}
        elif "train" in request:
            answer = {"milliseconds": twin.train(**request["train"])}
        elif "sample" in request:
            answer = {"milliseconds": twin.sample(**request["sample"])}
        else:
            answer = {"megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
        print(json.dumps(answer), flush=True)


main()
