"""The same network, optimizer and sampler in PyTorch, timed on request.

Reads one JSON object per line on standard input and answers each with one on standard output:
{"setup": {config, scales, variant, device, parameters, images, example}} -> {"version", "loss", "gradNorm"}
{"train": {"steps": n}}                    -> {"milliseconds": [one per step]}
{"sample": {"evaluations": n, "times": k}} -> {"milliseconds": [one per sampling of all images]}
{"memory": {}}                             -> {"megabytes"}
A request that fails is answered with {"error"}.

`example` is a safetensors file of the engine: its weights, a training batch, and the loss and the norm of the gradients that
it computes from them. The set-up fails unless this network computes the same. `variant` says how PyTorch is used: {compiled:
torch.compile and the fused Adam, channelsLast: the memory layout of convolutions, threads: a number or null for PyTorch's
choice}; the allocator is chosen by the environment of the process. Sampling is in inference mode, and the context is encoded
once per sampling where that is possible, as the engine does. On a GPU, matrix products may use TensorFloat-32, as they do in
TensorFlow by default.
"""

import json
import sys
import time

try:
    import resource
except ImportError:  # Windows
    resource = None

import torch
import torch.nn.functional as F

from pytorchFields import ScaledField, contrast_of


def refuse_other_methods(config):
    path, objective = config["path"], config["objective"]
    wanted = {"kind": "linear", "residualDeviation": 0}
    other = [f"path.{name} is {path[name]}" for name, value in wanted.items() if path[name] != value]
    if path["prediction"] not in ("data", "velocity"):
        other.append(f"path.prediction is {path['prediction']}")
    if objective["weighting"] != "none" or objective["shortcutShare"] > 0 or config["field"]["stepConditioning"]:
        other.append("the objective is weighted or has shortcuts")
    if other:
        raise ValueError(f"The twin has straight paths of data or velocity only, and {', '.join(other)}.")


def known_weight(objective, rows):
    """Weight of every pixel in the loss, [B, N, 1] or [B, N, 3] with a mask for each channel; None if all are alike."""
    if objective["knownWeight"] == 1 or "observedGrid" not in rows:
        return None
    mask = rows["observedGrid"][..., :-3].flatten(1, 2)
    return 1 - (1 - objective["knownWeight"]) * mask


def is_hidden(name, parameter):
    """Whether Muon trains a parameter: matrices and kernels of at least 16 inputs and outputs."""
    return name.endswith("weight") and parameter.ndim >= 2 and min(parameter.shape[:2]) >= 16


def orthogonalise(matrix):
    """The Newton-Schulz iteration of the engine (Jordan et al. 2024) in the Gram matrix of one that is higher than wide."""
    start = matrix / (matrix.norm() + 1e-12)
    gram = start.T @ start
    ones = 3.4445 * torch.eye(gram.shape[0], dtype=gram.dtype)
    product = None
    for iteration in range(5):
        factor = ones - 4.775 * gram + 2.0315 * gram @ gram
        product = factor if product is None else product @ factor
        if iteration < 4:
            gram = factor @ gram @ factor
    return start @ product


class Muon(torch.optim.Optimizer):
    """The update of the engine; PyTorch's own is for matrices only."""

    def __init__(self, parameters, learning_rate, orthogonalise):
        super().__init__(parameters, {"lr": learning_rate})
        self.orthogonalise = orthogonalise

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            gradients = [p.grad for p in group["params"]]
            momenta = [self.state[p].setdefault("momentum", torch.zeros_like(p)) for p in group["params"]]
            torch._foreach_lerp_(momenta, gradients, 0.05)
            for p, direction in zip(group["params"], torch._foreach_lerp(momenta, gradients, 0.05)):
                matrix = direction.flatten(1)
                is_high = matrix.shape[0] >= matrix.shape[1]
                found = self.orthogonalise(matrix) if is_high else self.orthogonalise(matrix.T).T
                p.sub_(found.view_as(p), alpha=0.2 * max(matrix.shape) ** 0.5 * group["lr"])


class Twin:
    def __init__(self, setup):
        refuse_other_methods(setup["config"])
        variant = setup["variant"]
        if variant["threads"]:
            torch.set_num_threads(variant["threads"])
        torch.manual_seed(0)
        torch.set_float32_matmul_precision("high" if setup["device"] == "cuda" else "highest")
        self.device, self.setup, self.config = setup["device"], setup, setup["config"]
        self.path, self.optim = self.config["path"], self.config["optim"]
        self.unit, self.noise = setup["scales"]["unit"], setup["scales"]["startNoise"]
        self.model = ScaledField(self.config, setup["scales"])
        example = {name: t.to(self.device) for name, t in read_safetensors(setup["example"]).items()}
        self.load({name[8:]: t for name, t in example.items() if name.startswith("weights/")})
        self.model.to(self.device)
        if variant["channelsLast"]:
            self.model.to(memory_format=torch.channels_last)
        self.parameters = list(self.model.parameters())
        count = sum(p.numel() for p in self.parameters)
        if count != setup["parameters"]:
            raise ValueError(f"The twin has {count} parameters, the engine {setup['parameters']}: not the same network.")
        self.rows = {name[5:]: t for name, t in example.items() if name.startswith("rows/")}
        self.weight = known_weight(self.config["objective"], self.rows)
        self.check(example["loss"].item(), example["gradNorm"].item())
        is_compiled = variant["compiled"]
        compile_it = torch.compile if is_compiled else lambda function: function
        self.forward = compile_it(self.model)
        self.encode, self.predict = compile_it(self.model.encode), compile_it(self.model.predict)
        hidden = [p for name, p in self.model.named_parameters() if self.optim["kind"] == "muon" and is_hidden(name, p)]
        chosen = {id(p) for p in hidden}
        self.optimizers = [
            torch.optim.Adam(
                [p for p in self.parameters if id(p) not in chosen],
                lr=self.optim["learningRate"],
                betas=(self.optim["beta1"], self.optim["beta2"]),
                eps=self.optim["epsilon"],
                fused=True if is_compiled else None,
            ),
            *([Muon(hidden, self.optim["learningRate"], compile_it(orthogonalise))] if hidden else []),
        ]
        self.average = [p.detach().clone() for p in self.parameters] if self.optim["ema"] > 0 else None
        self.steps_done = 0
        self.sampling_batch = None

    def load(self, weights):
        """Carry the engine's weights over; every one of them must have its place."""
        kind = self.config["field"]["kind"]
        named = {name.removeprefix(f"{kind}."): w for name, w in weights.items()}
        self.model.field.load_state_dict(self.model.field.convert(named))

    def check(self, loss, grad_norm):
        """Compare loss and gradient of the engine's batch, without dropout."""
        self.model.eval()
        found = self.loss(self.model, self.rows["start"])
        found.backward()
        norm = torch.nn.utils.get_total_norm([p.grad for p in self.parameters]).item()
        for p in self.parameters:
            p.grad = None
        self.found = {"loss": found.item(), "gradNorm": norm}
        for name, ours, theirs, limit in (("loss", loss, found.item(), 1e-4), ("gradient", grad_norm, norm, 1e-3)):
            if abs(theirs - ours) > limit * abs(ours):
                raise ValueError(f"The twin's {name} is {theirs:.7g}, the engine's {ours:.7g}: not the same network.")

    def start(self, rows, like):
        noise = torch.randn_like(like) * self.noise * contrast_of(self.model.is_local, rows)
        return rows["estimate"] + noise if self.path["start"] == "classical" else noise

    def loss(self, forward, start):
        target, t = self.rows["target"], self.rows["time"]
        at = t[:, None, None]
        state = (1 - at) * start + at * target
        goal = target if self.path["prediction"] == "data" else target - start
        scale = self.unit * contrast_of(self.model.is_local, self.rows)
        squares = F.mse_loss(forward(self.rows, state, t) / scale, goal / scale, reduction="none")
        return (squares if self.weight is None else squares * self.weight).mean()

    def step(self):
        loss = self.loss(self.forward, self.start(self.rows, self.rows["target"]))
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, self.optim["clipNorm"])
        for optimizer in self.optimizers:
            optimizer.step()
        if self.average is not None:
            decay = min(self.optim["ema"], (1 + self.steps_done) / (10 + self.steps_done))
            with torch.no_grad():
                torch._foreach_lerp_(self.average, self.parameters, 1 - decay)
        self.steps_done += 1
        return loss.item(), norm.item()

    def train(self, steps):
        self.model.train()
        return [self.timed(self.step) for _ in range(steps)]

    @torch.inference_mode()
    def sample(self, evaluations, times):
        self.model.eval()
        if self.sampling_batch is None:
            self.sampling_batch = self.whole_images()
        return [self.timed(lambda: self.solve(evaluations, *self.sampling_batch)) for _ in range(times)]

    def whole_images(self):
        """Return a context of whole images and the start of its path. Its numbers are random, which costs the same."""
        images, pixels = self.setup["images"], self.config["data"]["imageSize"] ** 2
        per_query = ("queryCoords", "estimate", "patch", "neighbours")
        context = {}
        for name, rows in self.rows.items():
            if name in ("target", "time", "start"):
                continue
            rest = (pixels, *rows.shape[2:]) if name in per_query else rows.shape[1:]
            context[name] = torch.rand(images, *rest, device=self.device)
        return context, self.start(context, torch.empty(images, pixels, 3, device=self.device))

    def solve(self, evaluations, context, x):
        """Sample with the Euler method and read the result back."""
        encoded = self.encode(context)
        for index in range(evaluations):
            at = index / evaluations
            out = self.predict(encoded, x, torch.full((x.shape[0],), at, device=self.device))
            velocity = (out - x) / max(1 - at, 1e-6) if self.path["prediction"] == "data" else out
            x = x + velocity / evaluations
        return x.cpu()

    def timed(self, work):
        started = time.perf_counter()
        work()
        if self.device != "cpu":
            getattr(torch, self.device).synchronize()
        return 1000 * (time.perf_counter() - started)


def read_safetensors(path):
    """Return the tensors by name: a length, a header of JSON, then the numbers (float32 here)."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = bytearray(file.read())
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        flat = torch.frombuffer(data, dtype=torch.float32, offset=begin, count=(end - begin) // 4)
        tensors[name] = flat.clone().view(entry["shape"])
    return tensors


def megabytes():
    """Return the peak main memory so far; macOS counts bytes, other systems kilobytes."""
    if resource is None:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


def main():
    twin = None
    for line in sys.stdin:
        question = json.loads(line)
        try:
            if "setup" in question:
                twin = Twin(question["setup"])
                answer = {"version": torch.__version__, **twin.found}
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
