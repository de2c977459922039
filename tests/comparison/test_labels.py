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
        "f b=2 + svm C=1",
        "f b=3 + svm C=1",
        "f b=3 + svm C=2",
    ]


def test_what_all_share_is_left_out_and_words_have_no_key(make_scores):
    def names(*pairs):
        scores = [make_scores([[1]], feature=f, classifier=c) for f, c in pairs]
        return list(short_labels(pool(score for part in scores for score in part)).values())

    assert names(("f:a=vgg,n=1", "svm"), ("f:a=7x96,n=1", "svm")) == ["f vgg", "f 7x96"]
    assert names(("f", "svm"), ("f", "knn:k=1"), ("f", "knn:k=3")) == ["svm", "knn k=1", "knn k=3"]
    assert names(("f", "svm"), ("g", "knn")) == ["f + svm", "g + knn"]
    assert names(("f", "svm")) == ["f + svm"]
    assert names(("f:a=vgg,n=1+f:a=7x96,n=1", "svm"), ("g+f:a=7x96,n=1", "svm")) == [
        "f vgg+f 7x96",
        "g+f 7x96",
    ]
    assert names(("f:layers=1+2,n=1", "svm"), ("f:layers=3,n=1", "svm")) == [
        "f layers=1+2",
        "f layers=3",
    ]
    assert names(("f:a=x,b=y", "svm"), ("f:a=y,b=x", "svm")) == ["f x y", "f y x"]


def test_names_that_would_be_equal_stay_whole(make_scores):
    right = np.ones((2, 4))
    systems = pool(make_scores(right, feature="f:a=x") + make_scores(right, feature="f:b=x"))
    assert short_labels(systems) == {system.label: system.label for system in systems}
