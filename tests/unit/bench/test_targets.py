"""The table of bars says what was measured, and what was not is not in it."""

from bench.churn.targets import table_of


def test_figures_stand_beside_their_bars_and_every_risk_set_is_judged_for_calibration():
    measured = {
        "telco_ibm": {"roc_auc": 0.851, "log_loss": 0.42, "ece": 0.01},
        "bank_in_time": {"single_split": {"roc_auc": 0.694}, "within_period_roc_auc": 0.63},
        "another": {"roc_auc": 0.7, "ece": 0.03},
        "broken": {"error": "no such file"},
        "trials": {"large": {"mean": 1.4}},
    }

    found = {(row["data"], row["measure"]): (row["bar"], row["reached"]) for row in table_of(measured)}

    assert {
        ("telco_ibm", "ROC-AUC"): (">= 0.848", True),
        ("telco_ibm", "log-loss"): ("<= 0.414", False),
        ("bank_in_time", "ROC-AUC, one split"): (">= 0.623", True),
        ("bank_in_time", "ROC-AUC within periods"): ("stated", None),
        ("made-up trial", "prevented against risk, 160,000 outcomes, mean of seeds"): (">= 1.25", True),
        ("telco_ibm", "ECE, 15 bins"): ("<= 0.025", True),
        ("another", "ECE, 15 bins"): ("<= 0.025", False),
    } == found
