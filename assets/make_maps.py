"""Make the maps of the shipped checkpoints, of PCA and of raw pixels anew: `python assets/make_maps.py [NAME …]`.

Each is the codes of the bundled pictures (5,000 digits, 10,000 garments) and their projections by t-SNE and UMAP, with
fixed seeds: half a minute each on one core. Needs the package openTSNE, whose t-SNE is several times as fast as
scikit-learn's. See `ae_demo/analysis/code_maps.py`.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from openTSNE import TSNE

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ae_demo.analysis import code_maps
from ae_demo.analysis.representations import PCA, PIXELS, checkpoints_of

SETS = ("mnist", "fashion")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="checkpoints, pca-mnist, pixels-fashion, …; all by default")
    wanted = parser.parse_args().names
    code_maps.FOLDER.mkdir(exist_ok=True)
    for data in SETS:
        pictures = code_maps.load_map_pictures(data)
        for name in (PCA, PIXELS, *checkpoints_of(data)):
            file = f"{name}-{data}" if name in (PCA, PIXELS) else name
            if wanted and file not in wanted:
                continue
            began = time.monotonic()
            raw = code_maps.representation_of(name, data).encode(pictures.x)
            made = code_maps.make_map(raw, ("umap",))
            if made.codes.shape[1] > 2:
                embedding = TSNE(initialization="pca", random_state=0, negative_gradient_method="fft").fit(made.codes)
                made.points["tsne"] = np.asarray(embedding, np.float32)
            arrays = code_maps.pack(made)
            if file == name:
                arrays["of"] = np.array(code_maps.fingerprint(name))
            np.savez_compressed(code_maps.FOLDER / f"{file}.npz", **arrays)
            size = (code_maps.FOLDER / f"{file}.npz").stat().st_size
            print(f"{file}: {raw.shape}, {time.monotonic() - began:.0f} s, {size / 1e3:.0f} kB", flush=True)


if __name__ == "__main__":
    main()
