"""Creates the training pictures of `colorization-photo`: scenes of 64×64 pixels, and crops of photographs.

    python checkpoints/make_colors.py --data-dir data

Reads `scenes64/`, `photos/` and `photos64/` in the folder. Writes `colors64/train` and `colors64/val` for the first
runs: scenes, of landscapes and streets, and, for variety, six crops of each photograph with sides from the whole short
side down to half of it; only scenes are held out. Writes `varied64/train` for the last run: the scenes and the
photographs of `photos64/`; only photographs are held out, in `varied64/val`.
"""

from __future__ import annotations

import argparse
import random
import shutil
from pathlib import Path

from PIL import Image

SIDE, CROPS = 64, 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default="data", help="folder of scenes64, photos and photos64 [data]")
    data_dir = parser.parse_args().data_dir
    target = data_dir / "colors64"
    for part in ("train", "val"):
        shutil.copytree(data_dir / "scenes64" / part, target / part / "scenes", dirs_exist_ok=True)
    folder = target / "train" / "photos"
    folder.mkdir(exist_ok=True)
    generator = random.Random(0)
    for number, path in enumerate(sorted((data_dir / "photos").rglob("*.jpg"))):
        with Image.open(path) as opened:
            photo = opened.convert("RGB")
        for crop in range(CROPS):
            side = round(min(photo.size) * generator.uniform(0.5, 1))
            if side < SIDE:
                break
            left, top = (generator.randint(0, length - side) for length in photo.size)
            box = (left, top, left + side, top + side)
            small = photo.resize((SIDE, SIDE), Image.Resampling.LANCZOS, box)
            small.save(folder / f"{number:05}-{crop}.jpg", quality=95, subsampling=0)
    varied = data_dir / "varied64"
    shutil.copytree(data_dir / "photos64" / "train", varied / "train" / "photos", dirs_exist_ok=True)
    shutil.copytree(data_dir / "scenes64" / "train", varied / "train" / "scenes", dirs_exist_ok=True)
    shutil.copytree(data_dir / "photos64" / "val", varied / "val" / "photos", dirs_exist_ok=True)
    print(f"{sum(1 for _ in target.rglob('*.jpg')):,} pictures in {target}")


if __name__ == "__main__":
    main()
