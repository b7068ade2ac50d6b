"""For every test: property tests try the same examples each time, unless they are to explore."""

import os

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=500)
settings.load_profile("explore" if os.environ.get("EXPLORE") else "steady")
