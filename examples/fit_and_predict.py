"""Tune a classifier from Python and ask it something: `python examples/fit_and_predict.py [FOLDER]`.

The rows are SYNTHETIC, written by rankfirst.sample: the scores say nothing about real messages. It trains, so expect a
few minutes; offline, with the packaged English encoder.
"""

import sys
from pathlib import Path

import rankfirst
from rankfirst.sample import write_sample


def main(folder: Path) -> None:
    files = write_sample(folder / "sample", "en", rows=400, multi=False)

    # Without the encoder in seconds; with it, it also says whether LoRA is likely to be needed.
    told = rankfirst.assess(files.train, val=files.val, test=files.test, encoder=False).assessment
    print(f"{told.profile.n_train} training rows, {len(told.profile.classes)} classes")
    for row in told.reviews["suspects"][:3]:
        print(f"  line {row.line}: {row.text!r} is labelled {row.labels[0]}, perhaps {row.suggested[0]}")

    # Repeating the call continues a killed run, and reads a finished one back.
    result = rankfirst.fit(files.train, folder / "run", val=files.val, test=files.test)
    print(f"delivered: {result.summary['verdict']}, validation macro-F1 {result.summary['val']['macro_f1']:.3f}")

    classifier = rankfirst.load(result.folder)
    for text in ("where is my parcel?", "I want my money back"):
        print(f"{text!r} -> {classifier.predict([text])[0]}")
    print(f"why: {result.folder / 'report.html'}")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else "example-run"))
    except rankfirst.RankfirstError as error:
        sys.exit(f"fit_and_predict: {error}")
