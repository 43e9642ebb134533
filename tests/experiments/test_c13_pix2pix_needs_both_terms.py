"""C13: Pix2Pix needs both terms of its loss: L1 alone blurs, the GAN's loss alone drifts from the truth."""

from playground import api, catalog
from tests.experiments.shipped import measured

L1, GAN, BOTH = api.TERMS.values()
TERMS = {"l1_weight", "gan_weight"}


def test_c13_pix2pix_needs_both_terms():
    assert measured(L1, "high_frequency_energy")["value"] < measured(BOTH, "high_frequency_energy")["value"]
    assert measured(GAN, "l1")["value"] > measured(BOTH, "l1")["value"]


def test_c13_the_three_were_trained_alike_but_for_their_loss():
    records = [catalog.entry(name).training for name in (L1, GAN, BOTH)]
    for record in records:
        assert record["steps"] == records[0]["steps"] and record["parameters"] == records[0]["parameters"]
        assert {k: v for k, v in record["settings"].items() if k not in TERMS} == {
            k: v for k, v in records[0]["settings"].items() if k not in TERMS
        }
    l1, gan, both = (record["settings"] for record in records)
    assert l1["gan_weight"] == 0 < l1["l1_weight"] == both["l1_weight"]
    assert gan["l1_weight"] == 0 < gan["gan_weight"] == both["gan_weight"]
