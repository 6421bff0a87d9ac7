"""The four networks in PyTorch, with the names of the engine's parameters, as fast as PyTorch has them: see main/engine/field."""

import math

import torch
import torch.nn.functional as F
from torch import nn

# The deviation of the states that a network is given, as in scaledField.ts.
INPUT_DEVIATION = 0.1
EVEN_CONTRAST = 0.2
COLOUR_SCALE = 4


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


class AdaptiveNorm(nn.Module):
    """A layer norm over the last axis of [B, ..., width] whose gain and shift are read from the time vector [B, dim]."""

    def __init__(self, width, dim):
        super().__init__()
        self.width, self.modulation = width, nn.Linear(dim, 2 * width)

    def forward(self, x, time):
        modulation = self.modulation(F.silu(time))
        shift, gain = modulation.view(len(x), *[1] * (x.dim() - 2), -1).chunk(2, dim=-1)
        return F.layer_norm(x, (self.width,)) * (gain + 1) + shift


class PlainNorm(nn.LayerNorm):
    def forward(self, x, time=None):
        return super().forward(x)


def create_norm(dim, adaptive):
    return AdaptiveNorm(dim, dim) if adaptive else PlainNorm(dim)


class Block(nn.Module):
    """Attention of the kinds given ("cross", "self"), then an MLP. All are residual, after a norm."""

    def __init__(self, c, adaptive, kinds):
        super().__init__()
        dim = c["dim"]
        for kind in kinds:
            self.add_module(f"{kind}_attn", Attention(dim, c["heads"], c["dropout"]))
            self.add_module(f"{kind}_norm", create_norm(dim, adaptive))
        self.kinds, self.dropout = kinds, c["dropout"]
        self.mlp_norm = create_norm(dim, adaptive)
        self.mlp_in, self.mlp_out = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)

    def attend(self, x, context, time):
        if "cross" in self.kinds:
            x = x + self.cross_attn(self.cross_norm(x, time), context)
        if "self" in self.kinds:
            normed = self.self_norm(x, time)
            x = x + self.self_attn(normed, normed)
        return x

    def feed_forward(self, x, time):
        hidden = F.dropout(F.gelu(self.mlp_in(self.mlp_norm(x, time))), self.dropout, self.training)
        return x + self.mlp_out(hidden)

    def forward(self, x, context, time):
        return self.feed_forward(self.attend(x, context, time), time)


class Field(nn.Module):
    """Parts that all networks share. A network has `encode(batch)`, which depends on neither state nor time, and `predict`."""

    def __init__(self, c, adaptive=True):
        super().__init__()
        self.c, self.adaptive = c, adaptive
        self.has_estimate = c["residual"] != "none"
        dim = c["dim"]
        self.time_in, self.time_out = nn.Linear(dim, dim), nn.Linear(dim, dim)
        half = dim // 2
        rates = torch.exp(torch.arange(half) * -(math.log(10000) / (half - 1)))
        self.register_buffer("rates", rates, persistent=False)

    def time_vector(self, t):
        phase = (t * (1000 if self.adaptive else 1))[:, None] * self.rates[None]
        return self.time_out(F.silu(self.time_in(torch.cat([phase.sin(), phase.cos()], -1))))

    def add_frequencies(self):
        self.register_buffer("fourier_B", torch.zeros(self.c["fourierFeatures"], 2))

    def features(self, coords):
        phase = 2 * math.pi * coords @ self.fourier_B.T
        return torch.cat([phase.sin(), phase.cos()], -1)

    def query_features(self, batch):
        features = self.features(batch["queryCoords"])
        return torch.cat([features, batch["patch"]], -1) if "patch" in batch else features

    def convert(self, weights):
        """Return the engine's weights in the shapes of this network: kernels come as [side, side, inputs, outputs]."""
        return {name: w.permute(3, 2, 0, 1).contiguous() if w.dim() == 4 else w for name, w in weights.items()}

    def forward(self, batch, state, t):
        return self.predict(self.encode(batch), state, t)


class Perceiver(Field):
    def __init__(self, c):
        super().__init__(c, c["timeConditioning"] == "adaptive")
        dim, features, count = c["dim"], 2 * c["fourierFeatures"], c["readBlocks"]
        self.carries = c["queryCarriesState"]
        self.is_fixed = self.carries and self.adaptive and count > 0
        self.add_frequencies()
        self.latents = nn.Parameter(torch.zeros(c["latents"], dim))
        self.input_proj, self.input_norm = nn.Linear(features + 3, dim), PlainNorm(dim)
        reads_time = self.adaptive and not self.is_fixed
        self.blocks = nn.ModuleList(Block(c, reads_time, ("cross", "self")) for _ in range(c["blocks"]))
        self.query_proj, self.query_norm = nn.Linear(features + 4 * c["patch"] ** 2, dim), PlainNorm(dim)
        if self.carries:
            self.state_proj = nn.Linear(3, dim)
        if count == 0:
            self.decoder = Attention(dim, c["heads"], c["dropout"])
        else:
            self.read = nn.ModuleList(Block(c, self.adaptive, ("cross",)) for _ in range(count))
            self.read_norm = create_norm(dim, self.adaptive)
        self.output_proj = nn.Linear(dim, 3)

    def encode(self, batch):
        tokens = self.features(batch["observedCoords"])
        if not self.carries:
            tokens = torch.cat([tokens, self.features(batch["queryCoords"])], 1)
        encoded = {"tokens": tokens, "observed": batch["observedValues"]}
        encoded["queries"] = self.query_proj(self.query_features(batch))
        if self.is_fixed:
            encoded["latents"] = self.read_tokens(tokens, batch["observedValues"], None)
        if self.has_estimate:
            encoded["estimate"] = batch["estimate"]
        return encoded

    def read_tokens(self, features, values, time):
        tokens = F.gelu(self.input_norm(self.input_proj(torch.cat([features, values], -1))))
        latents = self.latents[None].expand(tokens.shape[0], -1, -1)
        for block in self.blocks:
            latents = block(latents, tokens, time)
        return latents

    def predict(self, encoded, state, t):
        time = self.time_vector(t)
        observed = encoded["observed"]
        if not self.adaptive:
            shift = time[:, None, :3]
            state, observed, time = state + shift, observed + shift, None
        if self.is_fixed:
            latents = encoded["latents"]
        else:
            values = observed if self.carries else torch.cat([observed, state], 1)
            latents = self.read_tokens(encoded["tokens"], values, time)
        queries = encoded["queries"] + self.state_proj(state) if self.carries else encoded["queries"]
        x = F.gelu(self.query_norm(queries))
        if self.c["readBlocks"] == 0:
            out = self.output_proj(self.decoder(x, latents))
        else:
            for block in self.read:
                x = block(x, latents, time)
            out = self.output_proj(self.read_norm(x, time))
        return out + encoded["estimate"] if self.has_estimate else out


class Transformer(Field):
    def __init__(self, c):
        super().__init__(c)
        dim, features = c["dim"], 2 * c["fourierFeatures"]
        self.add_frequencies()
        self.token_in = nn.Linear(features + 3, dim)
        self.blocks = nn.ModuleList(Block(c, False, ("self",)) for _ in range(c["blocks"]))
        self.token_norm = PlainNorm(dim)
        self.query_in, self.state_in = nn.Linear(features + 4 * c["patch"] ** 2, dim), nn.Linear(3, dim)
        self.read = nn.ModuleList(Block(c, True, ("cross",)) for _ in range(c["readBlocks"]))
        self.output_norm, self.output = create_norm(dim, True), nn.Linear(dim, 3)

    def encode(self, batch):
        x = self.token_in(torch.cat([self.features(batch["observedCoords"]), batch["observedValues"]], -1))
        for block in self.blocks:
            x = block(x, None, None)
        encoded = {"tokens": self.token_norm(x), "queries": self.query_in(self.query_features(batch))}
        if self.has_estimate:
            encoded["estimate"] = batch["estimate"]
        return encoded

    def predict(self, encoded, state, t):
        time, tokens = self.time_vector(t), encoded["tokens"]
        x = encoded["queries"] + self.state_in(state)
        for block in self.read:
            queries = block.cross_norm(x, time)
            context = torch.cat([tokens, queries], 1) if self.c["queriesAttend"] else tokens
            x = block.feed_forward(x + block.cross_attn(queries, context), time)
        out = self.output(self.output_norm(x, time))
        return out + encoded["estimate"] if self.has_estimate else out


class Local(Field):
    def __init__(self, c):
        super().__init__(c)
        dim, mixing = c["dim"], c["mixing"]
        self.token_in, self.token_out = nn.Linear(6, dim), nn.Linear(dim, dim)
        self.blocks = nn.ModuleList(Block(c, False, ("self",)) for _ in range(c["blocks"]))
        self.query_in = nn.Linear(6, dim)
        self.read = nn.ModuleList(Block(c, True, ("cross",)) for _ in range(c["readBlocks"]))
        self.output_norm, self.output = create_norm(dim, True), nn.Linear(dim, 3)
        if mixing > 0:
            self.observed_in = nn.Linear(1, dim)
            for block in self.read:
                block.mix_norm, block.mix_out = create_norm(dim, True), nn.Linear(dim, dim)
                block.mix_around = nn.Conv2d(dim, dim, mixing, padding=mixing // 2, groups=dim, bias=False)

    def convert(self, weights):
        # A depthwise kernel comes as [side, side, channels, 1].
        return {name: w.permute(2, 3, 0, 1).contiguous() if w.dim() == 4 else w for name, w in weights.items()}

    def encode(self, batch):
        neighbours = batch["neighbours"]
        size, queries, count, _ = neighbours.shape
        base = batch["estimate"] if self.has_estimate else neighbours.new_full((size, queries, 3), 0.5)
        offsets, colours = neighbours[..., :2], neighbours[..., 2:]
        distance = offsets.norm(dim=-1, keepdim=True)
        features = torch.cat([offsets, distance, (colours - base[:, :, None]) * COLOUR_SCALE], -1)
        hidden = F.gelu(self.token_in(features.view(size * queries, count, 6)))
        x = self.token_out(F.dropout(hidden, self.c["dropout"], self.training))
        for block in self.blocks:
            x = block(x, None, None)
        encoded = {"tokens": x, "base": base}
        if self.c["mixing"] > 0:
            encoded["observed"] = batch["observedGrid"][..., :1]
        return encoded

    def predict(self, encoded, state, t):
        time, base = self.time_vector(t), encoded["base"]
        size, queries, dim = *state.shape[:2], self.c["dim"]
        x = self.query_in(torch.cat([state - base, base - 0.5], -1) * COLOUR_SCALE)
        mixes = self.c["mixing"] > 0
        if mixes:
            x = x + self.observed_in(encoded["observed"].reshape(size, queries, 1))
        for block in self.read:
            rows = block.cross_norm(x, time).reshape(size * queries, 1, dim)
            x = x + block.cross_attn(rows, encoded["tokens"]).view(size, queries, dim)
            if mixes:
                height, width = encoded["observed"].shape[1:3]
                grid = block.mix_norm(x, time).view(size, height, width, dim).permute(0, 3, 1, 2)
                around = block.mix_around(grid).permute(0, 2, 3, 1).reshape(size, queries, dim)
                x = x + block.mix_out(around)
            x = block.feed_forward(x, time)
        out = self.output(self.output_norm(x, time))
        return out + base if self.has_estimate else out


class ResidualBlock(nn.Module):
    def __init__(self, width, dim):
        super().__init__()
        self.conv_in = nn.Conv2d(width, width, 3, padding=1)
        self.norm = AdaptiveNorm(width, dim)
        self.conv_out = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x, time):
        normed = self.norm(self.conv_in(x).permute(0, 2, 3, 1), time).permute(0, 3, 1, 2)
        return x + self.conv_out(F.relu(normed))


class Unet(Field):
    def __init__(self, c):
        super().__init__(c)
        dim, levels, self.stride = c["dim"], c["levels"], c["stride"]
        widths = [dim * 2**level for level in range(levels)]

        def blocks(width):
            return nn.ModuleList(ResidualBlock(width, dim) for _ in range(c["blocks"]))

        self.stem = nn.Conv2d((9 if c["channelMask"] else 7) * self.stride**2, dim, 3, padding=1)
        self.down = nn.ModuleList(blocks(width) for width in widths)
        self.up = nn.ModuleList(blocks(width) for width in widths[:-1])
        # A strided convolution of 2 × 2 pixels, and 1 × 1 followed by a shuffle of pixels.
        self.join = nn.ModuleList(nn.Conv2d(a, b, 2, stride=2) for a, b in zip(widths, widths[1:]))
        self.split = nn.ModuleList(nn.Conv2d(b, 4 * a, 1) for a, b in zip(widths, widths[1:]))
        self.output = nn.Conv2d(dim, 3 * self.stride**2, 3, padding=1)

    def convert(self, weights):
        """The engine orders the channels of a block of pixels by row, column, channel; PyTorch's shuffles by channel, row, column."""

        def by_channel(w, axis, side):
            parts = w.unflatten(axis, (side, side, w.shape[axis] // side**2))
            return parts.movedim(axis + 2, axis).flatten(axis, axis + 2)

        converted = super().convert(weights)
        for name, w in converted.items():
            if name.startswith("join") and w.dim() == 2:
                converted[name] = w.unflatten(1, (2, 2, w.shape[1] // 4)).permute(0, 3, 1, 2).contiguous()
            elif name.startswith("split"):
                w = by_channel(w, 0, 2)
                converted[name] = w[..., None, None] if w.dim() == 2 else w
            elif name.startswith("output"):
                converted[name] = by_channel(w, 0, self.stride)
            elif name == "stem.weight":
                converted[name] = by_channel(w, 1, self.stride)
        return converted

    def encode(self, batch):
        grid = batch["observedGrid"].permute(0, 3, 1, 2)
        if not self.has_estimate:
            return {"mask": grid[:, :-3], "known": (grid[:, -3:] - 0.5) * COLOUR_SCALE * grid[:, :-3]}
        size, _, height, width = grid.shape
        estimate = batch["estimate"].view(size, height, width, 3).permute(0, 3, 1, 2)
        known = (estimate - 0.5) * COLOUR_SCALE
        return {"mask": grid[:, :-3], "known": known, "grid": estimate, "estimate": batch["estimate"]}

    def predict(self, encoded, state, t):
        time = self.time_vector(t)
        size, _, height, width = encoded["mask"].shape
        x = state.view(size, height, width, 3).permute(0, 3, 1, 2)
        if self.has_estimate:
            x = (x - encoded["grid"]) * COLOUR_SCALE
        x = torch.cat([x, encoded["known"], encoded["mask"]], 1)
        multiple = self.stride * 2 ** (self.c["levels"] - 1)
        x = F.pad(x, (0, -width % multiple, 0, -height % multiple))
        x = self.stem(F.pixel_unshuffle(x, self.stride) if self.stride > 1 else x)
        x = self.output(F.relu(self.pass_levels(x, time, 0)))
        x = F.pixel_shuffle(x, self.stride) if self.stride > 1 else x
        out = x[:, :, :height, :width].permute(0, 2, 3, 1).reshape(size, height * width, 3)
        return out + encoded["estimate"] if self.has_estimate else out

    def pass_levels(self, x, time, level):
        for block in self.down[level]:
            x = block(x, time)
        if level == self.c["levels"] - 1:
            return x
        coarse = self.pass_levels(self.join[level](x), time, level + 1)
        x = x + F.pixel_shuffle(self.split[level](coarse), 2)
        for block in self.up[level]:
            x = block(x, time)
        return x


FIELDS = {"perceiver": Perceiver, "transformer": Transformer, "local": Local, "unet": Unet}


def contrast_of(is_local, batch):
    """Contrast around each pixel, [B, N, 1], where the path counts in it, else 1."""
    return batch["contrast"] if is_local else 1.0


class ScaledField(nn.Module):
    """A network whose state and output count in the unit of the path, as in scaledField.ts."""

    def __init__(self, config, scales):
        super().__init__()
        self.field = FIELDS[config["field"]["kind"]](config["field"])
        self.is_scaled = config["path"]["unit"] != "colours"
        self.is_local = config["path"]["unit"] == "local"
        self.starts_classically = config["path"]["start"] == "classical"
        self.unit, self.noise = scales["unit"], scales["startNoise"]

    def encode(self, batch):
        if not self.is_scaled:
            return self.field.encode(batch)
        around = given = batch["estimate"]
        if self.is_local:
            given = (around - batch["level"]) * (EVEN_CONTRAST / batch["contrast"]) + 0.5
        encoded = self.field.encode({**batch, "estimate": given})
        return {**encoded, "around": around, "given": given, "contrast": contrast_of(self.is_local, batch)}

    def predict(self, encoded, state, t):
        if not self.is_scaled:
            return self.field.predict(encoded, state, t)
        around, given, at = encoded["around"], encoded["given"], t[:, None, None]
        unit, noise = self.unit * encoded["contrast"], self.noise * encoded["contrast"]
        mean = around if self.starts_classically else at * around
        variance = (at * unit) ** 2 + ((1 - at) * noise) ** 2
        gain = at * unit / variance if self.is_local else 1 / torch.sqrt(variance)
        state = given + (state - mean) * (INPUT_DEVIATION * gain)
        return around + (self.field.predict(encoded, state, t) - given) * unit

    def forward(self, batch, state, t):
        return self.predict(self.encode(batch), state, t)
