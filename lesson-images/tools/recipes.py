"""What images there are, what each stands on, and the hash of what goes into it. Reads folders; knows no Docker."""

import dataclasses
import hashlib
import os
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent

SUITE = "bookworm"
REGISTRY_IMAGE = "debian:bookworm-slim"
# Empty: the one mmdebstrap takes by itself.
MIRROR = os.environ.get("GRADUS_DEBIAN_MIRROR", "")

# Goes into every hash: raise it when the way images are built changes but no file of an image does.
BUILDER_VERSION = "2"

# Kept out of the images. Licences stay, as their terms ask.
UNWANTED_PATHS = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*", "/usr/share/lintian/*"]
WANTED_PATHS = ["/usr/share/doc/*/copyright", "/usr/share/locale/locale.alias"]


class RecipeError(Exception):
    pass


@dataclasses.dataclass(frozen=True)
class Recipe:
    name: str
    parent: str | None
    folder: pathlib.Path | None  # None: the Debian root below everything
    registry_image: str | None
    summary: str
    hash: str

    @property
    def tag(self):
        return f"gradus/{self.name}"

    @property
    def pinned_tag(self):
        return f"{self.tag}:{self.hash}"

    @property
    def latest_tag(self):
        return f"{self.tag}:latest"


def load(registry_image=None):
    """Every recipe, each after the one it stands on."""
    debian = debian_recipe(registry_image)
    known = {debian.name: debian}
    waiting = {"base": ROOT / "base"}
    waiting |= {folder.parent.name: folder.parent for folder in sorted(ROOT.glob("images/*/Dockerfile"))}
    while waiting:
        ready = [name for name, folder in waiting.items() if parent_of(folder) in known]
        if not ready:
            raise RecipeError(f"these images stand on nothing that is here: {', '.join(waiting)}")
        for name in ready:
            folder = waiting.pop(name)
            known[name] = folder_recipe(name, folder, known[parent_of(folder)])
    return list(known.values())


def select(recipes, names):
    """The named recipes and all they stand on, in building order; all when none is named."""
    by_name = {recipe.name: recipe for recipe in recipes}
    wanted = set()
    for name in names or by_name:
        while name is not None:
            if name not in by_name:
                raise RecipeError(f"there is no image called {name}; there are: {', '.join(by_name)}")
            wanted.add(name)
            name = by_name[name].parent
    return [recipe for recipe in recipes if recipe.name in wanted]


def debian_recipe(registry_image):
    inputs = [registry_image] if registry_image else [SUITE, MIRROR, *UNWANTED_PATHS, *WANTED_PATHS]
    source = registry_image or f"mmdebstrap from {MIRROR or 'its own mirror'}"
    return Recipe("debian", None, None, registry_image, f"Debian {SUITE} ({source})", digest(inputs))


def folder_recipe(name, folder, parent):
    return Recipe(name, parent.name, folder, None, summary_of(folder), digest([parent.hash, *folder_inputs(folder)]))


def parent_of(folder):
    found = re.search(r"^FROM gradus/([a-z0-9-]+)\s*$", (folder / "Dockerfile").read_text(), re.MULTILINE)
    if not found:
        raise RecipeError(f"{folder / 'Dockerfile'}: needs a line `FROM gradus/<image>`")
    return found.group(1)


def summary_of(folder):
    """The first comment line of the Dockerfile."""
    first = (folder / "Dockerfile").read_text().partition("\n")[0]
    return first.removeprefix("#").strip()


def folder_inputs(folder):
    """Name, executable bit and content of every file, in an order that does not depend on the file system."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"{path.relative_to(folder)} {os.access(path, os.X_OK)}"
            yield path.read_bytes()


def digest(inputs):
    sha = hashlib.sha256()
    for part in [BUILDER_VERSION, *inputs]:
        data = part if isinstance(part, bytes) else part.encode()
        sha.update(f"{len(data)}:".encode() + data)
    return sha.hexdigest()[:16]
