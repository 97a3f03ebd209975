"""The codes of advice: what `silence` in a segment may name."""

ADVICE: dict[str, str] = {
    "never-true": "a rule, or a part of it, can't be true for anybody, or for any row",
    "always-true": "a part of a rule is true whatever the shop knows, so it does nothing",
    "same-segment": "two segments have the same members by different names",
    "contains-segment": "everybody in another segment is in this one too, and `segment:` does not say so",
    "missing-values": "a negative test is also true where the value is missing",
    "beyond-retention": "a test reaches further back than the shop keeps the rows",
    "unlisted-value": "a text is none of the values that were in the shop when somebody last looked",
    "gone-attribute": "a rule asks for an attribute that the shop no longer has",
    "not-in-audience": "a rule asks for what nobody in the segment's audience can have",
    "exact-value": "a calculated number or an instant to the second is asked for by `eq` or `in`",
    "no-description": "a named attribute has no description",
    "needless-silence": "`silence` names a code that the segment gives no advice of",
}
"""What each code says, completing the sentence "advice where ..."; in the order of the documentation."""
