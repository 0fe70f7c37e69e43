"""A plugin: it counts visits, in a bucket of its host's."""

import wit_world
from wit_world.imports.storage import Bucket


class WitWorld(wit_world.WitWorld):
    def visit(self, page: str) -> int:
        with Bucket("visits") as bucket:
            count = int(bucket.get(page) or "0") + 1
            bucket.set(page, str(count))
            return count
