"""The developers' pages of the site: guides, samples, the changelog, and by pdoc the Python API.

    python -m docs.render FOLDER

It runs in the environment of the build; the package onnxruntime is not in there and not needed.
"""

from __future__ import annotations

import html
import re
import sys
from pathlib import Path
from types import ModuleType

import markdown2
import pdoc.doc
import pdoc.render

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ["tables", "fenced-code-blocks", "header-ids", "highlightjs-lang"]
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Seesay: {title}</title>
<link rel="icon" href="../icons/seesay.svg" type="image/svg+xml">
<link rel="stylesheet" href="../styles/style.css">
<link rel="stylesheet" href="developers.css">
</head>
<body>
<main class="guide">
<p><a href="../developers.html">Developers</a></p>
{text}
</main>
</body>
</html>
"""
SAMPLES = """\
<h1>Whole pages to copy</h1>
<p>For pages of other origins that the Seesay site lists (<code>site --embed-origin</code>);
<code>https://seesay.example/</code> stands for that site. On the site's own origin use
<code>createCaptioner</code> of <code>seesay.mjs</code>, whose <code>caption</code> is the same.</p>
"""


def write_guides(folder: Path) -> None:
    """Write a page for each Markdown file of docs/, and one for the changelog."""
    sources = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "CHANGELOG.md"]
    for source in sources:
        text = str(markdown2.markdown(source.read_text(encoding="utf-8"), extras=EXTRAS))
        title = re.search(r"<h1[^>]*>(.*?)</h1>", text)
        page = PAGE.format(title=title[1] if title else source.stem, text=_in_site(text, sources))
        target = folder / f"{source.stem.lower()}.html"
        target.write_text(page, encoding="utf-8")


def write_samples(target: Path) -> None:
    """Write a page that shows the whole pages of docs/samples/, to be copied."""
    parts = [SAMPLES]
    for source in sorted((ROOT / "docs" / "samples").glob("*.html")):
        text = source.read_text(encoding="utf-8")
        _, _, title = text.partition("<title>")
        heading = f'<h2 id="{source.stem}">{title.partition("</title>")[0]}</h2>'
        parts += [heading, f'<pre tabindex="0">{html.escape(text, quote=False)}</pre>']
    target.write_text(PAGE.format(title="samples", text="\n".join(parts)), encoding="utf-8")


def _in_site(text: str, sources: list[Path]) -> str:
    """Return a page whose links lead to the site's files; what is not in the site is no link."""
    pages = {source.name: f"{source.stem.lower()}.html" for source in sources}
    others = {"seesay.d.ts": "../seesay.d.ts", "openapi.json": "../openapi.json"}
    samples = {path.name for path in (ROOT / "docs" / "samples").glob("*.html")}
    others |= {name: f"samples.html#{name.partition('.')[0]}" for name in samples}

    def replace(match: re.Match[str]) -> str:
        address, label = match[1], match[2]
        if address.startswith(("https://", "#")):
            return match[0]
        name, _, place = address.rpartition("/")[2].partition("#")
        target = {**pages, **others}.get(name)
        return f'<a href="{target}{"#" * bool(place)}{place}">{label}</a>' if target else label

    text = re.sub(r'<a href="([^"]*)">(.*?)</a>', replace, text, flags=re.DOTALL)
    # Tables and code may be wider than a phone; what scrolls must be reached by keyboard.
    text = text.replace("<th></th>", "<td></td>")  # a heading without words heads nothing
    text = text.replace("<table>", '<div class="wide" tabindex="0"><table>')
    return text.replace("</table>", "</table></div>").replace("<pre>", '<pre tabindex="0">')


def write_reference(target: Path) -> None:
    """Write the page of what ``from seesay import ...`` gives."""
    sys.modules.setdefault("onnxruntime", ModuleType("onnxruntime"))
    import seesay  # noqa: PLC0415 - it imports onnxruntime

    for name in seesay.__all__:  # they are imported when they are first asked for
        setattr(seesay, name, getattr(seesay, name))
    pdoc.render.configure(
        docformat="google",
        template_directory=ROOT / "docs" / "templates",
        search=False,
        show_source=False,
    )
    module = pdoc.doc.Module(seesay)
    page = pdoc.render.html_module(module=module, all_modules={"seesay": module})
    page = re.sub(r'<a class="headerlink"[^>]*></a>', "", page)  # they have no words
    page = re.sub(r'<a href="">(.*?)</a>', r"\1", page)  # it leads to where it is
    # "Arguments:" and the like, which are no headings of a sixth level.
    page = re.sub(r"<h6[^>]*>(.*?)</h6>", r'<p class="what">\1</p>', page)
    page = page.replace("<pre>", '<pre tabindex="0">')
    target.write_text(page, encoding="utf-8")


def main() -> None:
    """Run from the command line."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write_guides(folder)
    write_samples(folder / "samples.html")
    write_reference(folder / "python-api.html")


if __name__ == "__main__":
    main()
