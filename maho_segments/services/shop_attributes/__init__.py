"""The merchant's own EAV attributes as words of the language."""

from maho_segments.services.shop_attributes.changes import Change
from maho_segments.services.shop_attributes.file import ATTRIBUTES_PROPERTIES
from maho_segments.services.shop_attributes.sync import SyncReport, sync

__all__ = ["ATTRIBUTES_PROPERTIES", "Change", "SyncReport", "sync"]
