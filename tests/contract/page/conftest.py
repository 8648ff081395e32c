"""What several tests of the page take: the page's modules around a library."""

from __future__ import annotations

from tests.contract.page.library_page import page

__all__ = ["page"]
