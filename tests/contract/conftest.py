"""What several contract tests take: the page's modules around a library."""

from __future__ import annotations

from tests.contract.library_page import page

__all__ = ["page"]
