"""The few things asked of Docker and mmdebstrap. Knows how to make an image, not when."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import recipes

# Passed to builds because Docker knows these names and keeps them out of the image and of its history.
PROXY_VARIABLES = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy"]

# Makes the merged /usr by hand; otherwise a package does it that brings 47 MB of Perl along.
MERGED_USR = ["--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr", "--include=usr-is-merged"]

# Lines of a failed step's output that are shown.
TAIL_LINES = 40


class EngineError(Exception):
    pass


def tags():
    """{tag: image id} of everything called gradus/…"""
    lines = output(["docker", "image", "ls", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}", "gradus/*"])
    return dict(line.split(" ", 1) for line in lines.splitlines())


def make(recipe, no_cache, verbose):
    """Builds the image and returns its id."""
    if recipe.folder is not None:
        return build_folder(recipe, no_cache, verbose)
    if recipe.registry_image:
        run(["docker", "pull", recipe.registry_image], verbose)
        return image_id(recipe.registry_image)
    return bootstrap(verbose)


def build_folder(recipe, no_cache, verbose):
    # The host's network: the build reaches what the host reaches, proxies and private mirrors included.
    command = ["docker", "build", "--network", "host", "--force-rm"]
    command += ["--no-cache"] if no_cache else []
    for name, value in proxies().items():
        command += ["--build-arg", f"{name}={value}"]
    with tempfile.TemporaryDirectory() as scratch:
        id_file = pathlib.Path(scratch, "id")
        run([*command, "--iidfile", str(id_file), str(recipe.folder)], verbose)
        return id_file.read_text().strip()


def bootstrap(verbose):
    """A Debian root from packages alone, for machines that reach a package mirror but no registry."""
    if not shutil.which("mmdebstrap"):
        raise EngineError("mmdebstrap is missing: `apt-get install mmdebstrap`, or use --from-registry")
    options = [f"--dpkgopt=path-exclude={path}" for path in recipes.UNWANTED_PATHS]
    options += [f"--dpkgopt=path-include={path}" for path in recipes.WANTED_PATHS]
    with tempfile.TemporaryDirectory() as scratch:
        root = os.path.join(scratch, "root.tar")
        run(["mmdebstrap", "--variant=apt", *MERGED_USR, *options, recipes.SUITE, root, *sources()], verbose, proxies())
        return output(["docker", "import", root])


def sources():
    """Releases to take packages from; security updates lie on a mirror under a second name.

    None named, mmdebstrap takes Debian's own, updates and security included.
    """
    if not recipes.MIRROR:
        return
    yield f"deb {recipes.MIRROR} {recipes.SUITE} main"
    yield f"deb {recipes.MIRROR} {recipes.SUITE}-updates main"
    yield f"deb {recipes.MIRROR}-security {recipes.SUITE}-security main"


def lint(image):
    """Refuses an image that would be slow or unsafe to use."""
    script = (recipes.ROOT / "tools" / "lint.sh").read_text()
    command = ["docker", "run", "--rm", "--interactive", "--network", "none", "--entrypoint", "/bin/sh", image, "-s"]
    done = subprocess.run(command, input=script, capture_output=True, text=True)
    if done.returncode != 0:
        raise EngineError(f"the image is not fit for use:\n{done.stdout}{done.stderr}")


def tag(image, name):
    output(["docker", "tag", image, name])


def size_mb(image):
    return int(output(["docker", "image", "inspect", "--format", "{{.Size}}", image])) // 1_000_000


def image_id(name):
    return output(["docker", "image", "inspect", "--format", "{{.Id}}", name])


def prune(all_recipes):
    """Removes images of our names whose inputs are no longer those on disk."""
    current = {tag for recipe in all_recipes for tag in (recipe.pinned_tag, recipe.latest_tag)}
    ours = tuple(f"{recipe.tag}:" for recipe in all_recipes)
    for stale in sorted(set(tags()) - current):
        if stale.startswith(ours):
            print(f"  {stale} removed")
            # A container may still use it; it goes at the next pruning.
            subprocess.run(["docker", "image", "rm", stale], capture_output=True)


def proxies():
    """The host's proxies, from its environment or else from its apt configuration."""
    found = {name: os.environ.get(name) or os.environ.get(name.upper()) for name in PROXY_VARIABLES}
    if not found["http_proxy"] and shutil.which("apt-config"):
        found["http_proxy"] = output(["apt-config", "dump", "--format", "%v", "Acquire::http::Proxy"])
    return {name: value for name, value in found.items() if value}


def run(command, verbose, extra_environment=None):
    """Runs a long step; what it prints is shown only when asked for, or its end when it fails."""
    environment = {**os.environ, **(extra_environment or {})}
    if verbose:
        failed = subprocess.run(command, env=environment).returncode != 0
        tail = ""
    else:
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        failed = done.returncode != 0
        tail = "\n".join(done.stdout.splitlines()[-TAIL_LINES:])
    if failed:
        raise EngineError(f"`{' '.join(command[:2])} …` failed\n{tail}")


def output(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        raise EngineError(f"{command[0]} is not installed") from None
    if done.returncode != 0:
        raise EngineError(f"`{' '.join(command)}` failed: {done.stderr.strip()}")
    return done.stdout.strip()
