"""How well the class-conditional model transfers the style of one digit to the other nine.

    python benchmarks/bench_style.py --data-dir data [--checkpoint cvae-mnist] [--limit 1000]

The first test pictures of MNIST are encoded with their labels, and each z is decoded as all ten digits. A judge, a
small convolutional network trained here on the 60,000 training pictures (and saved in `runs/`), classifies the results.
Slant and stroke width are measured on sources and results, and correlated over the sources for each target digit; the
means over the ten digits are printed. "Within the class" means after subtracting the mean of the source's class. The
baseline replaces each z by the mean z of the source's class.

    slant          cov(x, y) / var(y) of the ink: columns per row
    stroke width   area / length of the skeleton of the picture enlarged four times, in pixels
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
import torch.nn.functional as F
from skimage.morphology import skeletonize
from torch import Tensor, nn

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ae_demo import checkpoints  # noqa: E402
from ae_demo.data import Samples, augment, load_dataset  # noqa: E402
from ae_demo.models.cvae import ConditionalVAE  # noqa: E402

JUDGE = ROOT / "runs" / "judge-mnist.safetensors"
EPOCHS, BATCH = 5, 128
ENLARGED = 4


def build_judge() -> nn.Sequential:
    """A classifier of 28 × 28 pictures: `(B, 1, 28, 28)` to logits `(B, 10)`."""
    return nn.Sequential(
        nn.Conv2d(1, 24, 5, stride=2, padding=2),
        nn.ReLU(),
        nn.Conv2d(24, 48, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(48, 96, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(96 * 16, 10),
    )


def train_judge(data: Samples) -> nn.Sequential:
    """The judge, trained with small rotations and stretches of the training pictures, or loaded from `runs/`."""
    torch.manual_seed(0)
    judge = build_judge()
    if JUDGE.exists():
        judge.load_state_dict(safetensors.torch.load_file(JUDGE))
        return judge.eval()
    generator = torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(judge.parameters(), 2e-3)
    steps = EPOCHS * -(-len(data.train) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, steps)
    for epoch in range(EPOCHS):
        for index in torch.randperm(len(data.train), generator=generator).split(BATCH):
            x = augment(data.train[index].float() / 255, 0.15, generator)
            loss = F.cross_entropy(judge(x), data.train_labels[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        print(f"judge: epoch {epoch + 1} of {EPOCHS}", file=sys.stderr)
    JUDGE.parent.mkdir(exist_ok=True)
    safetensors.torch.save_file(judge.state_dict(), JUDGE)
    return judge.eval()


@torch.inference_mode()
def classify(judge: nn.Sequential, x: Tensor) -> Tensor:
    """The judge's digit for each picture `(B, 1, 28, 28)`, int64 `(B,)`."""
    return torch.cat([judge(part).argmax(1) for part in x.split(500)])


def slants(x: Tensor) -> np.ndarray:
    """cov(x, y) / var(y) of the ink of pictures `(N, 1, 28, 28)`, positive if they lean to the right, `(N,)`."""
    ink = x[:, 0] / x[:, 0].sum((1, 2), keepdim=True)
    positions = torch.arange(28.0)
    columns, rows = ink.sum(1), ink.sum(2)
    mean_x, mean_y = ((each * positions).sum(1)[:, None] for each in (columns, rows))
    dx, dy = positions - mean_x, positions - mean_y
    covariance = torch.einsum("nyx,ny,nx->n", ink, dy, dx)
    return -(covariance / (rows * dy.square()).sum(1)).numpy()


def widths(x: Tensor) -> np.ndarray:
    """Area divided by the length of the skeleton of pictures `(N, 1, 28, 28)`, in pixels, `(N,)`."""
    large = F.interpolate(x, scale_factor=ENLARGED, mode="bicubic", align_corners=False)[:, 0].numpy() > 0.5
    return np.array([each.sum() / max(1, skeletonize(each).sum()) / ENLARGED for each in large])


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's r; 0 for a constant."""
    return float(np.corrcoef(a, b)[0, 1]) if a.std() > 0 and b.std() > 0 else 0.0


def centred(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Values `(N,)` minus the mean of their class."""
    means = np.array([values[labels == label].mean() if (labels == label).any() else 0 for label in range(10)])
    return values - means[labels]


def transfer(model: ConditionalVAE, z: Tensor) -> Tensor:
    """All ten digits in each style: `(N, latent_dim)` to `(10, N, 1, 28, 28)`."""
    with torch.inference_mode():
        return torch.stack([model.decode_as(z, torch.full((len(z),), digit)) for digit in range(10)])


def print_correlations(name: str, source: np.ndarray, measured: np.ndarray, plain: np.ndarray, labels: np.ndarray):
    """Print a row for a property of the sources `(N,)`, of the results `(10, N)`, and of those of the baseline."""
    others = [labels != digit for digit in range(10)]
    r = [correlation(source[o], measured[d][o]) for d, o in enumerate(others)]
    within = [
        correlation(centred(source[o], labels[o]), centred(measured[d][o], labels[o])) for d, o in enumerate(others)
    ]
    base = [correlation(source[o], plain[d][o]) for d, o in enumerate(others)]
    print(
        f"| {name} | {np.mean(r):.2f} ({min(r):.2f} to {max(r):.2f}) | "
        f"{np.mean(within):.2f} ({min(within):.2f} to {max(within):.2f}) | {np.mean(base):.2f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=Path("data"), help="folder of MNIST [data]")
    parser.add_argument("--checkpoint", default="cvae-mnist", help="a class-conditional model of digits [%(default)s]")
    parser.add_argument("--limit", type=int, default=1000, help="test pictures whose style is transferred [1000]")
    options = parser.parse_args()
    data = load_dataset("mnist", data_dir=options.data_dir)
    model = checkpoints.load(options.checkpoint, "cpu")
    if not isinstance(model, ConditionalVAE):
        parser.error(f"{options.checkpoint} is not class-conditional")
    judge = train_judge(data)
    tests, labels = data.test.float() / 255, data.test_labels
    print(f"judge, {len(tests):,} test pictures: {100 * (classify(judge, tests) == labels).float().mean():.2f} %")
    with torch.inference_mode():
        inferred = torch.cat([model.infer_labels(part) for part in tests.split(500)])
        print(f"label of lowest −ELBO: {100 * (inferred == labels).float().mean():.2f} %")
        x, y = tests[: options.limit], labels[: options.limit]
        z = model.encode_as(x, y)[0]
    for name, code in (("with its label", z), ("with the inferred label", model.encode(x)[0][:, : z.shape[1]])):
        seen = torch.stack([classify(judge, part) for part in transfer(model, code.detach())])  # (10, N)
        right = (seen == torch.arange(10)[:, None]).float().mean(1)
        worst = int(right.argmin())
        print(f"{len(x):,} styles {name}, as all ten digits: {100 * right.mean():.2f} %", end="; ")
        print(f"worst: {100 * right[worst]:.1f} % of the {worst}s")
    torch.manual_seed(0)
    made = transfer(model, torch.randn(len(x), z.shape[1]))
    right = torch.stack([classify(judge, part) for part in made]) == torch.arange(10)[:, None]
    print(f"{len(x):,} samples of the prior, as all ten digits: {100 * right.float().mean():.2f} %")
    means = torch.stack([z[y == label].mean(0) for label in range(10)])[y]
    print("\n| r of source and result | all | within the class | mean z of the class |\n|---|---|---|---|")
    for name, measure in (("slant", slants), ("stroke width", widths)):
        ours, plain = (np.stack([measure(part) for part in transfer(model, code)]) for code in (z, means))
        print_correlations(name, measure(x), ours, plain, y.numpy())


if __name__ == "__main__":
    main()
