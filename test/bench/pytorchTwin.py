"""The same network, optimizer and sampler in PyTorch, timed on request.

Reads one JSON object per line on standard input and answers each with one on standard output:
{"setup": {config, engine, device, parameters, observed, queries, images}} -> {"version"}
{"train": {"steps": n}}                    -> {"milliseconds": [one per step]}
{"sample": {"evaluations": n, "times": k}} -> {"milliseconds": [one per sampling of all images]}
{"memory": {}}                             -> {"megabytes"}
A request that fails is answered with {"error"}. The engine "eager" is plain PyTorch; "compiled" adds torch.compile
and the fused Adam. Sampling encodes the context again at every function evaluation, as the notebook does. On a GPU,
matrix products may use TensorFloat-32, as they do in TensorFlow by default.
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
        hidden = F.gelu(self.inner(x))
        return self.outer(F.dropout(hidden, self.dropout, self.training) if self.dropout > 0 else hidden)


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
        # The plain decoder has no norm that could read the time, so the latents read it there.
        reads_time = adaptive and not (self.carries and c["readBlocks"] > 0)
        self.register_buffer("frequencies", torch.randn(c["fourierFeatures"], 2) * c["fourierScale"])
        self.latents = nn.Parameter(torch.randn(c["latents"], dim) * 0.02)
        self.input_proj, self.input_norm = nn.Linear(features + 3, dim), nn.LayerNorm(dim)
        self.query_proj = nn.Linear(features + 4 * c["patch"] ** 2, dim)
        self.query_norm = nn.LayerNorm(dim)
        self.state_proj = nn.Linear(3, dim) if self.carries else None
        self.blocks = nn.ModuleList(Block(dim, heads, rate, reads_time, True) for _ in range(c["blocks"]))
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
    def __init__(self, setup):
        torch.manual_seed(0)
        torch.set_float32_matmul_precision("high" if setup["device"] == "cuda" else "highest")
        self.device, self.setup = setup["device"], setup
        self.config, is_compiled = setup["config"], setup["engine"] == "compiled"
        self.path, self.optim = self.config["path"], self.config["optim"]
        self.model = Field(self.config["field"]).to(self.device)
        self.forward = torch.compile(self.model) if is_compiled else self.model
        self.parameters = list(self.model.parameters())
        count = sum(p.numel() for p in self.parameters)
        if count != setup["parameters"]:
            raise ValueError(f"The twin has {count} parameters, the engine {setup['parameters']}: not the same network.")
        self.optimizer = torch.optim.Adam(
            self.parameters,
            lr=self.optim["learningRate"],
            betas=(self.optim["beta1"], self.optim["beta2"]),
            eps=self.optim["epsilon"],
            fused=True if is_compiled else None,
        )
        self.average = [p.detach().clone() for p in self.parameters] if self.optim["ema"] > 0 else None
        self.steps_done = 0
        self.training_batch, self.sampling_batch = None, None

    def rand(self, *shape):
        return torch.rand(*shape, device=self.device)

    def batch(self, size, queries):
        field, observed = self.config["field"], self.setup["observed"]
        batch = {
            "observedCoords": self.rand(size, observed, 2),
            "observedValues": self.rand(size, observed, 3),
            "queryCoords": self.rand(size, queries, 2),
        }
        if field["residual"] != "none" or self.path["start"] == "classical":
            batch["estimate"] = self.rand(size, queries, 3)
        if field["patch"] > 0:
            batch["patch"] = self.rand(size, queries, 4 * field["patch"] ** 2)
        return batch

    def start(self, batch):
        noise = torch.randn(*batch["queryCoords"].shape[:2], 3, device=self.device) * self.path["startNoise"]
        return batch["estimate"] + noise if self.path["start"] == "classical" else noise

    def step(self, batch, target):
        start = self.start(batch)
        t = self.rand(target.shape[0])
        t[: round(self.config["objective"]["startShare"] * len(t))] = 0
        at = t[:, None, None]
        state = (1 - at) * start + at * target
        goal = target if self.path["prediction"] == "data" else target - start
        loss = F.mse_loss(self.forward(batch, state, t), goal)
        self.optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, self.optim["clipNorm"])
        self.optimizer.step()
        if self.average is not None:
            decay = min(self.optim["ema"], (1 + self.steps_done) / (10 + self.steps_done))
            with torch.no_grad():
                torch._foreach_lerp_(self.average, self.parameters, 1 - decay)
        self.steps_done += 1
        return loss.item(), norm.item()

    def train(self, steps):
        self.model.train()
        if self.training_batch is None:
            size, queries = self.config["train"]["batchSize"], self.setup["queries"]
            self.training_batch = self.batch(size, queries), self.rand(size, queries, 3)
        return [self.timed(lambda: self.step(*self.training_batch)) for _ in range(steps)]

    @torch.no_grad()
    def sample(self, evaluations, times):
        self.model.eval()
        if self.sampling_batch is None:
            batch = self.batch(self.setup["images"], self.config["data"]["imageSize"] ** 2)
            self.sampling_batch = batch, self.start(batch)
        return [self.timed(lambda: self.solve(evaluations, *self.sampling_batch)) for _ in range(times)]

    def solve(self, evaluations, batch, x):
        """Sample with the Euler method and read the result back."""
        for index in range(evaluations):
            at = index / evaluations
            out = self.forward(batch, x, torch.full((x.shape[0],), at, device=self.device))
            velocity = (out - x) / max(1 - at, 1e-6) if self.path["prediction"] == "data" else out
            x = x + velocity / evaluations
        return x.cpu()

    def timed(self, work):
        started = time.perf_counter()
        work()
        if self.device == "cuda":
            torch.cuda.synchronize()
        return 1000 * (time.perf_counter() - started)


def megabytes():
    """Return the peak main memory so far; macOS counts bytes, other systems kilobytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


def main():
    twin = None
    for line in sys.stdin:
        question = json.loads(line)
        try:
            if "setup" in question:
                twin = Twin(question["setup"])
                answer = {"version": torch.__version__}
            elif "train" in question:
                answer = {"milliseconds": twin.train(**question["train"])}
            elif "sample" in question:
                answer = {"milliseconds": twin.sample(**question["sample"])}
            else:
                answer = {"megabytes": megabytes()}
        except Exception as error:
            answer = {"error": str(error).strip().split("\n")[0] or type(error).__name__}
        print(json.dumps(answer), flush=True)


main()
