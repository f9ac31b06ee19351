"""costlib claims."""

import json

from command import answer, costlib


def test_claims_prints_one_claim_with_its_reason_and_all_as_json():
    one = costlib("claims", "b066").output
    assert "$279.74" in one and "reproduced" in one
    every = answer("claims")
    assert len(every) == 166
    few = json.loads(costlib("claims", "--json", "--verdict", "reproduced-by-rounding").output)
    assert [claim["id"] for claim in few] == ["B001", "B072"]
    assert costlib("claims", "B999").exit_code == 2


def test_the_claims_command_prints_earlier_values():
    assert "earlier     until 0.2.0: unverified" in costlib("claims", "B080").output
    listed = answer("claims", "B080")
    assert [change["what"] for change in listed[0]["changes"]] == ["verdict", "recomputed"]
