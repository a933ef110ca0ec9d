"""The same test run by other means: the bare process in the image's files, bubblewrap on them, and Docker's own ways."""

import pathlib
import shutil
import subprocess

# What every route runs, by whatever means. Its path says where it is, so no route needs a folder to be in.
TESTS = ["python3", "-B", "/work/tests/run.py"]
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}


def said(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Rootfs:
    """The files of an image on disk, a lesson's solution in /work, and a container of the same image that waits."""

    def __init__(self, image, folder, lesson):
        self.image = image
        identity = said("docker", "image", "inspect", "--format", "{{.Id}}", image).removeprefix("sha256:")[:16]
        self.path = pathlib.Path(folder) / f"rootfs-{identity}"
        if not self.path.exists():
            self.unpack()
        self.work = self.path / "work"
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.copytree(lesson / "files", self.work)
        shutil.copytree(lesson / "solution", self.work, dirs_exist_ok=True)
        self.waiting = None

    def unpack(self):
        for older in self.path.parent.glob("rootfs-*"):
            shutil.rmtree(older)
        half = self.path.with_name("half-" + self.path.name)
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir()
        container = said("docker", "create", self.image)
        try:
            subprocess.run(f"docker export {container} | tar -x -C '{half}'", shell=True, check=True)
        finally:
            said("docker", "rm", container)
        half.rename(self.path)

    def program(self, *argv):
        # The environment is for the program that is measured; commands of this machine find their own by their path.
        return {"argv": [shutil.which(argv[0]) or argv[0], *argv[1:]], "environment": ENVIRONMENT}

    def bare(self):
        return self.program("chroot", str(self.path), *TESTS)

    def bubblewrap(self):
        if not shutil.which("bwrap"):
            raise RuntimeError("bubblewrap is not installed (apt-get install bubblewrap)")
        walls = ["--unshare-all", "--die-with-parent", "--ro-bind", str(self.path), "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]
        return self.program("bwrap", *walls, *TESTS)

    def docker_run(self, *command):
        mount = ["--volume", f"{self.work}:/work:ro"]
        return self.program("docker", "run", "--rm", "--network", "none", *mount, self.image, *(command or TESTS))

    def docker_exec(self):
        if self.waiting is None:
            mount = ["--volume", f"{self.work}:/work:ro"]
            self.waiting = said("docker", "run", "--detach", "--rm", "--network", "none", *mount, self.image, "sleep", "3600")
        return self.program("docker", "exec", self.waiting, *TESTS)

    def close(self):
        if self.waiting:
            said("docker", "rm", "--force", self.waiting)
