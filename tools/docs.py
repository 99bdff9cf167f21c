#!/usr/bin/env python3
"""Makes the API reference from the public headers and the Python stubs: one HTML page a box and face.

    tools/docs.py build/docs

The headers carry the prose, so the reference is the headers, set for reading: a block's comment as text, its
declarations as code, names in an index.
"""

from __future__ import annotations

import html
import re
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; }
pre { font: 13.5px/1.45 ui-monospace, monospace; background: #f5f6f8; padding: .7rem 1rem; overflow-x: auto; border-radius: 6px; }
h1 small { font-weight: normal; color: #667; } h2 { border-top: 1px solid #ccd; padding-top: 1rem; } a { color: #0a58ca; text-decoration: none; }
.c { color: #5d6b7a; } nav { columns: 3; font-size: 14px; } p.file { color: #667; font-size: 14px; }
@media (prefers-color-scheme: dark) { body { background: #16181c; color: #dde; } pre { background: #20242b; } a { color: #7db4ff; } .c { color: #8b9bb0; } }
"""


class Block(NamedTuple):
    name: str  # of the first thing declared; "" where there is none
    prose: str
    code: str


class Face(NamedTuple):
    title: str
    folder: Path
    pattern: str
    line_comment: str


FACES = [
    Face("C++", ROOT / "include/hotline", "**/*.hpp", "//"),
    Face("C", ROOT / "capi/include/hotline", "*.h", "/*"),
    Face("Python", ROOT / "bindings/python/hotline", "**/*.py*", "#"),
]
NOISE = re.compile(r"^\s*(#\s*(pragma|include|if|ifdef|ifndef|endif|else|undef)\b|namespace |extern \"C\"|}\s*(//.*)?$)")
NAME = re.compile(
    r"^(?:HL_API |template <.*?> |\[\[.*?\]\] |constexpr |inline |struct |class |enum (?:class )?|using |typedef |#define )*"
    r"(?:[\w:<>,*&\s]*?[\s*&])?(~?\w+)\s*(?:[({=;:]|final|$)"
)


def name_of(code: str) -> str:
    """The name that a block declares first."""
    first = next((line for line in code.splitlines() if line.strip()), "")
    keyword = re.match(r"\s*(?:template <.*> )?(?:class|struct|enum class|enum)\s+(?:\[\[\w+\]\]\s+)?(\w+)", first)
    found = keyword or NAME.match(first.strip())
    return found[1] if found else ""


def plain(comment: str) -> str:
    """A comment's text without its marks."""
    text = re.sub(r"^\s*(//+|/\*+|\*+/|\*(?!/))? ?", "", comment, flags=re.M)
    return re.sub(r"\s*\*/\s*$", "", text.rstrip(), flags=re.M)


def cpp_blocks(text: str) -> list[Block]:
    """Blocks between blank lines at the outermost level: the comment in front of one is its prose."""
    blocks: list[Block] = []
    comment: list[str] = []
    code: list[str] = []
    depth = 0
    in_comment = False

    def flush() -> None:
        nonlocal comment, code
        if comment or code:
            body = re.sub(r"\n private:\n.*?(?=\n};)", "", "\n".join(code).rstrip(), flags=re.S)
            blocks.append(Block(name_of(body), plain("\n".join(comment)), body))
        comment, code = [], []

    for line in text.splitlines():
        stripped = line.strip()
        if depth == 0 and not code and (in_comment or stripped.startswith(("//", "/*"))):
            comment.append(line)
            in_comment = (in_comment or stripped.startswith("/*")) and "*/" not in stripped
        elif depth == 0 and (not stripped or NOISE.match(line)):
            flush()
        else:
            code.append(line)
            bare = re.sub(r"//.*|/\*.*?\*/|\"(\\.|[^\"])*\"|'(\\.|[^'])'", "", line)
            depth = max(0, depth + bare.count("{") + bare.count("(") - bare.count("}") - bare.count(")"))
    flush()
    return blocks


def python_blocks(text: str) -> list[Block]:
    """The module's docstring, then each public class and function."""
    module = re.match(r'\s*"""(.*?)"""', text, flags=re.S)
    blocks = [Block("", module[1].strip(), "")] if module else []
    for part in re.split(r"\n(?=(?:class|def|@)\s*\w)", text)[1:]:
        part = re.split(r"\n(?=[A-Za-z_#\"])", part.strip("\n"))[0]
        found = re.search(r"^(?:class|def) (\w+)", part, flags=re.M)
        if found and not found[1].startswith("_"):
            blocks.append(Block(found[1], "", part.rstrip()))
    return blocks


def prose(text: str) -> str:
    """Paragraphs; indented lines and tables are kept as they stand."""
    out = []
    for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
        if not paragraph.strip():
            continue
        if re.search(r"^(  |>>> )", paragraph, flags=re.M):
            out.append(f"<pre>{html.escape(paragraph)}</pre>")
        else:
            marked = re.sub(r"`+([^`]+)`+", r"<code>\1</code>", html.escape(paragraph, quote=False))
            out.append(f"<p>{marked}</p>")
    return "\n".join(out)


def coloured(code: str, mark: str) -> str:
    escaped = html.escape(code, quote=False)
    pattern = {"//": r"//[^\n]*", "#": r"#[^\n]*", "/*": r"/\*.*?\*/"}[mark]
    return re.sub(pattern, lambda m: f'<span class="c">{m[0]}</span>', escaped, flags=re.S if mark == "/*" else 0)


def page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>{body}</body></html>\n'
    )


def box_of(face: Face, path: Path) -> str:
    first = path.relative_to(face.folder).parts[0]
    if first == "_core" and path.stem != "__init__":
        return path.stem
    return Path(first).stem if first != "__init__.py" else "hotline"


def box_page(face: Face, box: str, files: list[Path]) -> tuple[str, int]:
    sections, names = [], []
    for path in files:
        text = path.read_text(encoding="utf-8")
        blocks = python_blocks(text) if face.title == "Python" else cpp_blocks(text)
        shown = path.relative_to(ROOT).as_posix()
        sections.append(f'<h2 id="{shown}">{path.name}</h2><p class="file">{shown}</p>')
        for block in blocks:
            anchor = f"{path.stem}.{block.name}" if block.name else ""
            if block.name:
                names.append((block.name, anchor))
            sections.append(f'<div id="{anchor}">{prose(block.prose)}')
            sections.append((f"<pre>{coloured(block.code, face.line_comment)}</pre>" if block.code else "") + "</div>")
    index = "".join(f'<a href="#{anchor}">{html.escape(name)}</a><br>' for name, anchor in sorted(set(names)))
    title = f"hotline {box} ({face.title})"
    return page(title, f'<p><a href="index.html">hotline</a></p><h1>{box} <small>{face.title}</small></h1><nav>{index}</nav>' + "\n".join(sections)), len(names)


def main(target: str) -> int:
    out = Path(target)
    out.mkdir(parents=True, exist_ok=True)
    rows: dict[str, dict[str, str]] = {}
    total = 0
    for face in FACES:
        boxes: dict[str, list[Path]] = {}
        for path in sorted(face.folder.glob(face.pattern)):
            if path.suffix in (".hpp", ".h", ".py", ".pyi") and "cli" not in path.parts and not path.stem.startswith("__main"):
                boxes.setdefault(box_of(face, path), []).append(path)
        for box, files in boxes.items():
            text, count = box_page(face, box, files)
            name = f"{box}.{face.title.lower().replace('++', 'pp')}.html"
            (out / name).write_text(text, encoding="utf-8")
            rows.setdefault(box, {})[face.title] = f'<a href="{name}">{count} names</a>'
            total += count
    guides = "".join(
        f"<li><a href='{path.resolve().as_uri()}'>{path.stem}</a></li>" for path in sorted((ROOT / "docs").glob("*.md"))
    )
    table = "".join(
        f"<tr><th align=left>{box}</th>" + "".join(f"<td>{faces.get(face.title, '')}</td>" for face in FACES) + "</tr>"
        for box, faces in sorted(rows.items())
    )
    heads = "".join(f"<th align=left>{face.title}</th>" for face in FACES)
    (out / "index.html").write_text(
        page("hotline", f"<h1>hotline</h1><table cellpadding=6><tr><th></th>{heads}</tr>{table}</table><h2>Guides</h2><ul>{guides}</ul>"),
        encoding="utf-8",
    )
    print(f"{total} names of {len(rows)} boxes in {out / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2] or ["build/docs"]))
