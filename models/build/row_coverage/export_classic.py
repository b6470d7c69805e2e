"""Exports models of scikit-learn, XGBoost and LightGBM as their converters write them by default, for the coverage of the row proof.

Usage: python export_classic.py FOLDER     (packages: requirements.txt beside this file). Prints one line for each that cannot be exported.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import pandas
from lightgbm import LGBMClassifier, LGBMRegressor
from onnxmltools import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType as ToolsFloat
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn import (
    calibration,
    cluster,
    compose,
    decomposition,
    discriminant_analysis,
    ensemble,
    feature_extraction,
    feature_selection,
    gaussian_process,
    impute,
    linear_model,
    mixture,
    multiclass,
    multioutput,
    naive_bayes,
    neighbors,
    neural_network,
    pipeline,
    preprocessing,
    svm,
    tree,
)
from xgboost import XGBClassifier, XGBRegressor

COLUMNS = 8
# What the converters of all three libraries know.
OPSETS = {"": 18, "ai.onnx.ml": 3}
ROWS = 120


def estimators():
    """Estimators over FP32 columns, by name."""
    linear, trees = linear_model, ensemble
    return {
        "logistic-regression": linear.LogisticRegression(),
        "logistic-regression-cv": linear.LogisticRegressionCV(cv=3),
        "ridge-classifier": linear.RidgeClassifier(),
        "sgd-classifier": linear.SGDClassifier(loss="log_loss"),
        "perceptron": linear.Perceptron(),
        "linear-svc": svm.LinearSVC(),
        "svc": svm.SVC(probability=True),
        "nu-svc": svm.NuSVC(),
        "decision-tree-classifier": tree.DecisionTreeClassifier(max_depth=4),
        "random-forest-classifier": trees.RandomForestClassifier(n_estimators=5, max_depth=4),
        "extra-trees-classifier": trees.ExtraTreesClassifier(n_estimators=5, max_depth=4),
        "gradient-boosting-classifier": trees.GradientBoostingClassifier(n_estimators=5),
        "hist-gradient-boosting-classifier": trees.HistGradientBoostingClassifier(max_iter=5),
        "bagging-classifier": trees.BaggingClassifier(n_estimators=3),
        "ada-boost-classifier": trees.AdaBoostClassifier(n_estimators=3),
        "voting-classifier": trees.VotingClassifier(
            [("a", linear.LogisticRegression()), ("b", naive_bayes.GaussianNB())], voting="soft", flatten_transform=False
        ),
        "stacking-classifier": trees.StackingClassifier([("a", linear.LogisticRegression()), ("b", naive_bayes.GaussianNB())]),
        "k-neighbors-classifier": neighbors.KNeighborsClassifier(3),
        "gaussian-nb": naive_bayes.GaussianNB(),
        "bernoulli-nb": naive_bayes.BernoulliNB(),
        "mlp-classifier": neural_network.MLPClassifier((6,), max_iter=20),
        "linear-discriminant": discriminant_analysis.LinearDiscriminantAnalysis(),
        "quadratic-discriminant": discriminant_analysis.QuadraticDiscriminantAnalysis(reg_param=0.1),
        "calibrated-classifier": calibration.CalibratedClassifierCV(linear.LogisticRegression(), cv=2),
        "one-vs-rest": multiclass.OneVsRestClassifier(linear.LogisticRegression()),
        "one-vs-one": multiclass.OneVsOneClassifier(linear.LogisticRegression()),
        "linear-regression": linear.LinearRegression(),
        "ridge": linear.Ridge(),
        "lasso": linear.Lasso(),
        "elastic-net": linear.ElasticNet(),
        "bayesian-ridge": linear.BayesianRidge(),
        "poisson-regressor": linear.PoissonRegressor(),
        "svr": svm.SVR(),
        "linear-svr": svm.LinearSVR(),
        "decision-tree-regressor": tree.DecisionTreeRegressor(max_depth=4),
        "random-forest-regressor": trees.RandomForestRegressor(n_estimators=5, max_depth=4),
        "gradient-boosting-regressor": trees.GradientBoostingRegressor(n_estimators=5),
        "hist-gradient-boosting-regressor": trees.HistGradientBoostingRegressor(max_iter=5),
        "k-neighbors-regressor": neighbors.KNeighborsRegressor(3),
        "radius-neighbors-regressor": neighbors.RadiusNeighborsRegressor(10.0),
        "gaussian-process-regressor": gaussian_process.GaussianProcessRegressor(),
        "mlp-regressor": neural_network.MLPRegressor(hidden_layer_sizes=(6,), max_iter=20),
        "multi-output-regressor": multioutput.MultiOutputRegressor(linear.Ridge()),
        "isolation-forest": trees.IsolationForest(n_estimators=5),
        "one-class-svm": svm.OneClassSVM(),
        "local-outlier-factor": neighbors.LocalOutlierFactor(novelty=True),
        "k-means": cluster.KMeans(3, n_init=1),
        "gaussian-mixture": mixture.GaussianMixture(2),
        "standard-scaler": preprocessing.StandardScaler(),
        "min-max-scaler": preprocessing.MinMaxScaler(),
        "robust-scaler": preprocessing.RobustScaler(),
        "normalizer": preprocessing.Normalizer(),
        "power-transformer": preprocessing.PowerTransformer(),
        "polynomial-features": preprocessing.PolynomialFeatures(2),
        "k-bins": preprocessing.KBinsDiscretizer(3, encode="ordinal", quantile_method="averaged_inverted_cdf"),
        "binarizer": preprocessing.Binarizer(),
        "simple-imputer": impute.SimpleImputer(),
        "knn-imputer": impute.KNNImputer(n_neighbors=2),
        "pca": decomposition.PCA(3),
        "truncated-svd": decomposition.TruncatedSVD(3),
        "select-k-best": feature_selection.SelectKBest(k=3),
                "pipeline": pipeline.make_pipeline(preprocessing.StandardScaler(), decomposition.PCA(3), linear.LogisticRegression()),
    }


def mixed_columns():
    """A pipeline over numbers and categories, as tables have them, and the types of its inputs."""
    random = np.random.default_rng(0)
    table = pandas.DataFrame(
        {
            "age": random.random(ROWS).astype("f4"),
            "city": random.choice(["a", "b", "c"], ROWS),
            "count": random.integers(0, 5, ROWS),
        }
    )
    columns = compose.ColumnTransformer(
        [
            ("numbers", preprocessing.StandardScaler(), ["age", "count"]),
            ("categories", preprocessing.OneHotEncoder(handle_unknown="ignore"), ["city"]),
        ]
    )
    model = pipeline.make_pipeline(columns, linear_model.LogisticRegression())
    model.fit(table, random.integers(0, 2, ROWS))
    types = [
        ("age", FloatTensorType([None, 1])),
        ("city", StringTensorType([None, 1])),
        ("count", Int64TensorType([None, 1])),
    ]
    return model, types


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    random = np.random.default_rng(0)
    data = random.standard_normal((ROWS, COLUMNS)).astype("f4")
    target = data[:, 0] + 0.5 * data[:, 1] ** 2
    classes = np.digitize(target, [-0.3, 0.6])

    def export(name, make):
        try:
            (folder / f"{name}.onnx").write_bytes(make().SerializeToString())
        except Exception as error:
            print(f"{name}: not exported: {type(error).__name__} {str(error)[:120]}")

    for name, model in estimators().items():
        wanted = np.stack([target, -target], 1) if name == "multi-output-regressor" else np.abs(target) if "poisson" in name else target
        is_regression = any(word in name for word in ("regressor", "regression", "ridge", "lasso", "elastic", "svr")) and (
            "logistic" not in name and "classifier" not in name
        )
        export(f"sklearn-{name}", lambda m=model, y=wanted if is_regression else classes: to_onnx(m.fit(data, y), data[:1], target_opset=OPSETS))

    def export_mixed():
        model, types = mixed_columns()
        return to_onnx(model, initial_types=types, target_opset=OPSETS)

    export("sklearn-column-transformer", export_mixed)
    words = ["a few words", "other words here", "a third text"] * 5
    text = pipeline.make_pipeline(
        feature_extraction.text.TfidfVectorizer(), linear_model.LogisticRegression()
    )
    export(
        "sklearn-tf-idf",
        lambda: to_onnx(text.fit(words, [0, 1, 1] * 5), initial_types=[("text", StringTensorType([None, 1]))]),
    )
    types = [("input", ToolsFloat([None, COLUMNS]))]
    boosters = {
        "classifier": (XGBClassifier(n_estimators=5), LGBMClassifier(n_estimators=5, verbose=-1), classes),
        "binary-classifier": (XGBClassifier(n_estimators=5), LGBMClassifier(n_estimators=5, verbose=-1), np.minimum(classes, 1)),
        "regressor": (XGBRegressor(n_estimators=5), LGBMRegressor(n_estimators=5, verbose=-1), target),
    }
    for name, (xgboost, lightgbm, wanted) in boosters.items():
        export(f"xgboost-{name}", lambda m=xgboost, y=wanted: convert_xgboost(m.fit(data, y), initial_types=types))
        export(f"lightgbm-{name}", lambda m=lightgbm, y=wanted: convert_lightgbm(m.fit(data, y), initial_types=types))


if __name__ == "__main__":
    main()
