import numpy as np

from featkit.comparison.labels import short_labels, short_texts
from featkit.comparison.pooling import pool


def test_only_what_differs_stays():
    texts = ["cnn:arch=vgg,size=small,seed=0-2", "cnn:arch=7x96,size=small,seed=0-2", "mfcc:n=20"]
    assert short_texts(texts) == {
        texts[0]: "cnn:arch=vgg",
        texts[1]: "cnn:arch=7x96",
        "mfcc:n=20": "mfcc",
    }


def test_a_parameter_that_only_one_has_stays():
    assert short_texts(["svm", "svm:scale=false"]) == {
        "svm": "svm",
        "svm:scale=false": "svm:scale=false",
    }


def test_other_texts_stay_whole():
    texts = ["LogisticRegression(C=2)", "Pipe(a, b=1) + X()", "a:b=1,c"]
    assert short_texts(texts) == {text: text for text in texts}


def test_labels_stay_distinct(make_scores):
    right = np.ones((2, 4))
    systems = pool(
        make_scores(right, feature="f:a=1,b=2", classifier="svm:C=1")
        + make_scores(right, feature="f:a=1,b=3", classifier="svm:C=1")
        + make_scores(right, feature="f:a=1,b=3", classifier="svm:C=2")
    )
    assert list(short_labels(systems).values()) == [
        "f:b=2 + svm:C=1",
        "f:b=3 + svm:C=1",
        "f:b=3 + svm:C=2",
    ]
