"""The inputs of versions 0.5.0 to 0.9.0 as a scenario: no audit, no staff, a judge of several models, lengths apart.

Numbers that were worked out by hand at those inputs stay as they are.
"""

NO_STAFF = dict.fromkeys(
    ("people_engineer_days", "people_lead_days", "judge_engineer_days", "judge_lead_days"), 0.0)  # fmt: skip
EARLIER = {
    "human_usd_per_pair": 0.67, "platform_fee": 0.2, "minutes_per_comparison": 2.0, "human_agreement": 0.73,
    "judge": "as-published", "judge_usd_per_million_input": 2.5, "judge_output_price_ratio": 4.0,
    "batch_discount": 0.5, "judge_agreement": 0.69, "judge_prompt_tokens": 830, "judge_answer_tokens": 61,
    "judge_reasoning_tokens": 0, "unusable_share": 0.18, "audit_share": 0.0, **NO_STAFF,
}  # fmt: skip
