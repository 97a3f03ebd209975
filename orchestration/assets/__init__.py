"""The assets: the shop's tables, the models, the segments; and the op that refreshes them."""
