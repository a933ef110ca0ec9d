"""Lesson folders as `check` sees them. The crate `lesson` is the judge of a manifest; this only reads what it needs."""

import dataclasses
import pathlib
import re
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent / "lessons"

# Instructions shorter than this say too little; longer ones are not read.
WORDS = range(300, 701)
HINTS = range(2, 4)

class LessonError(Exception):
    pass


@dataclasses.dataclass
class Lesson:
    slug: str
    folder: pathlib.Path
    manifest: dict

    @property
    def words(self):
        """Words of the instructions, those in code blocks left out."""
        text = re.sub(r"```.*?```", "", (self.folder / "instructions.md").read_text(), flags=re.DOTALL)
        return len(re.findall(r"\w[\w'’-]*", text))

    def problems(self):
        """What an author should mend that no run would show."""
        if self.words not in WORDS:
            yield f"the instructions have {self.words} words, not {WORDS.start} to {WORDS.stop - 1}"
        if len(self.manifest.get("hints", [])) not in HINTS:
            yield "there should be two or three hints"
        declared = {spec["path"] for spec in self.manifest["files"]}
        editable = {spec["path"] for spec in self.manifest["files"] if spec["role"] == "editable"}
        for path in below(self.folder / "files") - declared:
            yield f"files/{path} is not declared in lesson.toml"
        for path in below(self.folder / "solution") - editable:
            yield f"solution/{path} is not an editable file"
        if "!" in re.sub(r"```.*?```|`[^`]*`|!\[", "", (self.folder / "instructions.md").read_text(), flags=re.DOTALL):
            yield "the instructions hold an exclamation mark"


def below(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts}


def load(slugs):
    folders = [ROOT / slug for slug in slugs] or sorted(path.parent for path in ROOT.glob("*/lesson.toml"))
    loaded = []
    for folder in folders:
        try:
            manifest = tomllib.loads((folder / "lesson.toml").read_text())
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise LessonError(f"{folder.name}: {error}") from None
        loaded.append(Lesson(folder.name, folder, manifest))
    return loaded
