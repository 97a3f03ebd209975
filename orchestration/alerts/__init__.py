"""Telling people what is wrong: what alerts.yml says, the formats, their delivery, and who was told what."""
