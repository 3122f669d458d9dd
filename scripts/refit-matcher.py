#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fits the weights of src/guide/forge-matcher-model.c on labelled streams (needs NumPy).

usage: refit-matcher.py FEATURES.tsv TRUTH.tsv [FEATURES.tsv TRUTH.tsv ...] [--write MODEL.c]

FEATURES.tsv is what `bench-match --features GUIDE STREAMS CATEGORIES` prints; TRUTH.tsv has the columns stream_id,
xmltv_id (empty = must stay unmatched) and also (further right answers). Give the list as it is, without categories and
EPG ids, and against a part of the guide (`--keep 30`, with the removed ids emptied in the truth).

Model: every candidate channel of a stream has the log odds s = w.f against "none of them"; the chance of a candidate
is exp(s) / (1 + sum of exp(s)). Each candidate is represented by the name that fits best. Fitted by gradient descent
with a small penalty, twice, because the best names depend on the weights. A second logistic turns the winner's log
odds into the confidence; it is fitted on predictions of folds that the first had not seen, so that 0.85 means what it
says.
"""
import argparse
import collections
import re
import sys
import zlib

import numpy as np

PENALTY, STEPS, FOLDS = 0.5, 700, 5
# Signs that data must not turn round (a veto stays a veto).
NOT_POSITIVE = {"numbers_differ", "stream_number", "guide_number", "one_missing", "words_differ", "stream_extra", "guide_extra",
                "country_word_bad", "other_country", "shift_differs", "region_differs", "east_unsaid", "call_differs",
                "sub_channel_differs", "id_other", "loop", "stream_words", "guide_words", "foreign_prefix",
                "misspelt", "cut", "initials", "call_missing", "id_same_blind", "id_same_abroad", "id_words", "abroad_brand", "sparse_guide"}
NOT_NEGATIVE = {"same_skeleton", "spelt_alike", "same_full", "same_core", "same_words", "same_country", "id_same", "call_same", "stream_cover", "guide_cover"}
# A veto is at least so strong, however few examples there were.
AT_MOST = {"shift_differs": -9, "region_differs": -7, "numbers_differ": -5, "sub_channel_differs": -8, "call_differs": -5, "one_missing": -1.2,
           "stream_extra": -0.5, "abroad_uncovered": -3}


class Data:
    """Candidates of all streams, one block of rows per stream."""

    def __init__(self, pairs):
        self.names, streams = None, collections.OrderedDict()
        self.truth, rows, self.channel, self.stream = {}, [], [], []
        for number, (features, truth) in enumerate(pairs):
            self.read_truth(number, truth)
            with open(features, encoding="utf-8") as lines:
                self.names = next(lines).rstrip("\n").split("\t")[2:]
                for line in lines:
                    stream, channel, *values = line.rstrip("\n").split("\t")
                    self.stream.append(streams.setdefault((number, stream), len(streams)))
                    self.channel.append(channel)
                    rows.append([float(v) for v in values])
        self.x = np.array(rows, dtype=np.float32)
        self.stream = np.array(self.stream)
        self.keys = list(streams)
        self.right = np.array([c in self.truth[self.keys[s]][0] for s, c in zip(self.stream, self.channel)])
        self.has_truth = np.array([bool(self.truth[k][0]) for k in self.keys])
        self.unfound = sum(bool(t[0]) for t in self.truth.values()) - len(set(self.stream[self.right]))
        fold_of = {}
        self.fold = np.array([fold_of.setdefault(self.truth[k][1], zlib.crc32(self.truth[k][1].encode()) % FOLDS) for k in self.keys])
        codes = {}
        self.pair = np.array([codes.setdefault((s, c), len(codes)) for s, c in zip(self.stream, self.channel)])

    def read_truth(self, number, path):
        with open(path, encoding="utf-8") as lines:
            head = next(lines).rstrip("\n").split("\t")
            for line in lines:
                row = dict(zip(head, line.rstrip("\n").split("\t")))
                right = ({row["xmltv_id"]} | set(row["also"].split("|"))) - {""}
                group = row["xmltv_id"] or re.sub(r"\W", "", row.get("raw_name") or row["name"]).lower()
                self.truth[(number, row["stream_id"])] = (right, group)

    def best_names(self, w):
        """The row of each (stream, channel) that fits best."""
        order = np.lexsort((-(self.x @ w), self.pair))
        first = np.ones(len(order), bool)
        first[1:] = self.pair[order[1:]] != self.pair[order[:-1]]
        return np.sort(order[first])


def chances(s, stream, n):
    top = np.maximum(np.zeros(n), np.full(n, -1e9))
    np.maximum.at(top, stream, s)
    e = np.exp(s - top[stream])
    total = np.exp(-top) + np.bincount(stream, e, n)
    return e / total[stream]


def clip_signs(w, names):
    for i, name in enumerate(names):
        if name in NOT_POSITIVE:
            w[i] = min(w[i], 0)
        w[i] = min(w[i], AT_MOST.get(name, w[i]))
        if name in NOT_NEGATIVE:
            w[i] = max(w[i], 0)


def fit(data, rows, w):
    x, stream, right = data.x[rows].astype(float), data.stream[rows], data.right[rows]
    n = len(data.keys)
    # A stream whose right channel is no candidate teaches nothing.
    reachable = np.bincount(stream, right, n) > 0
    use = reachable[stream] | ~data.has_truth[stream]
    x, stream, right = x[use], stream[use], right[use].astype(float)
    right /= np.maximum(1, np.bincount(stream, right, n))[stream]
    m, v = np.zeros_like(w), np.zeros_like(w)
    count = len(set(stream))
    for step in range(1, STEPS + 1):
        gradient = x.T @ (chances(x @ w, stream, n) - right) / count + PENALTY * w / count
        m = 0.9 * m + 0.1 * gradient
        v = 0.999 * v + 0.001 * gradient**2
        rate = 0.08 if step < STEPS * 0.7 else 0.02
        w = w - rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
        clip_signs(w, data.names)
    return w


def winners(data, w, streams):
    """Best row, its log odds against all else, and whether it is right, for each of `streams`."""
    rows = data.best_names(w)
    rows = rows[np.isin(data.stream[rows], streams)]
    s = data.x[rows] @ w
    p = chances(s, data.stream[rows], len(data.keys))
    order = np.lexsort((-s, data.stream[rows]))
    first = np.ones(len(order), bool)
    first[1:] = data.stream[rows][order[1:]] != data.stream[rows][order[:-1]]
    best = order[first]
    p = np.clip(p[best], 1e-7, 1 - 1e-7)
    return rows[best], np.log(p / (1 - p)), data.right[rows][best]


def calibrate(odds, right):
    """Logistic of (1, log odds) by Newton."""
    x = np.column_stack([np.ones_like(odds), odds])
    w = np.array([0.0, 1.0])
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ w))
        hessian = (x * (p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(2)
        w = w - np.linalg.solve(hessian, x.T @ (p - right))
    return w


def report(data, conf, right):
    total = data.has_truth.sum() + data.unfound_streams
    for limit in (0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8, 0.85, 0.9):
        use = conf >= limit
        good = (right & use).sum()
        precision, recall = good / max(1, use.sum()), good / total
        print(f"  confidence >= {limit:.2f}: precision {precision:.4f} recall {recall:.4f} f1 {2 * precision * recall / (precision + recall):.4f}", file=sys.stderr)


def write(path, names, w, calibration):
    with open(path, encoding="utf-8") as lines:
        text = lines.read()
    for name, weight in zip(names, w):
        text, n = re.subn(r'(\{ "%s",) [-0-9.e]+' % name, r"\1 %.3f" % weight, text)
        assert n == 1, name
    for name, value in zip(("CONFIDENCE_OFFSET", "CONFIDENCE_SLOPE"), calibration):
        text, n = re.subn(r"(#define %s +)[-0-9.]+" % name, r"\g<1>%.3f" % value, text)
        assert n == 1, name
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--write")
    arguments = parser.parse_args()
    data = Data(list(zip(arguments.files[::2], arguments.files[1::2])))
    data.unfound_streams = sum(bool(t[0]) for k, t in data.truth.items() if k not in set(data.keys))
    print(f"{len(data.truth)} streams, {data.unfound} whose channel is no candidate", file=sys.stderr)

    start = np.zeros(len(data.names))
    start[data.names.index("stream_cover")] = start[data.names.index("guide_cover")] = 3
    start[data.names.index("same_country")] = 2

    def train(streams):
        w = start
        for _ in range(3):
            rows = data.best_names(w)
            w = fit(data, rows[np.isin(data.stream[rows], streams)], w)
        return w

    everyone = np.arange(len(data.keys))
    odds, right = np.zeros(len(everyone)), np.zeros(len(everyone), bool)
    for fold in range(FOLDS):
        test = everyone[data.fold == fold]
        rows, o, r = winners(data, train(everyone[data.fold != fold]), test)
        odds[data.stream[rows]], right[data.stream[rows]] = o, r
    calibration = calibrate(odds, right)
    print("unseen folds:", file=sys.stderr)
    report(data, 1 / (1 + np.exp(-(calibration[0] + calibration[1] * odds))), right)
    w = train(everyone)
    # The labelled guide gives every channel a country; a guide that does not is nearly as good as one that agrees.
    w[data.names.index("guide_no_country")] = 0.8 * w[data.names.index("same_country")]
    for name, weight in zip(data.names, w):
        print(f"  {name:22s} {weight:8.3f}", file=sys.stderr)
    print("calibration", calibration, file=sys.stderr)
    if arguments.write:
        write(arguments.write, data.names, w, calibration)


if __name__ == "__main__":
    main()
